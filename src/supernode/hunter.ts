/**
 * Finding a supernode of the list, and letting go of it. Source: protocol 09 §1.
 *
 *   state    event                                        then
 *   -------  -------------------------------------------  ----------------------------------------------------
 *   hunting  3 s passed                                   ask the next peer which one it uses; a peer that is one itself
 *                                                         is a candidate; after a round look for one in the mesh
 *   hunting  one of the list is named or found            `pn` to it, over that way
 *   hunting  a candidate answers with its time            in use
 *   in use   it knows a better way to itself              `pn` over that way, then use it
 *   in use   an error on its way                          `pn` over the way: hunting unless it answers
 *   in use   announcement without answer, its way's peer  hunting; the way it had is tried first
 *            gone, taken out of the list
 *
 * Deviation: cjdns also takes supernodes that are on no list. One that a peer names could steer all our traffic, so here
 * the list alone counts. And an error frame is not believed, only checked: anybody on the way can forge it (protocol 06 §2.6).
 */
import { equal } from '../base/index.ts';
import { addressKey, addressOf, type PublicKey } from '../crypto/index.ts';
import { INVALID, isUsable, routesThrough, SELF_LABEL, splice } from '../switch/index.ts';
import type { Label } from '../wire/index.ts';
import type { Context } from './context.ts';
import { IMPROVE_MS, MAX_CANDIDATES, MAX_FAILED_WAYS, MAX_SUPERNODES, NO_PEERS_MS } from './limits.ts';
import type { Answer } from './queries.ts';
import { HUNT_MS, MIN_PROTOCOL } from './spec.ts';
import type { Way } from './types.ts';

/** What the other parts are told. */
export type HunterOptions = {
  readonly adopted: (way: Way) => void;
  readonly lost: () => void;
  /** Any reply of the supernode: it carries its time. */
  readonly heard: (answer: Answer) => void;
};

/** Finds and keeps the supernode. */
export type Hunter = {
  readonly configure: (keys: readonly PublicKey[]) => void;
  readonly configured: () => readonly PublicKey[];
  readonly tick: () => void;
  readonly named: (peerLabel: Label, key: PublicKey, protocol: number, path: Label) => void;
  readonly found: (key: PublicKey, label: Label, protocol: number) => void;
  readonly doubt: (path: Label) => void;
  readonly giveUp: (reason: string) => void;
  readonly dueMs: () => number;
};

/** Makes one that hunts as soon as it is configured. */
export function createHunter(context: Context, options: HunterOptions): Hunter {
  const { counters, crypto, identity } = context.options;
  let list: readonly { readonly key: PublicKey; readonly address: Way['address'] }[] = [];
  /** Ways that are being tried, and those that failed in this round. */
  const trying = new Set<string>();
  const failed = new Set<string>();
  let nextMs = Number.POSITIVE_INFINITY;
  let nextPeer = 0;
  let rounds = 0;
  let improvements = 0;
  let isDoubted = false;

  function configure(keys: readonly PublicKey[]): void {
    list = keys.slice(0, MAX_SUPERNODES).flatMap((key) => {
      const address = addressOf(crypto, key);
      return address === null || equal(key, identity.publicKey) ? [] : [{ key, address }];
    });
    const { inUse } = context;
    if (inUse !== null && !list.some(({ key }) => equal(key, inUse.key))) giveUp('no longer configured');
    if (list.length === 0) nextMs = Number.POSITIVE_INFINITY;
    else if (nextMs === Number.POSITIVE_INFINITY) nextMs = context.nowMs;
  }

  // ---- hunting ----

  function tick(): void {
    const { inUse, peers, nowMs } = context;
    if (inUse !== null && !peers.some((peer) => routesThrough(inUse.label, peer.label))) giveUp('its peer is gone');
    if (nowMs < nextMs) return;
    if (context.inUse !== null) return improve();
    const candidates = peers.filter((peer) => peer.protocol >= MIN_PROTOCOL);
    nextMs = nowMs + (candidates.length === 0 ? NO_PEERS_MS : HUNT_MS);
    if (candidates.length === 0) return;
    const peer = candidates[nextPeer];
    nextPeer++;
    if (peer === undefined) return endRound();
    const listed = list.find(({ key }) => equal(key, peer.key));
    if (listed !== undefined) consider({ ...listed, label: peer.label, protocol: peer.protocol });
    else context.effects.push({ type: 'askName', peerLabel: peer.label });
  }

  /** No peer knows one that answers: it may still be a node of the mesh like any other. */
  function endRound(): void {
    nextPeer = 0;
    failed.clear();
    const sought = list[rounds % list.length];
    rounds++;
    if (sought !== undefined) context.effects.push({ type: 'find', ...sought });
  }

  function named(peerLabel: Label, key: PublicKey, protocol: number, path: Label): void {
    if (path === 0n) return;
    const label = path === SELF_LABEL ? peerLabel : splice(path, peerLabel);
    offer(key, label, protocol);
  }

  function offer(key: PublicKey, label: Label, protocol: number): void {
    const listed = list.find((one) => equal(one.key, key));
    if (listed === undefined) return counters.add('supernode.unlisted');
    if (label === INVALID || !isUsable(label) || label === SELF_LABEL || protocol < MIN_PROTOCOL)
      return counters.add('supernode.badWay');
    if (context.inUse === null) consider({ ...listed, label, protocol });
  }

  /** Asks a candidate whether it is there. */
  function consider(way: Way): void {
    const name = nameOf(way);
    if (trying.has(name) || failed.has(name) || trying.size >= MAX_CANDIDATES) return;
    const asked = ask(way, (answered) => {
      trying.delete(name);
      if (!answered && failed.size < MAX_FAILED_WAYS) failed.add(name);
      if (answered && context.inUse === null && list.some(({ key }) => equal(key, way.key))) adopt(way);
    });
    if (asked) trying.add(name);
  }

  /** `pn`: only a supernode answers with its time. */
  function ask(way: Way, done: (answered: boolean) => void): boolean {
    return context.queries.ask(context, way, {
      query: 'pn',
      sameWay: true,
      done: (answer) => {
        const isServer = answer !== null && answer.reply.receivedMs !== null;
        if (answer !== null && !isServer) counters.add('supernode.noServer');
        done(isServer);
        if (isServer && isInUse(way)) options.heard(answer);
      },
    });
  }

  function isInUse(way: Way): boolean {
    return context.inUse !== null && equal(context.inUse.key, way.key);
  }

  // ---- in use ----

  function adopt(way: Way): void {
    context.inUse = { ...way, sinceMs: context.nowMs };
    improvements = 0;
    isDoubted = false;
    nextMs = context.nowMs + (IMPROVE_MS[0] ?? 0);
    context.effects.push({ type: 'adopted', address: way.address, label: way.label });
    options.adopted(way);
  }

  /** It knows the best way to itself, once it knows our links. */
  function improve(): void {
    const { inUse, nowMs } = context;
    if (inUse === null) return;
    improvements++;
    nextMs = nowMs + (IMPROVE_MS[Math.min(improvements, IMPROVE_MS.length - 1)] ?? HUNT_MS);
    const done = (answer: Answer | null): void => {
      const [node] = answer?.reply.nodes ?? [];
      if (node === undefined || !isInUse(inUse) || node.label === context.inUse?.label) return;
      if (!equal(node.key, inUse.key) || !isUsable(node.label) || node.label === SELF_LABEL)
        return counters.add('supernode.badWay');
      const better = { ...inUse, label: node.label };
      ask(better, (answered) => {
        if (answered && isInUse(better)) context.inUse = better;
      });
    };
    context.queries.ask(context, inUse, { query: 'gr', source: identity.address, target: inUse.address, done });
  }

  function doubt(path: Label): void {
    const { inUse } = context;
    if (inUse === null || inUse.label !== path || isDoubted) return;
    isDoubted = ask(inUse, (answered) => {
      isDoubted = false;
      if (!answered && context.inUse?.label === path) giveUp('its way is broken');
    });
  }

  function giveUp(reason: string): void {
    const { inUse } = context;
    if (inUse === null) return;
    context.inUse = null;
    nextMs = context.nowMs;
    nextPeer = 0;
    context.effects.push({ type: 'lost', address: inUse.address, reason });
    options.lost();
    if (list.some(({ key }) => equal(key, inUse.key))) consider(inUse);
  }

  return {
    configure,
    configured: () => list.map(({ key }) => key),
    tick,
    named,
    found: offer,
    doubt,
    giveUp,
    dueMs: () => nextMs,
  };
}

function nameOf({ address, label }: Way): string {
  return `${addressKey(address)}/${label}`;
}
