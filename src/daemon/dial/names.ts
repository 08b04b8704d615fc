/**
 * Where the endpoints of one peer lead to. Names are resolved without ever blocking anybody; those that lead into the mesh
 * (fc00::/8) or to this machine are refused (abuse cases N7, N8). What a name led to stays until it leads elsewhere.
 */
import type { Clock, Logger } from '../../base/index.ts';
import { type Endpoint, type Endpoints, formatEndpoint, hostPortOf } from '../../underlay/index.ts';
import type { Sockets } from '../sockets.ts';
import { FIRST_RESOLVE_WAIT_MS, MAX_PLACES, MAX_RESOLVE_WAIT_MS, RESOLVE_EVERY_MS } from './limits.ts';
import { alternating, inOrder } from './order.ts';

/** What names are resolved with. */
export type NamesOptions = {
  readonly sockets: Pick<Sockets, 'hasName' | 'resolve' | 'whyNot'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** A lookup has ended. */
  readonly onAnswer: () => void;
};

type Named = {
  readonly endpoint: Endpoint;
  readonly isName: boolean;
  places: readonly Endpoint[];
  isAsked: boolean;
  askedMs: number;
  dueMs: number;
  waitMs: number;
  problem: string | null;
};

/** The endpoints of one peer. */
export class Names {
  readonly #o: NamesOptions;
  readonly #all: readonly Named[];

  constructor(endpoints: Endpoints, options: NamesOptions) {
    this.#o = options;
    this.#all = endpoints.map((endpoint) => {
      const isName = options.sockets.hasName(endpoint);
      return { endpoint, isName, ...BEGIN, places: isName ? [] : [endpoint] };
    });
  }

  /** Is any of them a name? */
  get hasName(): boolean {
    return this.#all.some(({ isName }) => isName);
  }

  /** Where the peer may be, the most wanted first. */
  get places(): readonly Endpoint[] {
    const lists = this.#all.map(({ places }) => places);
    return inOrder(lists, MAX_PLACES);
  }

  /** Why a name leads nowhere; null: all do, or nobody knows yet. */
  get problem(): string | null {
    return this.#all.find(({ problem }) => problem !== null)?.problem ?? null;
  }

  /** A name that is being looked up and has led nowhere so far. */
  get sought(): string | null {
    const found = this.#all.find(({ isName, places }) => isName && places.length === 0);
    return found === undefined ? null : nameOf(found.endpoint);
  }

  /** When a name is to be asked for again, if nobody answers till then. */
  get dueMs(): number {
    return Math.min(...this.#all.map(({ isName, isAsked, dueMs }) => (isName && !isAsked ? dueMs : Infinity)));
  }

  /** Asks for all names that are due. */
  ask(): void {
    const nowMs = this.#o.clock.nowMs();
    for (const one of this.#all) if (one.isName && !one.isAsked && nowMs >= one.dueMs) void this.#ask(one);
  }

  /** The peer has just fallen silent: it may be elsewhere. */
  hurry(): void {
    for (const one of this.#all) one.dueMs = Math.min(one.dueMs, one.askedMs + FIRST_RESOLVE_WAIT_MS);
  }

  /** The network is another: what names lead to may be, too. */
  beginAnew(): void {
    for (const one of this.#all) [one.dueMs, one.waitMs] = [Number.NEGATIVE_INFINITY, FIRST_RESOLVE_WAIT_MS];
  }

  async #ask(one: Named): Promise<void> {
    const { sockets, clock, log, onAnswer } = this.#o;
    const name = nameOf(one.endpoint);
    one.isAsked = true;
    one.askedMs = clock.nowMs();
    try {
      const found = await sockets.resolve(one.endpoint);
      const good = found.filter((place) => sockets.whyNot(place) === null);
      const [first] = found;
      const why = first === undefined ? '' : `: ${nameOf(first)} ${sockets.whyNot(first)?.message}`;
      one.problem = good.length > 0 ? null : `the name ${name} leads only to addresses that no peer can have${why}`;
      one.places = alternating(good).slice(0, MAX_PLACES);
    } catch {
      one.problem = `the name ${name} cannot be resolved`;
    }
    one.waitMs = one.problem === null ? RESOLVE_EVERY_MS : Math.min(2 * one.waitMs, MAX_RESOLVE_WAIT_MS);
    one.dueMs = clock.nowMs() + one.waitMs;
    one.isAsked = false;
    if (one.problem !== null) log.warn('peer.unresolved', { peer: name, reason: one.problem });
    onAnswer();
  }
}

const BEGIN = {
  isAsked: false,
  askedMs: Number.NEGATIVE_INFINITY,
  dueMs: Number.NEGATIVE_INFINITY,
  waitMs: FIRST_RESOLVE_WAIT_MS,
  problem: null,
};

/** The host of an endpoint, or what it has instead of one. */
export function nameOf(endpoint: Endpoint): string {
  return hostPortOf(endpoint)?.host ?? formatEndpoint(endpoint);
}
