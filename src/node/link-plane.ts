/** What the links want done: peers pinged, their packets switched, routing told who came and went. */
import type { Clock, Logger } from '../base/index.ts';
import type { AnsweredPing } from '../control/index.ts';
import { costMs, type LinkEffect, type Links, type Peer, type Via } from '../link/index.ts';
import type { Event } from '../route/index.ts';
import { labelOfInterface } from '../switch/index.ts';
import { COST_CHANGE } from './limits.ts';

/** Who performs what. */
export type LinkPlaneOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly links: Links;
  readonly ping: (peer: Peer, via: Via | null) => void;
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
      if (effect.type === 'ping') this.#o.ping(peer, effect.via);
      else if (effect.type === 'packet') this.#o.switchPacket(effect.packet, peer.number, effect.via);
      else if (effect.type === 'up') this.#up(peer);
      else this.#down(peer);
    }
  }

  /** A ping of a peer's own link came back. */
  pong(number: number, ping: AnsweredPing): void {
    const { links, clock, route } = this.#o;
    this.perform(links.pong(number, ping.rttMs, ping.version, clock.nowMs()));
    const peer = links.peers.get(number);
    const before = this.#costs.get(number);
    if (peer === undefined || before === undefined) return;
    const cost = costMs(peer.measure);
    if (Math.abs(cost - before) < COST_CHANGE * before) return;
    this.#costs.set(number, cost);
    route({ type: 'peerChanged', address: peer.address, label: labelOfInterface(number), costMs: cost });
  }

  #up(peer: Peer): void {
    const { log, route } = this.#o;
    const cost = costMs(peer.measure);
    this.#costs.set(peer.number, cost);
    log.info('peer up', { peer: peer.name, endpoint: peer.endpoint.address, port: peer.endpoint.port });
    route({
      type: 'peerUp',
      key: peer.key,
      address: peer.address,
      label: labelOfInterface(peer.number),
      interfaceNumber: peer.number,
      protocol: peer.protocol ?? 0,
      costMs: cost,
    });
  }

  #down(peer: Peer): void {
    this.#costs.delete(peer.number);
    this.#o.log.info('peer down', {
      peer: peer.name,
      endpoint: peer.endpoint.address,
      port: peer.endpoint.port,
    });
    this.#o.route({ type: 'peerDown', label: labelOfInterface(peer.number) });
  }
}
