/**
 * One line by which somebody joins: `fcmesh://KEY@HOST:PORT?login=L&password=P&name=N` and the same as
 * stock's `connectTo` JSON: `"HOST:PORT": {"login", "password", "publicKey", "peerName"}`. Further places of the same
 * node follow in the line as `also=HOST:PORT`, which those who do not know it pass over.
 */
import { inWords } from '../base/index.ts';
import { formatPublicKey, Password, parsePublicKey } from '../crypto/index.ts';
import { MAX_ENDPOINTS, type PeerToDial } from '../link/index.ts';
import {
  asEndpoints,
  checkPeerAddress,
  type Endpoint,
  type Endpoints,
  formatEndpoint,
  formatPeerAddress,
  parsePeerAddress,
} from '../underlay/index.ts';
import { checkName, checkPassword, checkPublicKey } from './checks.ts';
import { MAX_INVITATION_BYTES } from './limits.ts';
import { parseLooseJson } from './loose-json.ts';
import { shorten } from './problem.ts';

/** The line for a peer; everything in it is percent-encoded where it must be. */
export function formatInvitation(peer: PeerToDial): string {
  const [at, ...others] = peer.endpoints.map(formatPeerAddress);
  const query = [
    ['login', peer.login],
    ['password', peer.password.revealText()],
    ['name', peer.name],
    ...others.map((other) => ['also', other] as const),
  ]
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${encodeURIComponent(value ?? '')}`)
    .join('&');
  return `fcmesh://${formatPublicKey(peer.key)}@${at}?${query}`;
}

/**
 * The same for a stock node's `connectTo`. No `version`: with 22 or more a v22 that has Noise speaks nothing else to us
 * (protocol 04 §4.1); without, it takes us for 20 until we say.
 */
export function formatConnectTo(peer: PeerToDial): string {
  // One entry: each more would be a link of its own there, for ever.
  const at = formatPeerAddress(peer.endpoints[0]);
  const fields = {
    ...(peer.login === null ? {} : { login: peer.login }),
    password: peer.password.revealText(),
    publicKey: formatPublicKey(peer.key),
    ...(peer.name === null ? {} : { peerName: peer.name }),
  };
  return JSON.stringify({ [at]: fields }, null, 2);
}

/** What a text invites to, or why it does not. */
export type Invited =
  | { readonly ok: true; readonly peers: readonly PeerToDial[] }
  | { readonly ok: false; readonly reason: string };

/** Reads a line, or the JSON of stock (braces around it or not). */
export function parseInvitation(text: string): Invited {
  if (text.length > MAX_INVITATION_BYTES) return bad('it is larger than 64 KB');
  const trimmed = text.trim();
  if (trimmed.startsWith('fcmesh://')) return parseLine(trimmed);
  // A connectTo entry as it stands in its file has no braces around it; the one we add is not counted.
  const added = trimmed.startsWith('{') ? 0 : 1;
  const read = parseLooseJson(added === 0 ? trimmed : `{${trimmed}}`);
  if (read.ok && typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value))
    return parseConnectTo(read.value as Readonly<Record<string, unknown>>);
  const what = 'it is neither a line that begins with fcmesh:// nor the JSON of a connectTo entry';
  if (read.ok || !/^[{"]/.test(trimmed)) return bad(what);
  const column = read.line === 1 ? Math.max(read.column - added, 1) : read.column;
  return bad(`${what}: line ${read.line}, column ${column}: ${read.message}`);
}

/** Reads entries of `connectTo`. */
export function parseConnectTo(json: Readonly<Record<string, unknown>>): Invited {
  const peers: PeerToDial[] = [];
  for (const [at, fields] of Object.entries(json)) {
    if (typeof fields !== 'object' || fields === null) return bad(`"${shorten(at)}" has no fields`);
    const { login, user, password, publicKey, peerName } = fields as Readonly<Record<string, unknown>>;
    // Stock logs in with `login` alone and never looks at `user`, where people wrote a name (protocol 01 §8).
    const peer = readPeer([at], publicKey, password, login, peerName ?? user);
    if (typeof peer === 'string') return bad(peer);
    peers.push(peer);
  }
  return peers.length === 0 ? bad('it names nobody') : { ok: true, peers };
}

function parseLine(line: string): Invited {
  const [, key, at, query] = /^fcmesh:\/\/([^@/?]+)@([^@/?]+)\/?(?:\?(.*))?$/.exec(line) ?? [];
  if (key === undefined || at === undefined) return bad('it must look like fcmesh://KEY@HOST:PORT?password=P');
  const values = new URLSearchParams((query ?? '').replaceAll('+', '%2B'));
  const peer = readPeer(
    [at, ...values.getAll('also')],
    key,
    values.get('password'),
    values.get('login'),
    values.get('name'),
  );
  return typeof peer === 'string' ? bad(peer) : { ok: true, peers: [peer] };
}

/** A peer of values that somebody wrote; or why there is none, as one sentence. @param at each `HOST:PORT` */
export function readPeer(
  at: readonly string[],
  key: unknown,
  password: unknown,
  login: unknown,
  name: unknown,
): PeerToDial | string {
  const endpoints = readPlaces(at);
  if (typeof endpoints === 'string') return endpoints;
  if (typeof key !== 'string') return 'the key is missing';
  const keyWrong = checkPublicKey(key);
  const publicKey = parsePublicKey(key.toLowerCase());
  if (keyWrong !== null || publicKey === null) return `the key ${keyWrong === null ? 'is none' : inWords(keyWrong)}`;
  if (typeof password !== 'string') return 'the password is missing';
  const passwordWrong = checkPassword(password);
  if (passwordWrong !== null) return `the password ${inWords(passwordWrong)}`;
  for (const [what, value] of [
    ['login', login],
    ['name', name],
  ] as const) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string') return `the ${what} is no text`;
    const mistake = checkName(value);
    if (mistake !== null) return `the ${what} ${inWords(mistake)}`;
  }
  const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    endpoints,
    key: publicKey,
    password: Password.fromText(password),
    login: textOf(login),
    name: textOf(name),
  };
}

function readPlaces(all: readonly string[]): Endpoints | string {
  if (all.length > MAX_ENDPOINTS) return `there are ${all.length} endpoints: at most ${MAX_ENDPOINTS} are dialled`;
  const read: Endpoint[] = [];
  for (const text of all) {
    const wrong = checkPeerAddress(text);
    if (wrong !== null) return `"${shorten(text)}" ${inWords(wrong)}`;
    const at = parsePeerAddress(text);
    if (at === null) return `"${shorten(text)}" is not HOST:PORT`;
    if (read.some((other) => formatEndpoint(other) === formatEndpoint(at))) return `"${shorten(text)}" is named twice`;
    read.push(at);
  }
  return asEndpoints(read) ?? 'the endpoint is missing';
}

function bad(reason: string): Invited {
  return { ok: false, reason };
}
