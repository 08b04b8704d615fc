/** Queries to supernodes under way: matched by txid and key; bounded; each ends exactly once. Source: protocol 09 §2. */
import { type Counters, concat, equal, latin1 } from '../base/index.ts';
import { formNumber, V358_BYTES } from '../switch/index.ts';
import { type SupernodeReply, supernodeMessage } from '../wire/index.ts';
import { MAX_QUERIES, MAX_TIME_MS } from './limits.ts';
import { QUERY_TIMEOUT_MS, TXID_FIRST_BYTE, TXID_RANDOM_BYTES } from './spec.ts';
import type { ClientOptions, Effect, Message, Way } from './types.ts';

/** What a query is sent with: the part of a client's context that this needs. */
export type SendContext = { readonly options: ClientOptions; readonly nowMs: number; readonly effects: Effect[] };

/** What a supernode said, and when. */
export type Answer = { readonly reply: SupernodeReply; readonly sentMs: number; readonly rttMs: number };

/** What is asked: `pn`, `gr` with both addresses, `ann` with the announcement. */
export type Question = {
  readonly query: 'pn' | 'gr' | 'ann';
  readonly source?: Uint8Array;
  readonly target?: Uint8Array;
  readonly announcement?: Uint8Array;
  /** The reply counts only if it came back by the label asked: the question is about that label. */
  readonly sameWay?: boolean;
  /** Called once; null: no answer in time. */
  readonly done: (answer: Answer | null) => void;
};

type Open = { readonly question: Question; readonly way: Way; readonly sentMs: number };

/** The table of queries without answer. */
export class Queries {
  readonly #open = new Map<string, Open>();

  get size(): number {
    return this.#open.size;
  }

  /** When the next one is given up; Infinity if none is open. They are in order of time. */
  get dueMs(): number {
    for (const { sentMs } of this.#open.values()) return sentMs + QUERY_TIMEOUT_MS;
    return Number.POSITIVE_INFINITY;
  }

  /** Asks. @returns false (and `done` is not called) if too many are open */
  ask(context: SendContext, way: Way, question: Question): boolean {
    const { options, effects, nowMs } = context;
    if (this.#open.size >= MAX_QUERIES) {
      options.counters.add('supernode.queryLimit');
      return false;
    }
    const txid = concat(Uint8Array.of(TXID_FIRST_BYTE), options.rng.bytes(TXID_RANDOM_BYTES));
    const content = supernodeMessage.emit({
      kind: 'query',
      query: question.query,
      source: question.source ?? null,
      target: question.target ?? null,
      announcement: question.announcement ?? null,
      txid,
      protocol: options.protocol,
      scheme: V358_BYTES,
      formNumber: formNumber(way.label) ?? 0,
    });
    this.#open.set(latin1(txid), { question, way, sentMs: nowMs });
    effects.push({ type: 'send', ...way, content });
    options.counters.add(`supernode.sent.${question.query}`);
    return true;
  }

  /** Takes a reply. @returns false if it is none to a query of ours; a forged one changes nothing */
  take(context: SendContext, { key, returnLabel, content }: Message): boolean {
    if (this.#open.size === 0) return false;
    const reply = supernodeMessage.parse(content);
    if (reply?.kind !== 'reply') return false;
    const txid = latin1(reply.txid);
    const open = this.#open.get(txid);
    if (open === undefined) return false;
    const { counters } = context.options;
    if (!equal(open.way.key, key)) counters.add('supernode.wrongKey');
    else if (open.question.sameWay === true && open.way.label !== returnLabel) counters.add('supernode.otherPath');
    else {
      this.#open.delete(txid);
      open.question.done({ reply: sane(reply, counters), sentMs: open.sentMs, rttMs: context.nowMs - open.sentMs });
    }
    return true;
  }

  /** Gives up what is too old. */
  expire(nowMs: number): void {
    for (const [txid, { question, sentMs }] of [...this.#open]) {
      if (nowMs - sentMs < QUERY_TIMEOUT_MS) return;
      this.#open.delete(txid);
      question.done(null);
    }
  }
}

/** A time that no clock shows is as good as none. */
function sane(reply: SupernodeReply, counters: Counters): SupernodeReply {
  if ((reply.receivedMs ?? 0) <= MAX_TIME_MS) return reply;
  counters.add('supernode.badTime');
  return { ...reply, receivedMs: null };
}
