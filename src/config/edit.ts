/**
 * Changes to the text of a configuration that leave every other byte, comments above all, as it was: the document tells
 * where things stand, and lines are put in or taken out there. What is laid out in an unusual way (lists in one line,
 * JSON) is left to the library, which keeps comments but lays the file out anew.
 *
 * Each change is checked: the new text must load, and hold what was asked for.
 */

import * as yaml from 'yaml';
import { MeshError } from '../base/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import type { PeerToDial } from '../link/index.ts';
import { MAX_PEERS } from '../link/index.ts';
import { formatEndpoint } from '../underlay/index.ts';
import type { Config, UserConfig } from './config.ts';
import { loadConfig } from './load.ts';
import { peerId, placePeer } from './peer-entry.ts';

/** Fields of a new entry in their order; null is left out. */
type Entry = Readonly<Record<string, string | readonly string[] | null>>;
type ListName = 'peers' | 'accept';

/** Adds somebody to dial. @throws as `addPeers` */
export function addPeer(text: string, peer: PeerToDial): string {
  return addPeers(text, [peer]);
}

/**
 * Adds several at once: the text is read a fixed number of times, however many they are. Who is there already, and is
 * the same, stays untouched.
 * @param update entries at the same endpoint give way, else they are refused
 * @throws MeshError ERR_EDIT (what `placePeer` refuses, too many, or the text cannot be changed)
 */
export function addPeers(text: string, peers: readonly PeerToDial[], update = false): string {
  let present = configOf(text).peers;
  const gone = new Set<string>();
  const added: PeerToDial[] = [];
  for (const peer of peers) {
    const placed = placePeer(peer, present, update);
    if (!placed.ok) throw new MeshError('ERR_EDIT', placed.problem, sentence(placed.remedy));
    const { entry, replaces, isThere } = placed;
    if (isThere) continue;
    for (const one of replaces) gone.add(peerId(one));
    present = [...present.filter((one) => !replaces.includes(one)), entry];
    added.push(entry);
  }
  if (present.length > MAX_PEERS)
    throw new MeshError('ERR_EDIT', `a node has ${MAX_PEERS} peers at most`, 'Remove one first: fcmesh peer remove');
  const rest = removePeers(text, (peer) => gone.has(peerId(peer))) ?? text;
  return addAll(rest, 'peers', added.map(entryOf));
}

function entryOf({ endpoints: [first, ...others], key, login, password, name }: PeerToDial): Entry {
  return {
    ...(others.length === 0
      ? { endpoint: formatEndpoint(first) }
      : { endpoints: [first, ...others].map(formatEndpoint) }),
    key: formatPublicKey(key),
    login,
    password: password.revealText(),
    name,
  };
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Adds somebody who may dial us. @throws MeshError ERR_EDIT (same login, or the text cannot be changed) */
export function addUser(text: string, user: UserConfig): string {
  return addUsers(text, [user]);
}

/** Adds several at once, as `addPeers`. @throws as `addUser` */
export function addUsers(text: string, users: readonly UserConfig[]): string {
  const known = new Set(configOf(text).accept.map(({ login }) => login));
  for (const { login } of users) {
    if (known.has(login)) throw new MeshError('ERR_EDIT', `the login "${login}" is in the configuration already`);
    known.add(login);
  }
  const entries = users.map(({ login, password, name }) => ({ login, password: password.revealText(), name }));
  return addAll(text, 'accept', entries);
}

/** Removes all peers that `isMeant`. @returns null if there are none. @throws MeshError ERR_EDIT */
export function removePeers(text: string, isMeant: (peer: PeerToDial) => boolean): string | null {
  return removeAll(text, 'peers', configOf(text).peers.map(isMeant));
}

/** Removes a login. @returns null if there is none. @throws MeshError ERR_EDIT */
export function removeUser(text: string, login: string): string | null {
  const isMeant = configOf(text).accept.map((user) => user.login === login);
  return removeAll(text, 'accept', isMeant);
}

function removeAll(text: string, list: ListName, isMeant: readonly boolean[]): string | null {
  // The last one first: what stands before it keeps its place.
  const gone = isMeant.flatMap((meant, index) => (meant ? [index] : [])).reverse();
  if (gone.length === 0) return null;
  const good = (result: string) => countOf(result, list) === isMeant.length - gone.length;
  return firstGood([() => cutLines(text, list, gone), () => rewrite(text, list, gone, [])], good);
}

function addAll(text: string, list: ListName, entries: readonly Entry[]): string {
  if (entries.length === 0) return text;
  const wanted = configOf(text)[list].length + entries.length;
  const good = (result: string) => countOf(result, list) === wanted;
  return firstGood([() => putLines(text, list, entries), () => rewrite(text, list, [], entries)], good);
}

/** The first way that leads to a good text. */
function firstGood(ways: readonly (() => string | null)[], good: (text: string) => boolean): string {
  for (const way of ways) {
    const result = way();
    if (result !== null && good(result)) return result;
  }
  const remedy = 'Edit the file by hand, and try "fcmesh check".';
  throw new MeshError('ERR_EDIT', 'the configuration is laid out in a way that cannot be changed by itself', remedy);
}

function configOf(text: string): Config {
  const loaded = loadConfig(text);
  if (!loaded.ok) throw new MeshError('ERR_EDIT', 'the configuration has mistakes', 'Try "fcmesh check".');
  return loaded.config;
}

function countOf(text: string, list: ListName): number {
  const loaded = loadConfig(text);
  return loaded.ok ? loaded.config[list].length : -1;
}

/** The tree of a text that `configOf` took. */
function parse(text: string): yaml.Document.Parsed {
  return yaml.parseDocument(text, { uniqueKeys: false });
}

/** Puts the lines of entries behind the last one. */
function putLines(text: string, list: ListName, entries: readonly Entry[]): string | null {
  const linesAt = (indent: string) => entries.map((entry) => linesOf(entry, indent)).join('');
  const document = parse(text);
  if (!yaml.isMap(document.contents) || document.contents.flow === true) return null;
  const pair = pairOf(document.contents, list);
  if (pair === null) {
    const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `${start}\n${list}:\n${linesAt('  ')}`;
  }
  const { value } = pair;
  if (!yaml.isSeq(value)) return null;
  if (value.items.length === 0) {
    const [start, end] = value.range ?? [-1, -1];
    if (start < 0 || text.slice(start, end) !== '[]') return null;
    // `peers: []   # comment` becomes `peers:     # comment`: the comment stays in its column.
    const line = lineEnd(text, end);
    const head = `${text.slice(0, start)}  ${text.slice(end, line)}`.replace(/[ \t]+$/, '');
    return `${head}\n${linesAt('  ')}${text.slice(line + 1)}`;
  }
  if (value.flow === true) return null;
  const last = value.items.at(-1);
  const dash = dashOf(text, last);
  if (dash === null) return null;
  const line = lineEnd(text, lastOffset(last));
  const before = text.slice(0, line);
  return `${before}\n${linesAt(dash)}${text.slice(line + 1)}`;
}

/** Takes the lines of entries out. @param gone their indices, the last one first */
function cutLines(text: string, list: ListName, gone: readonly number[]): string | null {
  const document = parse(text);
  if (!yaml.isMap(document.contents) || document.contents.flow === true) return null;
  const pair = pairOf(document.contents, list);
  if (pair === null || !yaml.isSeq(pair.value) || pair.value.flow === true) return null;
  const kept: string[] = [];
  let rest = text.length;
  for (const index of gone) {
    const item = pair.value.items[index];
    if (dashOf(text, item) === null) return null;
    kept.push(text.slice(Math.min(rest, lineEnd(text, lastOffset(item)) + 1), rest));
    rest = lineStart(text, startOf(item));
  }
  const without = [text.slice(0, rest), ...kept.reverse()].join('');
  if (pair.value.items.length > gone.length) return without;
  // The last one goes: `peers:   # comment` becomes `peers: [] # comment`.
  if (!yaml.isScalar(pair.key) || pair.key.range === null || pair.key.range === undefined) return null;
  const colon = text.indexOf(':', pair.key.range[1]);
  return `${without.slice(0, colon + 1)} []${without.slice(colon + 1).replace(/^ {1,3}(?= )/, '')}`;
}

/** The library's way: everything is laid out anew, comments are kept. */
function rewrite(text: string, list: ListName, gone: readonly number[], added: readonly Entry[]): string | null {
  const document = parse(text);
  for (const index of gone) document.deleteIn([list, index]);
  const entries = added.map((entry) => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)));
  const present = document.hasIn([list]);
  if (present) for (const entry of entries) document.addIn([list], document.createNode(entry));
  else if (entries.length > 0) document.set(list, document.createNode(entries));
  return document.toString({ lineWidth: 0 });
}

function pairOf(map: yaml.YAMLMap, name: string): yaml.Pair | null {
  return map.items.find((pair) => yaml.isScalar(pair.key) && pair.key.value === name) ?? null;
}

function linesOf(entry: Entry, indent: string): string {
  const fields = Object.entries(entry).filter(([, value]) => value !== null);
  return fields
    .map(([key, value], index) => `${indent}${index === 0 ? '- ' : '  '}${key}:${valueText(value ?? '', indent)}\n`)
    .join('');
}

function valueText(value: string | readonly string[], indent: string): string {
  if (typeof value === 'string') return ` ${scalar(value)}`;
  return value.map((one) => `\n${indent}    - ${scalar(one)}`).join('');
}

/** A value as it is written: plain where nobody could take it for something else. */
function scalar(value: string): string {
  return yaml.stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}

/** What stands in front of the dash of an item; null if the item does not begin its line. */
function dashOf(text: string, item: unknown): string | null {
  const at = startOf(item);
  if (at < 0) return null;
  const match = /^([ ]*)-[ ]+$/.exec(text.slice(lineStart(text, at), at));
  return match?.[1] ?? null;
}

function startOf(item: unknown): number {
  return yaml.isNode(item) ? (item.range?.[0] ?? -1) : -1;
}

/** Where the last value inside a node ends. */
function lastOffset(node: unknown): number {
  if (yaml.isMap(node)) {
    const last = node.items.at(-1);
    return last === undefined ? (node.range?.[1] ?? -1) : Math.max(lastOffset(last.key), lastOffset(last.value));
  }
  const item = yaml.isSeq(node) && node.flow !== true ? node.items.at(-1) : undefined;
  if (item !== undefined) return lastOffset(item);
  return yaml.isNode(node) ? (node.range?.[1] ?? -1) : -1;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
