/**
 * Looks at the daemon once a second, and only at what the screen shows; says when it does not answer, and goes on asking.
 *
 * Each look is one round of questions: status and peers always; sessions, routes, log and a path while they are seen;
 * the past of a few peers until all are known.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { MeshError } from '../base/index.ts';
import { type Ask, look, newLines, past, trace, type Wants } from './ask.ts';
import {
  HISTORY_SECONDS,
  PAST_PEERS,
  PAST_PEERS_PER_LOOK,
  PAST_SECONDS,
  POLL_MS,
  SLOW_POLLS,
  TRACE_EVERY_MS,
  TRACE_TIMEOUT_MS,
} from './limits.ts';
import type { Model, Screen } from './model.ts';
import type { Peer } from './snapshot.ts';
import type { Store } from './store.ts';

/** Milliseconds since 1970. */
export type Now = () => number;

export class Connection {
  readonly #ask: Ask;
  readonly #store: Store;
  readonly #nowMs: Now;
  /** Seconds of the past that were asked for, by peer. */
  readonly #pastOf = new Map<string, number>();
  #hasPast = true;
  #hasLog = true;
  #looks = 0;
  #screen: Screen | null = null;
  #tracing = false;

  constructor(ask: Ask, store: Store, nowMs: Now) {
    this.#ask = ask;
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Looks until `signal` ends it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#nowMs();
      await this.once().catch(() => this.#store.take({ type: 'gone', nowMs: this.#nowMs() }));
      const restMs = POLL_MS - (this.#nowMs() - startedMs);
      await this.#rest(Math.max(restMs, POLL_MS / 4), signal);
    }
  }

  /** Waits, but not while the screen shows something that was not asked for yet. */
  async #rest(restMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const before = this.#store.get();
    const unsubscribe = this.#store.subscribe(() => {
      const { screen, trace } = this.#store.get();
      if (screen !== before.screen || (trace !== before.trace && trace?.state === 'asked')) woken.abort();
    });
    await wait(restMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined);
    unsubscribe();
  }

  /** One look. @throws MeshError ERR_NO_DAEMON, ERR_ADMIN_PASSWORD, ERR_ANSWER */
  async once(): Promise<void> {
    const model = this.#store.get();
    const snapshot = await look(this.#ask, this.#wants(model), model.snapshot);
    const nowMs = this.#nowMs();
    this.#store.take({ type: 'data', snapshot, nowMs });
    this.#looks++;
    await this.#readPast(Math.floor(nowMs / 1000));
    if (model.screen === 'log') await this.#readLog();
    // Not awaited: a path may take seconds, and the rest of the screen goes on.
    void this.#measurePath(this.#store.get());
  }

  /** Tables are read when their screen is opened, and then every other look. */
  #wants(model: Model): Wants {
    const { screen } = model;
    const isDue = this.#looks % SLOW_POLLS === 0 || screen !== this.#screen;
    this.#screen = screen;
    const isSeen = screen === 'sessions' || screen === 'routes' || screen === 'map';
    return {
      sessions: screen === 'sessions' && isDue,
      routes: isSeen && isDue,
    };
  }

  async #readPast(nowS: number): Promise<void> {
    for (const { peer, seconds } of this.#hasPast ? this.#nextPeers() : []) {
      try {
        const samples = await past(this.#ask, peer, nowS, seconds);
        const peers = this.#store.get().snapshot?.peers.length ?? 0;
        this.#store.history.prepend(peer.id, samples, peers <= PAST_PEERS);
      } catch (error) {
        if (isGone(error)) throw error;
        // An older daemon keeps none: the first question shows it. Otherwise this peer has just gone.
        if (this.#pastOf.size === 0) this.#hasPast = false;
      }
      this.#pastOf.set(peer.id, seconds);
    }
  }

  /** Whose past is asked for next: all of that of the opened peer, then a little of the others as they are listed. */
  #nextPeers(): readonly { readonly peer: Peer; readonly seconds: number }[] {
    const { opened, lists, snapshot } = this.#store.get();
    const byId = new Map(snapshot?.peers.map((peer) => [peer.id, peer]));
    const missing = (id: string, seconds: number) => {
      const peer = byId.get(id);
      return peer === undefined || (this.#pastOf.get(id) ?? 0) >= seconds ? [] : [{ peer, seconds }];
    };
    const room = Math.max(0, Math.min(PAST_PEERS_PER_LOOK, PAST_PEERS - this.#pastOf.size));
    const others = lists.peers.order.flatMap((id) => missing(id, PAST_SECONDS)).slice(0, room);
    return opened === null
      ? others
      : [...missing(opened, HISTORY_SECONDS), ...others.filter(({ peer }) => peer.id !== opened)];
  }

  async #readLog(): Promise<void> {
    if (!this.#hasLog) return;
    try {
      const lines = await newLines(this.#ask, this.#store.get().log.at(-1) ?? null);
      if (lines.length > 0) this.#store.take({ type: 'logged', lines });
    } catch (error) {
      if (isGone(error)) throw error;
      this.#hasLog = false;
      this.#store.take({ type: 'logTrouble', reason: 'This daemon does not tell its log; see its standard error.' });
    }
  }

  async #measurePath(model: Model): Promise<void> {
    const wanted = model.trace;
    if (model.screen !== 'routes' || wanted === null || this.#tracing) return;
    if (wanted.address !== model.lists.routes.cursor) return;
    if (wanted.state !== 'asked' && this.#nowMs() - wanted.atMs < TRACE_EVERY_MS) return;
    this.#tracing = true;
    const hops = await trace(this.#ask, wanted.address, TRACE_TIMEOUT_MS).catch(() => null);
    this.#tracing = false;
    this.#store.take({ type: 'traced', address: wanted.address, hops, nowMs: this.#nowMs() });
  }

  /** All that is remembered of the peers, for a single frame. */
  async allPast(): Promise<void> {
    for (let round = 0; round < PAST_PEERS / PAST_PEERS_PER_LOOK; round++) {
      await this.#readPast(Math.floor(this.#nowMs() / 1000));
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof MeshError && error.code === 'ERR_NO_DAEMON';
}
