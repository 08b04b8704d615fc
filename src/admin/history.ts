/**
 * Fifteen minutes of each link, a sample a second, in rings of typed arrays: 16 KB a peer, taken when a peer first shows
 * up. The daemon calls `sample` every second; a node without a daemon pays nothing.
 */
import { toHex } from '../base/index.ts';
import type { PeerSnapshot } from '../node/index.ts';
import { HISTORY_SAMPLES, MAX_HISTORIES } from './limits.ts';

/** One second of a link; null = not known then. */
export type Sample = {
  /** Counts from 1 per link; the newest has the highest. */
  readonly number: number;
  readonly unixMs: number;
  readonly rttUs: number | null;
  readonly lossPpm: number | null;
  readonly rxBps: number;
  readonly txBps: number;
  /** 0 to 100; 0 while the link is not established. */
  readonly quality: number | null;
};

const NONE = 0xffff_ffff;
const NO_QUALITY = 255;

/** The ring of one link. */
class Ring {
  readonly unixS = new Uint32Array(HISTORY_SAMPLES);
  readonly rttUs = new Uint32Array(HISTORY_SAMPLES);
  readonly lossPpm = new Uint32Array(HISTORY_SAMPLES);
  readonly rxBps = new Uint32Array(HISTORY_SAMPLES);
  readonly txBps = new Uint32Array(HISTORY_SAMPLES);
  readonly quality = new Uint8Array(HISTORY_SAMPLES);
  /** Samples ever taken. */
  count = 0;
  seenMs: number;
  rxBytes: number;
  txBytes: number;

  constructor(peer: PeerSnapshot, nowMs: number) {
    this.seenMs = nowMs;
    this.rxBytes = peer.rxBytes;
    this.txBytes = peer.txBytes;
  }

  add(peer: PeerSnapshot, nowMs: number, unixMs: number): void {
    const at = this.count % HISTORY_SAMPLES;
    const elapsedS = Math.max(0.001, (nowMs - this.seenMs) / 1000);
    this.unixS[at] = Math.floor(unixMs / 1000);
    this.rttUs[at] = peer.rttUs === null ? NONE : within(peer.rttUs);
    this.lossPpm[at] = peer.lossPpm === null ? NONE : within(peer.lossPpm);
    // A link that began anew counts from 0 again.
    this.rxBps[at] = within((peer.rxBytes - this.rxBytes) / elapsedS);
    this.txBps[at] = within((peer.txBytes - this.txBytes) / elapsedS);
    this.quality[at] = peer.quality ?? NO_QUALITY;
    this.rxBytes = peer.rxBytes;
    this.txBytes = peer.txBytes;
    this.seenMs = nowMs;
    this.count++;
  }

  read(after: number): readonly Sample[] {
    const samples: Sample[] = [];
    for (let index = Math.max(after, this.count - HISTORY_SAMPLES, 0); index < this.count; index++) {
      const at = index % HISTORY_SAMPLES;
      const quality = this.quality[at] ?? NO_QUALITY;
      samples.push({
        number: index + 1,
        unixMs: (this.unixS[at] ?? 0) * 1000,
        rttUs: known(this.rttUs[at]),
        lossPpm: known(this.lossPpm[at]),
        rxBps: this.rxBps[at] ?? 0,
        txBps: this.txBps[at] ?? 0,
        quality: quality === NO_QUALITY ? null : quality,
      });
    }
    return samples;
  }
}

/** The histories of all links, by key and endpoint. */
export class History {
  readonly #rings = new Map<string, Ring>();

  /** Links with a history. */
  get size(): number {
    return this.#rings.size;
  }

  /** Takes one sample of each peer. Links that are gone are forgotten when their last sample is 15 minutes old. */
  sample(peers: readonly PeerSnapshot[], nowMs: number, unixMs: number): void {
    for (const peer of peers) {
      const id = idOf(peer);
      const known = this.#rings.get(id);
      if (known === undefined) {
        this.#makeRoom(nowMs);
        this.#rings.set(id, new Ring(peer, nowMs));
      } else known.add(peer, nowMs, unixMs);
    }
    for (const [id, ring] of this.#rings) if (nowMs - ring.seenMs > HISTORY_SAMPLES * 1000) this.#rings.delete(id);
  }

  /** Samples of a link, oldest first. @param after only those with a higher number */
  read(peer: Pick<PeerSnapshot, 'key' | 'endpoint'>, after = 0): readonly Sample[] {
    return this.#rings.get(idOf(peer))?.read(after) ?? [];
  }

  /** The link that was silent longest gives way. */
  #makeRoom(nowMs: number): void {
    if (this.#rings.size < MAX_HISTORIES) return;
    let oldest: string | null = null;
    let seenMs = nowMs + 1;
    for (const [id, ring] of this.#rings) if (ring.seenMs < seenMs) [oldest, seenMs] = [id, ring.seenMs];
    if (oldest !== null) this.#rings.delete(oldest);
  }
}

function idOf({ key, endpoint }: Pick<PeerSnapshot, 'key' | 'endpoint'>): string {
  return `${toHex(key)} ${endpoint}`;
}

function within(value: number): number {
  return Math.min(NONE - 1, Math.max(0, Math.round(value)));
}

function known(value: number | undefined): number | null {
  return value === undefined || value === NONE ? null : value;
}
