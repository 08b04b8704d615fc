/** How the links to direct peers did, in slots of ten seconds, for announcements. Source: protocol 09 §3, "Link state". */
import { equal } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import type { Label, LinkSlot } from '../wire/index.ts';
import { MAX_SLOT_VALUE } from './limits.ts';
import { DROPS_UNIT, MAX_DROPS, SLOT_MS, SLOTS } from './spec.ts';
import type { PeerView } from './types.ts';

type Counts = Pick<PeerView, 'received' | 'lost' | 'receivedBytes'>;

type History = {
  /** Whose link it is: the label may be another peer's later. */
  readonly key: PublicKey;
  before: Counts;
  /** Number of the slot that `slots` begins with, counted from the start. */
  first: number;
  readonly slots: LinkSlot[];
  /** Slots below this number were announced. */
  announced: number;
};

/** What there is to say of a link. */
export type LinkNews = { readonly firstSlot: number; readonly slots: readonly LinkSlot[]; readonly upTo: number };

/** Slots of all links, by label; as many as there are peers. */
export class LinkStates {
  readonly #histories = new Map<Label, History>();
  #slot = 0;
  #endsMs: number;

  constructor(nowMs: number) {
    this.#endsMs = nowMs + SLOT_MS;
  }

  /** Looks at the links; cheap before a slot ends. */
  sample(peers: readonly PeerView[], nowMs: number): void {
    for (const peer of peers) {
      const history = this.#histories.get(peer.label);
      if (history === undefined || !equal(history.key, peer.key))
        this.#histories.set(peer.label, { key: peer.key, before: peer, first: this.#slot, slots: [], announced: 0 });
    }
    if (nowMs < this.#endsMs) return;
    this.#endsMs = nowMs + SLOT_MS;
    const present = new Map(peers.map((peer) => [peer.label, peer]));
    for (const [label, history] of this.#histories) {
      const peer = present.get(label);
      if (peer === undefined) this.#histories.delete(label);
      else this.#close(history, peer);
    }
    this.#slot++;
  }

  #close(history: History, peer: PeerView): void {
    history.slots.push(slotOf(history.before, peer));
    history.before = peer;
    if (history.slots.length <= SLOTS) return;
    history.slots.shift();
    history.first++;
  }

  /** What is not announced yet of a link, the oldest first; null if nothing. */
  news(label: Label): LinkNews | null {
    const history = this.#histories.get(label);
    if (history === undefined) return null;
    const from = Math.max(history.first, history.announced);
    const slots = history.slots.slice(from - history.first);
    return slots.length === 0 ? null : { firstSlot: from % SLOTS, slots, upTo: from + slots.length };
  }

  /** Slots below `upTo` arrived. */
  confirm(label: Label, upTo: number): void {
    const history = this.#histories.get(label);
    if (history !== undefined) history.announced = Math.max(history.announced, upTo);
  }
}

/** One slot; a counter that went back belongs to a new session of the link. */
function slotOf(before: Counts, { received, lost, receivedBytes, rttMs }: PeerView): LinkSlot {
  const grown = (now: number, then: number): number => (now >= then ? now - then : now);
  const drops = grown(lost, before.lost);
  const packets = grown(received, before.received) + drops;
  return {
    lagMs: bounded(rttMs ?? 0),
    drops: packets === 0 ? 0 : Math.min(MAX_DROPS, Math.floor((drops * DROPS_UNIT) / packets)),
    kilobytes: bounded(grown(receivedBytes, before.receivedBytes) / 1024),
  };
}

function bounded(value: number): number {
  return Math.min(MAX_SLOT_VALUE, Math.max(0, Math.round(value)));
}
