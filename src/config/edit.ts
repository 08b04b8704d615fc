/**
 * Changes to the text of a configuration that leave every other byte, comments above all, as it was: the document tells
 * where things stand, and lines are put in or taken out there. What is laid out in an unusual way (lists in one line,
 * JSON) is left to the library, which keeps comments but lays the file out anew.
 *
 * Each change is checked: the new text must load, and hold what was asked for.
 */
import * as yaml from 'yaml';
import { MeshError } from '../base/index.ts';
import { formatUnderlay, type Underlay } from './address.ts';
import type { Config, PeerConfig, UserConfig } from './config.ts';
import { loadConfig } from './load.ts';

/** Fields of a new entry in their order; null is left out. */
type Entry = Readonly<Record<string, string | null>>;
type ListName = 'peers' | 'accept';

/** Adds somebody to dial. @throws MeshError ERR_EDIT (there already, or the text can not be changed) */
export function addPeer(text: string, peer: PeerConfig): string {
  const { endpoint, key, login, password, name } = peer;
  const same = (one: PeerConfig) => one.key === key && formatUnderlay(one.endpoint) === formatUnderlay(endpoint);
  if (configOf(text).peers.some(same)) throw new MeshError('ERR_EDIT', 'this peer is in the configuration already');
  return add(text, 'peers', { endpoint: formatUnderlay(endpoint), key, login, password, name });
}

/** Adds somebody who may dial us. @throws MeshError ERR_EDIT (same login, or the text can not be changed) */
export function addUser(text: string, user: UserConfig): string {
  if (configOf(text).accept.some(({ login }) => login === user.login))
    throw new MeshError('ERR_EDIT', `the login "${user.login}" is in the configuration already`);
  return add(text, 'accept', { login: user.login, password: user.password, name: user.name });
}

/** Removes all peers that `isMeant`. @returns null if there are none. @throws MeshError ERR_EDIT */
export function removePeers(text: string, isMeant: (peer: PeerConfig) => boolean): string | null {
  return removeAll(text, 'peers', (config) => config.peers.findIndex(isMeant));
}

/** Removes a login. @returns null if there is none. @throws MeshError ERR_EDIT */
export function removeUser(text: string, login: string): string | null {
  return removeAll(text, 'accept', (config) => config.accept.findIndex((user) => user.login === login));
}

function removeAll(text: string, list: ListName, find: (config: Config) => number): string | null {
  let current = text;
  for (;;) {
    const config = configOf(current);
    const index = find(config);
    if (index < 0) return current === text ? null : current;
    const wanted = config[list].length - 1;
    const good = (result: string) => countOf(result, list) === wanted;
    current = firstGood([() => cutLines(current, list, index), () => rewrite(current, list, index, null)], good);
  }
}

function add(text: string, list: ListName, entry: Entry): string {
  const wanted = configOf(text)[list].length + 1;
  const good = (result: string) => countOf(result, list) === wanted;
  return firstGood([() => putLines(text, list, entry), () => rewrite(text, list, null, entry)], good);
}

/** The first way that leads to a good text. */
function firstGood(ways: readonly (() => string | null)[], good: (text: string) => boolean): string {
  for (const way of ways) {
    const result = way();
    if (result !== null && good(result)) return result;
  }
  const remedy = 'Edit the file by hand, and try "fcmesh check".';
  throw new MeshError('ERR_EDIT', 'the configuration is laid out in a way that can not be changed by itself', remedy);
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

/** Puts the lines of an entry behind the last one. */
function putLines(text: string, list: ListName, entry: Entry): string | null {
  const document = yaml.parseDocument(text);
  if (!yaml.isMap(document.contents) || document.contents.flow === true) return null;
  const pair = pairOf(document.contents, list);
  if (pair === null) {
    const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `${start}\n${list}:\n${linesOf(entry, '  ')}`;
  }
  const { value } = pair;
  if (!yaml.isSeq(value)) return null;
  if (value.items.length === 0) {
    const [start, end] = value.range ?? [-1, -1];
    if (start < 0 || text.slice(start, end) !== '[]') return null;
    // `peers: []   # comment` becomes `peers:     # comment`: the comment stays in its column.
    const line = lineEnd(text, end);
    const head = `${text.slice(0, start)}  ${text.slice(end, line)}`.replace(/[ \t]+$/, '');
    return `${head}\n${linesOf(entry, '  ')}${text.slice(line + 1)}`;
  }
  if (value.flow === true) return null;
  const last = value.items.at(-1);
  const dash = dashOf(text, last);
  if (dash === null) return null;
  const line = lineEnd(text, lastOffset(last));
  const before = text.slice(0, line);
  return `${before}\n${linesOf(entry, dash)}${text.slice(line + 1)}`;
}

/** Takes the lines of an entry out. */
function cutLines(text: string, list: ListName, index: number): string | null {
  const document = yaml.parseDocument(text);
  if (!yaml.isMap(document.contents) || document.contents.flow === true) return null;
  const pair = pairOf(document.contents, list);
  if (pair === null || !yaml.isSeq(pair.value) || pair.value.flow === true) return null;
  const item = pair.value.items[index];
  const dash = dashOf(text, item);
  if (dash === null) return null;
  const start = lineStart(text, startOf(item));
  const end = Math.min(text.length, lineEnd(text, lastOffset(item)) + 1);
  const without = text.slice(0, start) + text.slice(end);
  if (pair.value.items.length > 1) return without;
  // The last one goes: `peers:   # comment` becomes `peers: [] # comment`.
  if (!yaml.isScalar(pair.key) || pair.key.range === null || pair.key.range === undefined) return null;
  const colon = text.indexOf(':', pair.key.range[1]);
  const rest = without.slice(colon + 1);
  return `${without.slice(0, colon + 1)} []${rest.replace(/^ {1,3}(?= )/, '')}`;
}

/** The library's way: everything is laid out anew, comments are kept. */
function rewrite(text: string, list: ListName, removed: number | null, added: Entry | null): string | null {
  const document = yaml.parseDocument(text);
  if (removed !== null) document.deleteIn([list, removed]);
  if (added !== null) {
    const entry = Object.fromEntries(Object.entries(added).filter(([, value]) => value !== null));
    if (document.hasIn([list])) document.addIn([list], document.createNode(entry));
    else document.set(list, document.createNode([entry]));
  }
  return document.toString({ lineWidth: 0 });
}

function pairOf(map: yaml.YAMLMap, name: string): yaml.Pair | null {
  return map.items.find((pair) => yaml.isScalar(pair.key) && pair.key.value === name) ?? null;
}

function linesOf(entry: Entry, indent: string): string {
  const fields = Object.entries(entry).filter(([, value]) => value !== null);
  return fields
    .map(([key, value], index) => `${indent}${index === 0 ? '- ' : '  '}${key}: ${scalar(value ?? '')}\n`)
    .join('');
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
  return yaml.isNode(node) ? (node.range?.[1] ?? -1) : -1;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** A peer as the configuration has it, for comparisons. */
export function samePeer(a: PeerConfig, b: PeerConfig): boolean {
  return peerText(a) === peerText(b);
}

function peerText({ endpoint, key, login, password, name }: PeerConfig): string {
  return JSON.stringify([endpointText(endpoint), key, login, password, name]);
}

function endpointText(endpoint: Underlay): string {
  return formatUnderlay(endpoint);
}
