/** What the links want done: peers pinged, their packets switched, routing told who came and went. */

import type { Logger } from '../base/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import type { Via } from '../cryptoauth/index.ts';
import { costMs, type LinkEffect, type Peer, rttMs } from '../link/index.ts';
import type { Event } from '../route/index.ts';
import { labelOfInterface } from '../switch/index.ts';
import { COST_CHANGE } from './limits.ts';

/** Who performs what. */
export type LinkPlaneOptions = {
  readonly log: Logger;
  readonly ping: (peer: Peer, via: Via | null, sameKeyAt?: string) => void;
  /** Puts a packet that came in by an interface into the switch. */
  readonly switchPacket: (packet: Uint8Array, from: number, via: Via) => void;
  readonly route: (event: Event) => void;
};

/** Performs the effects of the links. */
export class LinkPlane {
  readonly #o: LinkPlaneOptions;
  /** Cost last told to routing, by interface number. */
  readonly #costs = new Map<number, number>();

  constructor(options: LinkPlaneOptions) {
    this.#o = options;
  }

  /** Performs effects in order. */
  perform(effects: readonly LinkEffect[]): void {
    for (const effect of effects) {
      const { peer } = effect;
      if (effect.type === 'ping') this.#o.ping(peer, effect.via, effect.sameKeyAt);
      else if (effect.type === 'packet') this.#o.switchPacket(effect.packet, peer.number, effect.via);
      else if (effect.type === 'measured') this.#measured(peer);
      else if (effect.type === 'up') this.#up(peer);
      else this.#down(peer);
    }
  }

  /** A number was given back. */
  forget(peer: number): void {
    this.#costs.delete(peer);
  }

  /** Routing hears of a cost that changed enough to matter. */
  #measured(peer: Peer): void {
    const before = this.#costs.get(peer.number);
    const cost = costMs(peer.measure);
    if (before === undefined || Math.abs(cost - before) < COST_CHANGE * before) return;
    this.#costs.set(peer.number, cost);
    this.#o.route({
      type: 'peerChanged',
      address: peer.address,
      label: labelOfInterface(peer.number),
      costMs: cost,
      rttMs: rttMs(peer.measure),
    });
  }

  #up(peer: Peer): void {
    const { log, route } = this.#o;
    const cost = costMs(peer.measure);
    this.#costs.set(peer.number, cost);
    log.info('peer.up', named(peer));
    route({
      type: 'peerUp',
      key: peer.key,
      address: peer.address,
      label: labelOfInterface(peer.number),
      interfaceNumber: peer.number,
      protocol: peer.protocol ?? 0,
      costMs: cost,
      rttMs: rttMs(peer.measure),
    });
  }

  #down(peer: Peer): void {
    this.#costs.delete(peer.number);
    this.#o.log.info('peer.down', named(peer));
    this.#o.route({ type: 'peerDown', label: labelOfInterface(peer.number) });
  }
}

/** Who it is, for the log: names are what somebody chose, and many have none. */
function named({ name, key, endpoint }: Peer) {
  return { peer: name, key: formatPublicKey(key), endpoint: endpoint.host, port: endpoint.port };
}
