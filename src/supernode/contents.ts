/**
 * What the next announcement says: what the supernode does not know yet, or has to hear again. Source: protocol 09 §3,
 * "Limits" and "Cadence".
 */
import { type Rng, randomFraction } from '../base/index.ts';
import { formNumber, V358_BYTES } from '../switch/index.ts';
import { type AnnouncementItem, announcementItem, type Label } from '../wire/index.ts';
import type { Context } from './context.ts';
import type { LinkStates } from './link-states.ts';
import { retentionKey } from './retained.ts';
import type { ReverseLabels } from './reverse-labels.ts';
import { FULL_BYTES, MIN_PROTOCOL, REPEAT_MS } from './spec.ts';
import type { PeerView } from './types.ts';

/** An item that the supernode has confirmed, and when it is to be said again. */
type Said = { readonly item: AnnouncementItem; readonly repeatMs: number };

/** Items in the order in which they are produced, and what their confirmation means. */
export type Draft = {
  readonly items: readonly AnnouncementItem[];
  /** More was to be said than fits. */
  readonly full: boolean;
  readonly confirmed: (nowMs: number, rng: Rng) => void;
};

/** Why something is to be said, for the delay before it is. */
export type News = 'firstPeer' | 'lostPeer' | 'newPeer' | 'none';

/** What was said so far to one supernode. */
export class Contents {
  readonly #said = new Map<string, Said>();
  readonly #reverse: ReverseLabels;
  readonly #states: LinkStates;

  constructor(reverse: ReverseLabels, states: LinkStates) {
    this.#reverse = reverse;
    this.#states = states;
  }

  /** Links that the supernode knows of. */
  get links(): number {
    let count = 0;
    for (const { item } of this.#said.values()) if (item.type === 'peer' && item.label !== 0) count++;
    return count;
  }

  /** Nothing of it is known any more. */
  clear(): void {
    this.#said.clear();
  }

  /** What changed among the peers since it was last said. */
  news(context: Context): News {
    const links = this.#linksOf(context.peers);
    if (this.#withdrawals(links).length > 0) return 'lostPeer';
    if (![...links].some(([name, item]) => !this.#isSaid(name, item))) return 'none';
    return this.links === 0 ? 'firstPeer' : 'newPeer';
  }

  /** The next message: version, scheme, links that are gone, links, how they do. */
  draft({ peers, nowMs, options }: Context): Draft {
    const links = this.#linksOf(peers);
    const own: readonly AnnouncementItem[] = [
      { type: 'version', protocol: options.protocol },
      { type: 'scheme', scheme: V358_BYTES },
    ];
    const lasting = [...own, ...this.#withdrawals(links), ...links.values()].filter((item) => this.#isDue(item, nowMs));
    const states = peers.flatMap(({ label }) => {
      const news = links.has(nameOf(label)) ? this.#states.news(label) : null;
      return news === null ? [] : [{ label, ...news }];
    });
    const items: AnnouncementItem[] = [];
    let bytes = 0;
    const add = (item: AnnouncementItem): boolean => {
      if (bytes > FULL_BYTES) return false;
      items.push(item);
      bytes += announcementItem.emitItem(item).length;
      return true;
    };
    const addedLasting = lasting.filter(add);
    const addedStates = states.filter(({ label, firstSlot, slots }) =>
      add({ type: 'linkState', peerNumber: numberOf(label), firstSlot, slots }),
    );
    return {
      items,
      full: addedLasting.length < lasting.length || addedStates.length < states.length,
      confirmed: (atMs, rng) => {
        for (const item of addedLasting) this.#confirm(item, atMs, rng);
        for (const { label, upTo } of addedStates) this.#states.confirm(label, upTo);
      },
    };
  }

  #confirm(item: AnnouncementItem, nowMs: number, rng: Rng): void {
    const name = retentionKey(item);
    if (name === null) return;
    // A link that is gone needs to be said once.
    const isGone = item.type === 'peer' && item.label === 0;
    if (isGone) this.#said.delete(name);
    else this.#said.set(name, { item, repeatMs: nowMs + repeatAfterMs(rng) });
  }

  #isDue(item: AnnouncementItem, nowMs: number): boolean {
    const name = retentionKey(item) ?? '';
    return !this.#isSaid(name, item) || nowMs >= (this.#said.get(name)?.repeatMs ?? 0);
  }

  #isSaid(name: string, item: AnnouncementItem): boolean {
    const said = this.#said.get(name);
    return said !== undefined && announcementItem.isSame(said.item, item);
  }

  #linksOf(peers: readonly PeerView[]): ReadonlyMap<string, AnnouncementItem> {
    const links = new Map<string, AnnouncementItem>();
    for (const { label, address, protocol } of peers) {
      const reverse = this.#reverse.get(label);
      if (reverse === null || protocol < MIN_PROTOCOL) continue;
      const form = formNumber(label) ?? 0;
      links.set(nameOf(label), { type: 'peer', form, peerNumber: numberOf(label), address, label: reverse });
    }
    return links;
  }

  #withdrawals(links: ReadonlyMap<string, AnnouncementItem>): readonly AnnouncementItem[] {
    const gone: AnnouncementItem[] = [];
    for (const [name, { item }] of this.#said) {
      if (item.type === 'peer' && !links.has(name)) gone.push({ ...item, label: 0 });
    }
    return gone;
  }
}

/** The name of a link: the low 16 bits of our label to the peer. */
function numberOf(label: Label): number {
  return Number(BigInt.asUintN(16, label));
}

function nameOf(label: Label): string {
  return `peer ${numberOf(label)}`;
}

/** Not all at once: spread over the time in which the supernode still keeps them. */
function repeatAfterMs(rng: Rng): number {
  return REPEAT_MS.min + randomFraction(rng) * (REPEAT_MS.max - REPEAT_MS.min);
}
