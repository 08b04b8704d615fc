/**
 * The part of a configuration that a running daemon can take over, as a text that travels over the admin API: everything
 * but the private key. It is JSON, which the daemon reads without the YAML library (that takes a second for what a file
 * may hold, while links wait); the checks are those of a file.
 */

import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { formatPublicKey } from '../crypto/index.ts';
import { formatFirewallRule } from '../tun/index.ts';
import { formatEndpoint, formatHostPort } from '../underlay/index.ts';
import type { Config } from './config.ts';
import { cutJson, NOTHING_CUT } from './cut-password.ts';
import { readJson } from './json-tree.ts';
import { loadTree } from './load.ts';
import { NO_PASSWORD } from './names.ts';
import type { Problem } from './problem.ts';

/** The text for a configuration. It holds passwords: for the admin socket only. */
export function renderReloadable(config: Config): string {
  const { tun, lan, admin, firewall, metrics, log } = config;
  const password = admin.password?.revealText() ?? NO_PASSWORD;
  return JSON.stringify({
    // The key does not travel; a name of a file satisfies the schema.
    identity: { privateKeyFile: 'stays-where-it-is' },
    tun: { enabled: String(tun.enabled), name: tun.name, mtu: tun.mtu },
    listen: config.listen.map(formatEndpoint),
    lan: { ...lan },
    peers: config.peers.map(({ endpoints: [first, ...others], key, login, password: secret, name }) =>
      withoutNull({
        // One as it always was written: the daemon may be older than what sends this.
        ...(others.length === 0
          ? { endpoint: formatEndpoint(first) }
          : { endpoints: [first, ...others].map(formatEndpoint) }),
        key: formatPublicKey(key),
        login,
        password: secret.revealText(),
        name,
      }),
    ),
    accept: config.accept.map((user) => withoutNull({ ...user, password: user.password.revealText() })),
    supernodes: config.supernodes.map(formatPublicKey),
    admin: withoutNull({
      listen: formatHostPort(admin.listen),
      password,
      readonlyPassword: admin.readonlyPassword?.revealText() ?? null,
    }),
    firewall: {
      inbound: firewall.inbound,
      allow: firewall.allow.map(formatFirewallRule),
    },
    metrics: { listen: metrics.listen === null ? 'off' : formatHostPort(metrics.listen) },
    crypto: config.crypto,
    user: config.user,
    log: { ...log },
  });
}

/** Reads it again, with all checks of a file. @param bytes are wiped: there are passwords in them */
export function readReloadable(
  bytes: Uint8Array,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { text, passwords } = isUtf8(whole) ? cutJson(whole, randomUUID()) : { text: '', passwords: NOTHING_CUT };
  bytes.fill(0);
  const read = readJson(text);
  if (read.ok) return loadTree(read.tree, passwords);
  return {
    ok: false,
    problems: [{ line: 1, column: 1, path: '', message: `the text ${read.message}`, suggestion: null }],
  };
}

function withoutNull(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
