/** One peer on its way: its places raced for (`race.ts`), with the network and the node at the edge. */
import { type Clock, type Logger, MeshError } from '../../base/index.ts';
import type { PeerToDial } from '../../config/index.ts';
import { formatPublicKey } from '../../crypto/index.ts';
import type { NodeControl, WaySnapshot } from '../../node/index.ts';
import { type Endpoint, formatEndpoint, formatPeerAddress, senderOf } from '../../underlay/index.ts';
import type { Sockets } from '../sockets.ts';
import {
  DOUBT_OPEN_PINGS,
  DOUBT_PINGS,
  DOUBT_ROUND_TRIP_MS,
  HOLD_MS,
  IP6_BONUS_MS,
  LOOK_MS,
  RACE_LOOK_MS,
  RESOLVE_EVERY_MS,
} from './limits.ts';
import { Names, nameOf } from './names.ts';
import { asUp, BEGIN, begunAnew, failed, type Race, type RaceEffect, type Sight, step } from './race.ts';

/** What a peer is dialled with. */
export type DialOptions = {
  readonly node: Pick<NodeControl, 'addPeer' | 'removePeer' | 'ways'>;
  readonly sockets: Pick<Sockets, 'dial' | 'hasName' | 'resolve' | 'whyNot' | 'network'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something came of it: it wants to be looked at. */
  readonly onChange: () => void;
};

/** Why a place could not be dialled, and until when it is not tried again. */
type Failure = { readonly untilMs: number; readonly problem: string };

/** Somebody to dial until it is closed. */
export class DialledPeer {
  readonly peer: PeerToDial;
  /** Its endpoints as people write them. */
  readonly texts: readonly string[];
  readonly sinceMs: number;
  readonly #o: DialOptions;
  readonly #names: Names;
  readonly #failures = new Map<string, Failure>();
  /** The socket of each way that was dialled. */
  readonly #dialledFrom = new Map<string, number>();
  readonly #dialling = new Set<Promise<void>>();
  #race = BEGIN;
  #answers = false;
  #isOpen = true;

  constructor(peer: PeerToDial, options: DialOptions) {
    this.peer = peer;
    this.texts = peer.endpoints.map(formatPeerAddress);
    this.sinceMs = options.clock.nowMs();
    this.#o = options;
    this.#names = new Names(peer.endpoints, { ...options, onAnswer: () => this.#changed() });
  }

  /** How many links it has in the making or made. */
  get wayCount(): number {
    return this.#race.ways.length;
  }

  /** What does not work; null while a link is up, or while nothing is known yet. */
  get problem(): string | null {
    if (this.#answers) return null;
    const ofPlaces = this.wayCount > 0 ? null : ([...this.#failures.values()].at(-1)?.problem ?? null);
    return this.#names.problem ?? ofPlaces;
  }

  /** Is one of its endpoints a name, so that more may be known later? */
  get hasName(): boolean {
    return this.#names.hasName;
  }

  /** Why there is no link, for people. */
  get reason(): string {
    return this.problem ?? `the name ${this.#names.sought ?? this.texts[0]} is being looked up`;
  }

  /** Its first place is dialled before it returns, unless all of its endpoints are names. */
  async begin(): Promise<void> {
    do {
      this.look(true);
      await Promise.all(this.#dialling);
    } while (this.#isOpen && (this.#dialling.size > 0 || (this.wayCount === 0 && this.#places().size > 0)));
  }

  /** Looks at its links and does what is due. @param mayAdd a link beside the first may be made @returns when to look again */
  look(mayAdd: boolean): number {
    const { clock, node } = this.#o;
    if (!this.#isOpen) return Number.POSITIVE_INFINITY;
    const nowMs = clock.nowMs();
    const seen = node.ways(this.peer.key);
    const isOwn = ({ dialledAt }: WaySnapshot) => this.#race.ways.some(({ place }) => place === dialledAt);
    const isReached = seen.some((way) => way.isUp && !isOwn(way));
    const sights = new Map(
      seen.flatMap((way) => (way.dialledAt === null ? [] : [[way.dialledAt, sightOf(way)] as const])),
    );
    const places = this.#places();
    this.#noteAnswers(sights, isReached);
    const { next, effects, dueMs } = step(this.#race, { places: [...places.keys()], sights, isReached, mayAdd }, nowMs);
    this.#race = next;
    for (const effect of effects) this.#perform(effect, places);
    return Math.min(dueMs, this.#nextLookMs(places.size, nowMs), this.#lookUp());
  }

  /**
   * The network of this machine is another: what failed may work, and names may lead elsewhere.
   * @param onlyLost a second look: only links that went down are dialled anew, from whichever socket leads there now
   */
  beginAnew(onlyLost: boolean): void {
    if (!onlyLost) {
      this.#failures.clear();
      this.#names.beginAnew();
    }
    // The one place there is: its link asks by itself, and may know better where the peer is now.
    if (!this.hasName && this.peer.endpoints.length === 1) return;
    const { next, effects } = begunAnew(this.#seenNow(), onlyLost);
    this.#race = next;
    for (const effect of effects) this.#perform(effect, new Map());
  }

  /** The race with its ways as they are, whenever they were looked at last. */
  #seenNow(): Race {
    const up = new Set(this.#o.node.ways(this.peer.key).flatMap(({ isUp, dialledAt }) => (isUp ? [dialledAt] : [])));
    const ways = this.#race.ways.map((way) =>
      up.has(way.place) ? asUp(way, this.#o.clock.nowMs()) : { ...way, upMs: null },
    );
    return { ...this.#race, ways };
  }

  /** Ends dialling and the links. */
  close(): void {
    this.#isOpen = false;
    for (const { place } of this.#race.ways) this.#o.node.removePeer(this.peer.key, place);
    this.#race = BEGIN;
  }

  /** Where the peer may be, but for what cannot be dialled now. */
  #places(): ReadonlyMap<string, Endpoint> {
    const nowMs = this.#o.clock.nowMs();
    const all = this.#names.places.map((at) => [formatPeerAddress(at), at] as const);
    return new Map(all.filter(([text]) => nowMs >= (this.#failures.get(text)?.untilMs ?? nowMs)));
  }

  #noteAnswers(sights: ReadonlyMap<string, Sight>, isReached: boolean): void {
    const isGood = ({ place }: { readonly place: string }): boolean => {
      const sight = sights.get(place);
      return sight?.isUp === true && !sight.isDoubtful;
    };
    const answers = isReached || this.#race.ways.some(isGood);
    if (this.#answers && !answers) this.#names.hurry();
    this.#answers = answers;
  }

  /** Asks for the names of a peer that does not answer. @returns when the next one is due */
  #lookUp(): number {
    if (this.#answers || !this.#names.hasName) return Number.POSITIVE_INFINITY;
    this.#names.ask();
    return this.#names.dueMs;
  }

  #nextLookMs(placeCount: number, nowMs: number): number {
    const { ways, nextMs } = this.#race;
    const retryMs = Math.min(
      ...[...this.#failures.values()].map(({ untilMs }) => (untilMs > nowMs ? untilMs : Infinity)),
    );
    // One numeric place: nothing depends on how its link is.
    if (!this.#names.hasName && placeCount <= 1 && ways.length <= 1) return retryMs;
    const isNew = nowMs < nextMs + HOLD_MS && (ways.length > 1 || !this.#answers);
    return Math.min(retryMs, nowMs + (isNew ? RACE_LOOK_MS : LOOK_MS));
  }

  #perform({ type, place }: RaceEffect, places: ReadonlyMap<string, Endpoint>): void {
    const at = places.get(place);
    if (type === 'drop' || at === undefined) return this.#drop(place);
    const dialling = this.#dial(place, at).finally(() => this.#dialling.delete(dialling));
    this.#dialling.add(dialling);
  }

  #drop(place: string): void {
    const { node, log } = this.#o;
    this.#dialledFrom.delete(place);
    node.removePeer(this.peer.key, place);
    log.debug('peer.drop', { peer: formatPublicKey(this.peer.key), endpoint: place });
  }

  async #dial(place: string, to: Endpoint): Promise<void> {
    const { node, sockets, log } = this.#o;
    const { key, login, password, name } = this.peer;
    // Two ways from one address of ours would be one link to the other side.
    const socket = await sockets.dial(to, new Set(this.#dialledFrom.values()));
    const at = senderOf(to);
    if (!this.#isOpen || !this.#race.ways.some((way) => way.place === place)) return;
    if (socket === null || at === null)
      return this.#fail(place, `${nameOf(to)}: this machine has no ${sockets.network(to)}`, RESOLVE_EVERY_MS);
    try {
      const hasSeveralWays = this.#names.hasName || this.texts.length > 1;
      node.addPeer({ endpoint: { ...at, socket }, key, login, password, name, hasSeveralWays });
      this.#dialledFrom.set(place, socket);
      this.#failures.delete(place);
      log.info('peer.dial', { peer: formatPublicKey(key), endpoint: formatEndpoint(to) });
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      // The same again would be refused again, until something else is taken out.
      const retryMs = this.texts.length > 1 || this.#names.hasName ? RESOLVE_EVERY_MS : Number.POSITIVE_INFINITY;
      this.#fail(place, `peer ${name ?? nameOf(to)}: ${error.message}`, retryMs);
      log.warn('peer.refused', { peer: formatPublicKey(key), reason: error.message });
    }
  }

  #fail(place: string, problem: string, forMs: number): void {
    this.#race = failed(this.#race, place);
    this.#failures.set(place, { untilMs: this.#o.clock.nowMs() + forMs, problem });
    this.#changed();
  }

  #changed(): void {
    if (this.#isOpen) this.#o.onChange();
  }
}

function sightOf({ dialledAt, isUp, unheardPings, openPings, rttMs, costMs, protocol }: WaySnapshot): Sight {
  const onTheWay = Math.floor((rttMs ?? 0) / DOUBT_ROUND_TRIP_MS);
  // A cost is half a round trip.
  const bonus = dialledAt?.startsWith('[') === true ? IP6_BONUS_MS : 0;
  return {
    isUp,
    isDoubtful: unheardPings >= DOUBT_PINGS + onTheWay || openPings >= DOUBT_OPEN_PINGS + onTheWay,
    costMs: costMs - bonus / 2,
    mayStay: (protocol ?? 0) > LAST_WITH_ONE_LINK,
  };
}

/** Stock v20 keeps one link for a key on an interface (protocol 04 §4.5). */
const LAST_WITH_ONE_LINK = 20;
