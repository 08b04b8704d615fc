/** What the links want done: peers pinged, their packets switched, routing told who came and went. */

import type { Logger } from '../base/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import { costMs, type LinkEffect, type Peer, rttMs, type SocketEndpoint } from '../link/index.ts';
import { labelOfInterface, type PeerNumber } from '../switch/index.ts';
import { formatSender } from '../underlay/index.ts';
import type { CtrlFrames } from './ctrl-frames.ts';
import { COST_CHANGE } from './limits.ts';
import type { WorkQueue } from './work.ts';

/** What the effects of the links are performed with. */
export type LinkEffectsOptions = {
  readonly log: Logger;
  readonly control: CtrlFrames;
  readonly queue: WorkQueue;
};

/** Performs the effects of the links. */
export class LinkEffects {
  readonly #o: LinkEffectsOptions;
  /** Cost last told to routing, by interface number. */
  readonly #costs = new Map<number, number>();

  constructor(options: LinkEffectsOptions) {
    this.#o = options;
  }

  /** Performs effects in order. */
  perform(effects: readonly LinkEffect[]): void {
    const { control, queue } = this.#o;
    for (const effect of effects) {
      const { peer } = effect;
      if (effect.type === 'ping') control.pingPeer(peer, effect.via, effect.sameKeyAt);
      else if (effect.type === 'longPing') control.longPing(peer, effect.frameBytes);
      else if (effect.type === 'challenge') control.challenge(peer, effect.id, effect.way);
      else if (effect.type === 'packet') {
        queue.post({ type: 'switch', packet: effect.packet, from: peer.number, via: effect.via });
      } else if (effect.type === 'measured') this.#measured(peer);
      else if (effect.type === 'moved') this.#moved(peer, effect.from);
      else if (effect.type === 'up') this.#up(peer);
      else this.#down(peer);
    }
  }

  /** A number was given back. */
  forget(peer: PeerNumber): void {
    this.#costs.delete(peer);
  }

  /** Routing hears of a cost that changed enough to matter. */
  #measured(peer: Peer): void {
    const before = this.#costs.get(peer.number);
    const cost = costMs(peer.measure);
    if (before === undefined || Math.abs(cost - before) < COST_CHANGE * before) return;
    this.#costs.set(peer.number, cost);
    this.#o.queue.tell({
      type: 'peerChanged',
      address: peer.address,
      label: labelOfInterface(peer.number),
      costMs: cost,
      rttMs: rttMs(peer.measure),
    });
  }

  #up(peer: Peer): void {
    const { log, queue } = this.#o;
    const cost = costMs(peer.measure);
    this.#costs.set(peer.number, cost);
    log.info('peer.up', named(peer));
    queue.tell({
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

  #moved(peer: Peer, from: SocketEndpoint): void {
    this.#o.log.info('peer.moved', { ...named(peer), from: from.host, fromPort: from.port });
    this.#measured(peer);
  }

  #down(peer: Peer): void {
    this.#costs.delete(peer.number);
    this.#o.log.info('peer.down', named(peer));
    this.#o.queue.tell({ type: 'peerDown', label: labelOfInterface(peer.number) });
  }
}

/** Who it is, for the log: names are what somebody chose, and many have none. */
function named({ name, key, endpoint }: Peer) {
  const { host, port } = endpoint;
  // Raw Ethernet has no ports.
  return { peer: name, key: formatPublicKey(key), endpoint: port === 0 ? formatSender(endpoint) : host, port };
}
