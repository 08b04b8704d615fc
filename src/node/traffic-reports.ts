/** Who was sent data: told to the slow path a few times a second at most, so that links and sessions are looked at in time. */
import { type LinkTable, LONG_FRAME_BYTES } from '../link/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import { TRAFFIC_REPORT_MS } from './limits.ts';
import type { Punts } from './punts.ts';

/** The reports of one packet path. */
export class TrafficReports {
  readonly #table: LinkTable;
  readonly #punts: Punts;
  readonly #peersMs = new Float64Array(257).fill(Number.NEGATIVE_INFINITY);
  #ownMs = Number.NEGATIVE_INFINITY;

  constructor(table: LinkTable, punts: Punts) {
    this.#table = table;
    this.#punts = punts;
  }

  /** A data packet goes to a peer. @param frameBytes of the link frame around it */
  note(peer: PeerNumber, frameBytes: number, nowMs: number): void {
    this.#table.lastDataOutMs[peer] = nowMs;
    if (frameBytes > LONG_FRAME_BYTES) this.#table.longFrames[peer] = (this.#table.longFrames[peer] as number) + 1;
    if (nowMs - (this.#peersMs[peer] as number) < TRAFFIC_REPORT_MS) return;
    this.#peersMs[peer] = nowMs;
    this.#punts.traffic(peer);
  }

  /** ... and it is of this machine: what is only passed on concerns no session of ours. */
  noteOwn(nowMs: number): void {
    if (nowMs - this.#ownMs < TRAFFIC_REPORT_MS) return;
    this.#ownMs = nowMs;
    this.#punts.ownTraffic();
  }

  /** A peer is gone: what is sent to the next one with its number is reported at once. */
  forget(peer: PeerNumber): void {
    this.#peersMs[peer] = Number.NEGATIVE_INFINITY;
  }
}
