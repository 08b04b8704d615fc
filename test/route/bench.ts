/** One router's common ground without a router, for tests of its parts. */
import { createCounters } from '../../src/base/index.ts';
import { addressKey, type Ip6, type PublicKey } from '../../src/crypto/index.ts';
import { type MapNode, NodeMap } from '../../src/route/map/map.ts';
import { FarNodes } from '../../src/route/map/too-far.ts';
import { Budget } from '../../src/route/query/budget.ts';
import type { Context } from '../../src/route/query/context.ts';
import { learn } from '../../src/route/query/learn.ts';
import { emitReply, readMessage } from '../../src/route/query/messages.ts';
import { Pending } from '../../src/route/query/pending.ts';
import { TimerQueue } from '../../src/route/query/timer-queue.ts';
import type { Crawl } from '../../src/route/search/crawl.ts';
import { dhtMessage, type Label } from '../../src/wire/index.ts';
import { hashesOnly, makeKey, seededRng } from './mini-world.ts';

/** A context of a node of its own that knows nobody, at time 0. */
export function makeContext(rng = seededRng(5), own = makeKey(rng)): Context {
  return {
    options: { identity: own, crypto: hashesOnly, rng, counters: createCounters(), protocol: 21 },
    map: new NodeMap(own.publicKey, own.address),
    timers: new TimerQueue(),
    pending: new Pending(),
    budget: new Budget(0),
    far: new FarNodes(),
    nowMs: 0,
    effects: [],
    isInUse: () => false,
    noteAsked: () => undefined,
  };
}

/** A crawl that does nothing. */
export const noCrawl: Crawl = {
  go: () => undefined,
  expand: () => false,
  recheck: () => undefined,
  again: () => undefined,
  isComplete: () => false,
};

/** Lets `node` answer a query of ours after `rttMs`. */
export function answerLater(context: Context, node: MapNode, label: Label, query: Uint8Array, rttMs: number): void {
  const { key, address } = node;
  const txid = dhtMessage.parse(query)?.txid;
  if (txid === undefined) return;
  context.timers.at('probe', context.nowMs + rttMs, () => {
    const received = readMessage(emitReply(21, txid, [], label));
    const sent = context.pending.take(context, txid, key, label);
    if (received?.message.kind !== 'reply' || sent === null) return;
    const learned = learn(context, { key, address, label, received, rttMs });
    sent.question.answered({ ...learned, label, rttMs, reply: received.message });
  });
}

/** A node as others know it. */
export type Somebody = { readonly publicKey: PublicKey; readonly address: Ip6 };

/** Nodes and the labels from the answering node to them. */
export type Listing = readonly (readonly [Somebody, Label])[];

/** What was asked: `pn`, `fn` ... and its target. */
type Asked = { readonly name: string; readonly target: Uint8Array | null };

/**
 * Answers the query sent last as `who` would, at once.
 * @param list what the answer lists; nothing unless given
 * @throws Error if nothing was asked, or somebody else was
 */
export function answerQuery(context: Context, who: Somebody, list: Listing | ((asked: Asked) => Listing) = []): Asked {
  const sent = context.effects.pop();
  const query = sent?.type === 'send' ? dhtMessage.parse(sent.content) : null;
  if (sent?.type !== 'send' || query?.kind !== 'query') throw new Error('nothing was asked');
  if (addressKey(sent.address) !== addressKey(who.address)) throw new Error('somebody else was asked');
  const asked = { name: query.query, target: query.target };
  const listing = typeof list === 'function' ? list(asked) : list;
  const nodes = listing.map(([{ publicKey }, label]) => ({ key: publicKey, label, protocol: 21 }));
  const received = readMessage(emitReply(21, query.txid, nodes, sent.label));
  const pending = context.pending.take(context, query.txid, sent.key, sent.label);
  if (pending === null || received?.message.kind !== 'reply') throw new Error('not an answer');
  const { key, address, label } = sent;
  const heard = learn(context, { key, address, label, received, rttMs: 20 });
  pending.question.answered({ ...heard, label, rttMs: 20, reply: received.message });
  return asked;
}

/** Lets everybody answer that he knows nobody. @param then called after each answer @returns who was asked, in order */
export function answerAll(
  context: Context,
  nodes: readonly Somebody[],
  then = (): void => undefined,
): readonly string[] {
  const asked: string[] = [];
  for (let sent = context.effects.at(-1); sent !== undefined; sent = context.effects.at(-1)) {
    const id = sent.type === 'send' ? addressKey(sent.address) : '';
    const node = nodes.find(({ address }) => addressKey(address) === id);
    if (node === undefined) throw new Error('not one of them');
    asked.push(id);
    answerQuery(context, node);
    then();
  }
  return asked;
}
