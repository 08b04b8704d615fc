/** From the text of the file to a `Config`, or to the list of what is wrong with it. Pure: no file is touched here. */

import { Password, type PublicKey, parsePublicKey, SecretKey } from '../crypto/index.ts';
import type { PeerToDial } from '../link/index.ts';
import { parseFirewallRule } from '../tun/index.ts';
import { type Endpoint, isLoopback, parseEndpoint, parseHostPort } from '../underlay/index.ts';
import type { AdminConfig, Config, UserConfig } from './config.ts';
import type { CutPasswords } from './cut-password.ts';
import { fallbackOf, fallbacksOf } from './keys.ts';
import { NO_PASSWORD } from './names.ts';
import { NOT_BUILT } from './not-built.ts';
import type { Problem } from './problem.ts';
import { type Place, type Reading, read, readTree, type Value } from './reader.ts';
import { schema } from './schema.ts';
import { checkTogether } from './semantics.ts';

/** A configuration and where its values stand, or why there is none (in the order of the file). */
export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly places: ReadonlyMap<string, Place> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads and validates the text of a configuration. Never throws. @param cut passwords that were taken out of it */
export function loadConfig(source: string, cut?: CutPasswords): Loaded {
  return loaded(read(source, schema, cut));
}

/** The same for a tree, as JSON gives one. Never throws. */
export function loadTree(tree: unknown, cut?: CutPasswords): Loaded {
  return loaded(readTree(tree, schema, cut));
}

function loaded(reading: Reading): Loaded {
  if (reading.value === null || reading.problems.length > 0) return { ok: false, problems: inOrder(reading.problems) };
  const root = reading.value;
  const config = build(root);
  const problems = config === null ? [] : checkTogether(config, reading.places);
  if (config === null || problems.length > 0) return { ok: false, problems: inOrder(problems) };
  return { ok: true, config, places: reading.places };
}

/** Null only where a value got past its check, which the checks of the schema exclude. */
function build(root: Value): Config | null {
  const listen = underlays(list(root, 'listen') ?? fallbacksOf('listen'));
  const admin = adminOf(root);
  const peers = (list(root, 'peers') ?? []).map(peerOf);
  const accept = (list(root, 'accept') ?? []).map(userOf);
  const supernodes = texts(list(root, 'supernodes') ?? []).map(keyOf);
  if (listen === null || admin === null || peers.includes(null) || accept.includes(null) || supernodes.includes(null))
    return null;
  const metrics = settingOf(root, 'metrics.listen');
  return {
    identity: identityOf(root),
    tun: {
      enabled: settingOf(root, 'tun.enabled') === 'true',
      name: settingOf(root, 'tun.name'),
      mtu: Number(settingOf(root, 'tun.mtu')),
    },
    listen,
    lan: {
      beacon: word(settingOf(root, 'lan.beacon'), ['on', 'listen', 'off']),
      devices: texts(list(at(root, 'lan'), 'devices') ?? fallbacksOf('lan.devices')),
      port: Number(settingOf(root, 'lan.port')),
    },
    peers: peers.filter((peer) => peer !== null),
    accept: accept.filter((user) => user !== null),
    supernodes: supernodes.filter((key) => key !== null),
    admin,
    firewall: {
      inbound: word(settingOf(root, 'firewall.inbound'), ['deny', 'allow']),
      allow: texts(list(at(root, 'firewall'), 'allow') ?? fallbacksOf('firewall.allow'))
        .map(parseFirewallRule)
        .filter((rule) => rule !== null),
    },
    metrics: { listen: metrics === 'off' ? null : parseHostPort(metrics) },
    crypto: word(settingOf(root, 'crypto'), ['auto', 'libsodium']),
    user: settingOf(root, 'user'),
    log: { level: word(settingOf(root, 'log.level'), ['info', 'error', 'warn', 'debug']) },
    warnings: [...warningsOf(root, admin), ...metricsWarning(metrics)],
  };
}

function identityOf(root: Value): Config['identity'] {
  const privateKey = SecretKey.fromHex(text(root, 'identity', 'privateKey') ?? '');
  return privateKey === null ? { privateKeyFile: text(root, 'identity', 'privateKeyFile') ?? '' } : { privateKey };
}

function adminOf(root: Value): AdminConfig | null {
  const listen = parseHostPort(settingOf(root, 'admin.listen'), true);
  const password = passwordOf(at(root, 'admin'), 'password');
  const readonlyPassword = passwordOf(at(root, 'admin'), 'readonlyPassword');
  if (listen === null) return null;
  const isNone = password?.equals(Password.fromText(NO_PASSWORD)) ?? true;
  const passwordFile = text(root, 'admin', 'passwordFile');
  return { ...listen, password: isNone ? null : password, passwordFile, readonlyPassword };
}

function peerOf(value: Value): PeerToDial | null {
  const endpoint = parseEndpoint(text(value, 'endpoint') ?? '');
  const password = passwordOf(value, 'password');
  const key = keyOf(text(value, 'key') ?? '');
  if (endpoint === null || password === null || key === null) return null;
  return {
    endpoint,
    key,
    login: text(value, 'login'),
    password,
    name: text(value, 'name'),
  };
}

/** Capitals are as good as small letters: the symbols of base32 have no others. */
function keyOf(text: string): PublicKey | null {
  return parsePublicKey(text.toLowerCase());
}

function userOf(value: Value): UserConfig | null {
  const password = passwordOf(value, 'password');
  return password === null ? null : { login: text(value, 'login') ?? '', password, name: text(value, 'name') };
}

function underlays(values: readonly Value[]): readonly Endpoint[] | null {
  const read = texts(values).map((value) => parseEndpoint(value, true));
  const good = read.filter((at) => at !== null);
  return good.length === read.length ? good : null;
}

function warningsOf(root: Value, admin: AdminConfig): readonly string[] {
  const warnings = NOT_BUILT.filter(({ section, key, inactive }) => {
    const value = text(root, section, key);
    return value !== null && value !== inactive;
  }).map(
    ({ section, key, inactive }) =>
      `${section}.${key} has no effect yet: it is not built; write "${inactive}" until it is`,
  );
  if (admin.password === null && admin.passwordFile === null) {
    warnings.push('admin.password is NONE: every program of this machine may control the daemon');
  }
  return warnings;
}

function metricsWarning(listen: string): readonly string[] {
  const at = listen === 'off' ? null : parseHostPort(listen);
  if (at === null || isLoopback(at.host)) return [];
  return [
    `metrics.listen is ${listen}: whoever reaches that address reads names and traffic of all peers, without a password`,
  ];
}

function at(value: Value | null, key: string): Value | null {
  if (value === null || typeof value === 'string' || value instanceof Password || Array.isArray(value)) return null;
  return (value as { readonly [key: string]: Value })[key] ?? null;
}

function text(value: Value, ...keys: readonly string[]): string | null {
  const found = keys.reduce<Value | null>(at, value);
  return typeof found === 'string' ? found : null;
}

/** What the file says, else what holds without it. @param path of one value, `tun.mtu` */
function settingOf(root: Value, path: string): string {
  return text(root, ...path.split('.')) ?? fallbackOf(path);
}

function passwordOf(value: Value | null, key: string): Password | null {
  const found = at(value, key);
  return found instanceof Password ? found : null;
}

function list(value: Value | null, key: string): readonly Value[] | null {
  const found = at(value, key);
  return Array.isArray(found) ? found : null;
}

function texts(values: readonly Value[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}

/** The first of `words` where `value` is none of them. */
function word<W extends string>(value: string, words: readonly [W, ...W[]]): W {
  return words.find((candidate) => candidate === value) ?? words[0];
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
