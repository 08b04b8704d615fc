/**
 * The part of a configuration that a running daemon can take over, as a text that travels over the admin API: everything
 * but the private key. It is JSON, which the daemon reads without the YAML library (that takes a second for what a file
 * may hold, while links wait); the checks are those of a file.
 */
import { formatHostPort, formatUnderlay } from './address.ts';
import type { Config } from './config.ts';
import { NO_PASSWORD } from './defaults.ts';
import { readJson } from './json-tree.ts';
import { loadTree } from './load.ts';
import type { Problem } from './problem.ts';

/** The text for a configuration. It holds passwords: for the admin socket only. */
export function renderReloadable(config: Config): string {
  const { tun, lan, admin, firewall, metrics, log } = config;
  const password = admin.password ?? NO_PASSWORD;
  return JSON.stringify({
    // The key does not travel; a name of a file satisfies the schema.
    identity: { privateKeyFile: 'stays-where-it-is' },
    tun: { enabled: String(tun.enabled), name: tun.name, mtu: tun.mtu },
    listen: config.listen.map(formatUnderlay),
    lan: { ...lan },
    peers: config.peers.map((peer) => withoutNull({ ...peer, endpoint: formatUnderlay(peer.endpoint) })),
    accept: config.accept.map((user) => withoutNull({ ...user })),
    supernodes: config.supernodes,
    admin: withoutNull({ listen: formatHostPort(admin), password, readonlyPassword: admin.readonlyPassword }),
    firewall: {
      inbound: firewall.inbound,
      allow: firewall.allow.map((rule) => (rule.protocol === 'icmp' ? 'icmp' : `${rule.protocol}/${rule.port}`)),
    },
    metrics: { listen: metrics.listen === null ? 'off' : formatHostPort(metrics.listen) },
    crypto: config.crypto,
    user: config.user,
    log: { ...log },
  });
}

/** Reads it again, with all checks of a file. */
export function readReloadable(
  text: string,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const read = readJson(text);
  if (read.ok) return loadTree(read.tree);
  return {
    ok: false,
    problems: [{ line: 1, column: 1, path: '', message: `the text ${read.message}`, suggestion: null }],
  };
}

function withoutNull(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
