/**
 * Router messages that the administration asks for (`fn`, `gp`, `nh`, `pn` to one node along one label). Their answers
 * are told from those of the router by the txid; everything else is left to the router. Source: protocol 08 §2, 10 §2.
 */
import { type Clock, concat, equal, latin1, type Rng, type Timer } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { formNumber, V358_BYTES } from '../switch/index.ts';
import { type DhtReply, dhtMessage, PROTOCOL_VERSION } from '../wire/index.ts';
import type { AdminAnswer, AdminQuery } from './answers.ts';
import { MAX_OPEN_QUERIES } from './limits.ts';
import type { WorkQueue } from './work.ts';

/** First byte of a txid and the random ones (protocol 08 §2.2). */
const TXID_FIRST_BYTE = 0x30;
const TXID_RANDOM_BYTES = 12;

type Open = {
  readonly key: PublicKey;
  readonly sentMs: number;
  readonly timer: Timer;
  readonly end: (answer: AdminAnswer | null) => void;
};

/** What the queries of the administration work with. */
export type AdminQueriesOptions = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly queue: WorkQueue;
};

/** The queries of the administration that are open at one node. */
export class AdminQueries {
  readonly #o: AdminQueriesOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: AdminQueriesOptions) {
    this.#o = options;
  }

  /** Asks. @returns null without an answer within `timeoutMs` */
  ask(adminQuery: AdminQuery, timeoutMs: number): Promise<AdminAnswer | null> {
    const { clock, rng, queue } = this.#o;
    if (this.#open.size >= MAX_OPEN_QUERIES) return Promise.resolve(null);
    const txid = concat(
      Uint8Array.of(TXID_FIRST_BYTE),
      rng.bytes(TXID_RANDOM_BYTES),
      adminQuery.payload ?? new Uint8Array(),
    );
    const id = latin1(txid);
    const { key, address, label, protocol, query, target } = adminQuery;
    const own = { protocol: PROTOCOL_VERSION, scheme: V358_BYTES, formNumber: formNumber(label) ?? 0 };
    return new Promise((resolve) => {
      const end = (answer: AdminAnswer | null): void => {
        this.#open.get(id)?.timer.cancel();
        this.#open.delete(id);
        resolve(answer);
      };
      this.#open.set(id, { key, sentMs: clock.nowMs(), timer: clock.after(timeoutMs, () => end(null)), end });
      const content = dhtMessage.emit({ kind: 'query', query, target, txid, ...own });
      const message = { type: 'send', key, address, label, protocol, content } as const;
      queue.post({ type: 'router', effects: [message], reply: null });
    });
  }

  /** Takes a router message if it answers one of them. @returns whether it did */
  take(key: PublicKey, content: Uint8Array): boolean {
    if (this.#open.size === 0) return false;
    const message = dhtMessage.parse(content);
    if (message?.kind !== 'reply') return false;
    const open = this.#open.get(latin1(message.txid));
    if (open === undefined || !equal(open.key, key)) return false;
    open.end(answerOf(message, this.#o.clock.nowMs() - open.sentMs));
    return true;
  }

  /** Ends all without an answer. */
  close(): void {
    for (const open of [...this.#open.values()]) open.end(null);
  }
}

function answerOf(message: DhtReply, elapsedMs: number): AdminAnswer {
  const { protocol, scheme, formNumber: form, nodes } = message;
  return { rttUs: Math.round(elapsedMs * 1000), protocol, scheme, formNumber: form, nodes };
}
