/** Which frames pass each link: the machine of `path-mtu.ts` fed from the tables, and its wishes performed. */
import type { LinkEffect } from './effects.ts';
import { LEAST_PATH_MTU, LOSSY } from './limits.ts';
import { pingLoss, rttMs } from './measure.ts';
import { limitOf, longAnswered, longAsked, notTold, type PathMtu, tickPathMtu } from './path-mtu.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

/** The sizes of the frames of all links. */
export class FrameSizes {
  readonly #peers: Peers;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** A long PING of ours came back. @param frameBytes of the frame it went in @param leftMs when */
  answered(peer: Peer, frameBytes: number, leftMs: number, nowMs: number): void {
    this.#set(peer, longAnswered(peer.pathMtu, frameBytes, leftMs, nowMs));
  }

  /** A long PING of the peer came: it may be in doubt about what passes. */
  asked(peer: Peer, nowMs: number): void {
    peer.pathMtu = longAsked(peer.pathMtu, nowMs);
    if (peer.pathMtu.wanted) peer.dueMs = Math.min(peer.dueMs, nowMs);
  }

  /** Looks after the length of the frames that a link carries; it is up. */
  tick(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { measure, number, answeredPingMs: shortAnsweredMs } = peer;
    const longFrames = this.#peers.table.longFrames[number] ?? 0;
    const traffic = { longFrames, shortAnsweredMs, rttMs: rttMs(measure), isLossy: pingLoss(measure) > LOSSY };
    const step = tickPathMtu(peer.pathMtu, traffic, nowMs);
    this.#set(peer, step.next);
    peer.dueMs = Math.min(peer.dueMs, Math.max(step.dueMs, nowMs + 10));
    const effects: LinkEffect[] = [];
    for (const effect of step.effects) {
      if (effect.type === 'long') effects.push({ type: 'longPing', peer, frameBytes: effect.frameBytes });
      else if (effect.type === 'short') effects.push({ type: 'ping', peer, via: null });
      else this.#tell(peer);
    }
    return effects;
  }

  #tell(peer: Peer): void {
    const { engine, counters } = this.#peers.options;
    counters.add('link.black_hole');
    if (!engine.tellPathMtu(peer.slot, LEAST_PATH_MTU)) peer.pathMtu = notTold(peer.pathMtu);
  }

  #set(peer: Peer, pathMtu: PathMtu): void {
    peer.pathMtu = pathMtu;
    this.#peers.table.longestFrame[peer.number] = limitOf(pathMtu) ?? 0;
  }
}
