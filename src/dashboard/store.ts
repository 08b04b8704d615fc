/** The one place where the model changes while the dashboard runs: events and keys in, subscribers told. */
import type { History } from './history.ts';
import { type Key, pressed } from './keys.ts';
import { type Event, type Model, reduce } from './model.ts';
import type { Peer, Snapshot } from './snapshot.ts';

export class Store {
  readonly history: History;
  readonly #listeners = new Set<() => void>();
  #model: Model;

  constructor(model: Model, history: History) {
    this.#model = model;
    this.history = history;
  }

  /** The present model. */
  readonly get = (): Model => this.#model;

  /** Calls `listener` after every change. @returns how to end that */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes an event in; measurements go to the history first. */
  take(event: Event): void {
    if (event.type === 'data') remember(this.history, event.snapshot, Math.floor(event.nowMs / 1000));
    this.#become(reduce(this.#model, event));
  }

  /** Takes a key in. */
  press(key: Key, nowMs: number): void {
    this.#become(pressed(this.#model, key, nowMs));
  }

  #become(model: Model): void {
    if (model === this.#model) return;
    this.#model = model;
    for (const listener of this.#listeners) listener();
  }
}

/** Notes what one look says about each peer, and about all of them. */
export function remember(history: History, snapshot: Snapshot, atS: number): void {
  const sum = (metric: 'rxBps' | 'txBps') => snapshot.peers.reduce((all, peer) => all + (peer[metric] ?? 0), 0);
  for (const peer of snapshot.peers) history.add(peer.id, atS, sampleOf(peer));
  history.total.add(atS, {
    rttMs: null,
    lossPercent: null,
    quality: null,
    rxBps: sum('rxBps'),
    txBps: sum('txBps'),
  });
}

function sampleOf(peer: Peer) {
  const { rttMs, lossPercent, rxBps, txBps } = peer;
  // A link that is down has no quality to draw: the bars end where it went down.
  return { rttMs, lossPercent, quality: peer.state === 'established' ? peer.quality : null, rxBps, txBps };
}
