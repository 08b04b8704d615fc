/** Queries under way: matched by txid, key and path; bounded; each ends exactly once. Source: protocol 08 §2.2, §3. */
import { equal, latin1 } from '../../base/index.ts';
import { addressKey, type Ip6, type PublicKey } from '../../crypto/index.ts';
import type { DhtReply, Label } from '../../wire/index.ts';
import { MAX_HARD_MS, MIN_HARD_MS, MIN_SOFT_MS, PENDING_QUERIES } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import type { Effect, RouterOptions } from '../types.ts';
import type { Budget, Purpose } from './budget.ts';
import { emitQuery, newTxid, type QueryName } from './messages.ts';
import type { Timer, TimerQueue } from './timer-queue.ts';

/** Whom to ask: a node of the map, or one that is not in it yet. */
export type Respondent = { readonly key: PublicKey; readonly address: Ip6; readonly protocol: number };

/** What a query is sent with: the part of a router's context that this needs. */
export type SendContext = {
  readonly options: RouterOptions;
  readonly timers: TimerQueue;
  readonly budget: Budget;
  readonly nowMs: number;
  readonly effects: Effect[];
  readonly noteAsked: (id: string, label: Label) => void;
};

/** A reply that fits a query of ours. */
export type Answer = {
  /** Null if the map had no room for it. */
  readonly node: MapNode | null;
  readonly path: KnownPath | null;
  readonly label: Label;
  readonly rttMs: number;
  readonly reply: DhtReply;
};

/** One query and what to do with its end: `answered` or `failed`, once; `late` before, at most once. */
export type Query = {
  readonly to: Respondent;
  readonly label: Label;
  readonly query: QueryName;
  readonly target: Uint8Array | null;
  readonly expectedMs: number;
  /** Whose budget it takes. */
  readonly purpose: Purpose;
  readonly answered: (answer: Answer) => void;
  readonly late?: () => void;
  readonly failed: () => void;
};

/** A query that was sent. */
export type Sent = {
  readonly question: Query;
  readonly txid: string;
  readonly key: string;
  readonly sentMs: number;
  readonly soft: Timer;
  readonly hard: Timer;
};

/** The table of queries without answer. */
export class Pending {
  readonly #byTxid = new Map<string, Sent>();
  readonly #perPath = new Map<string, number>();

  get size(): number {
    return this.#byTxid.size;
  }

  /** Whether the node is being asked over this path already. */
  isAsking(id: string, label: Label): boolean {
    return this.#perPath.has(pathKey(id, label));
  }

  /** Whether a query is under way over such a label. */
  has(isMeant: (label: Label) => boolean): boolean {
    for (const sent of this.#byTxid.values()) if (isMeant(sent.question.label)) return true;
    return false;
  }

  /** Sends a query. @returns false (and nothing is called) if the table or the budget is used up */
  ask(context: SendContext, question: Query): boolean {
    const { nowMs, options, timers } = context;
    if (
      this.#byTxid.size >= PENDING_QUERIES ||
      !context.budget.mayAsk(question.purpose, nowMs, question.target?.length ?? 0)
    ) {
      options.counters.add('route.queryLimit');
      return false;
    }
    const { to, label, query, target, expectedMs } = question;
    const txid = newTxid(options.rng);
    const softMs = Math.max(MIN_SOFT_MS, 2 * expectedMs);
    const hardMs = Math.min(Math.max(MIN_HARD_MS, 6 * expectedMs), MAX_HARD_MS);
    const id = latin1(txid);
    const sent: Sent = {
      question,
      txid: id,
      key: pathKey(addressKey(to.address), label),
      sentMs: nowMs,
      soft: timers.at('queryLate', nowMs + softMs, () => question.late?.()),
      hard: timers.at('queryLost', nowMs + hardMs, () => this.fail(sent)),
    };
    this.#byTxid.set(id, sent);
    this.#perPath.set(sent.key, (this.#perPath.get(sent.key) ?? 0) + 1);
    const content = emitQuery(options.protocol, txid, query, target, label);
    context.effects.push({ type: 'send', key: to.key, address: to.address, label, protocol: to.protocol, content });
    options.counters.add(`route.sent.${query}`);
    context.noteAsked(addressKey(to.address), label);
    return true;
  }

  /** The query that a reply belongs to, removed; null if the reply fits none (then nothing changes). */
  take(context: SendContext, txid: Uint8Array, key: PublicKey, label: Label): Sent | null {
    const sent = this.#byTxid.get(latin1(txid));
    const { counters } = context.options;
    if (sent === undefined) {
      counters.add('route.unknownReply');
      return null;
    }
    if (!equal(sent.question.to.key, key)) {
      counters.add('route.wrongKey');
      return null;
    }
    // The way back must be the way asked, or the reply proves nothing about it (protocol 08 §3).
    if (sent.question.label !== label) {
      counters.add('route.otherPath');
      return null;
    }
    this.#remove(sent);
    return sent;
  }

  /** Ends the queries on their way over a broken stretch. */
  failThrough(isBroken: (label: Label) => boolean): void {
    for (const sent of [...this.#byTxid.values()]) if (isBroken(sent.question.label)) this.fail(sent);
  }

  /** Ends a query without an answer. */
  fail(sent: Sent): void {
    if (this.#byTxid.get(sent.txid) !== sent) return;
    this.#remove(sent);
    sent.question.failed();
  }

  #remove(sent: Sent): void {
    this.#byTxid.delete(sent.txid);
    sent.soft.cancel();
    sent.hard.cancel();
    const count = (this.#perPath.get(sent.key) ?? 1) - 1;
    if (count === 0) this.#perPath.delete(sent.key);
    else this.#perPath.set(sent.key, count);
  }
}

/** A one-line key for a node and a path to it. */
function pathKey(id: string, label: Label): string {
  return `${id}/${label.toString(16)}`;
}
