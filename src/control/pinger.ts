/**
 * Asks the ends of labels and recognises their answers. Source: protocol 06 §2.1 to §2.5; what can be asked is in kinds.ts.
 *
 *   data = handle (4) | cookie (8 random bytes) | user data
 *
 * An answer counts if handle and cookie are those of a waiting ping of its kind, it came back by the label that was
 * pinged, and its user data are unchanged. A refused answer changes nothing: the ping goes on waiting.
 */
import { concat, equal, equalConstantTime, MeshError, type Rng, readU32, writeU32 } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import type { ControlFrame, Label } from '../wire/index.ts';
import { KINDS, kindAnswered, type PingKind, type PongFacts } from './kinds.ts';
import { MAX_OUTSTANDING, MAX_TIMEOUT_MS } from './limits.ts';
import { packetOf } from './packet.ts';
import { COOKIE_BYTES, PING_DATA_PREFIX_BYTES, PING_PACKET_BYTES } from './spec.ts';

/** How to ping. */
export type PingOptions = {
  /** Default 'ping'. */
  readonly kind?: PingKind;
  /** More than 0, at most 60000. */
  readonly timeoutMs: number;
  /** Returned unchanged by the other side; at most 256 bytes, for a KEYPING 52. */
  readonly data?: Uint8Array;
  /** Zeros follow the data until the packet is as long, bytes; only for a neighbour, who returns any length (protocol 06 §2.1). */
  readonly packetBytes?: number;
};

/** A packet to put into our own switch, and the number by which its end will be reported. */
export type SentPing = { readonly id: number; readonly packet: Uint8Array };

/** A ping that was answered. */
export type AnsweredPing = PongFacts & {
  readonly id: number;
  readonly kind: PingKind;
  readonly label: Label;
  readonly rttMs: number;
  /** Protocol version the answer announces; not checked here. */
  readonly version: number;
  readonly data: Uint8Array;
};

/** A ping without answer in time. */
export type ExpiredPing = { readonly id: number; readonly kind: PingKind; readonly label: Label };

/** Why an answer does not count. */
export type PingRefusal = 'notPong' | 'malformed' | 'unknown' | 'cookie' | 'label' | 'data';

/** What came of a frame. */
export type ReceivedPing =
  | { readonly ok: true; readonly ping: AnsweredPing }
  /** `id` where the answer is surely that of a ping of ours, but not the one that was expected (label, data). */
  | { readonly ok: false; readonly refusal: PingRefusal; readonly id?: number };

type Waiting = ExpiredPing & {
  readonly cookie: Uint8Array;
  readonly data: Uint8Array;
  readonly sentMs: number;
  readonly deadlineMs: number;
};

/** The pings that wait for their answers, at most 4096. */
export class Pinger {
  readonly #rng: Rng;
  readonly #ownKey: PublicKey;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(rng: Rng, ownKey: PublicKey) {
    this.#rng = rng;
    this.#ownKey = ownKey;
  }

  /** Pings waiting now. */
  get outstanding(): number {
    return this.#waiting.size;
  }

  /**
   * Makes a ping along `label`.
   * @returns null if too many are waiting
   * @throws MeshError ERR_PING (too much data, a timeout outside 0 to 60 s)
   */
  send(label: Label, options: PingOptions, nowMs: number): SentPing | null {
    const { kind = 'ping', timeoutMs, data = new Uint8Array(), packetBytes = 0 } = options;
    const { maxDataBytes: maxData, ask } = KINDS[kind];
    if (data.length > maxData) throw new MeshError('ERR_PING', `ping data must have at most ${maxData} bytes`);
    if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) throw new MeshError('ERR_PING', 'ping timeout out of range');
    if (this.#waiting.size >= MAX_OUTSTANDING) return null;

    const id = this.#takeId();
    const cookie = this.#rng.bytes(COOKIE_BYTES);
    const deadlineMs = nowMs + timeoutMs;
    const padded = new Uint8Array(Math.max(data.length, packetBytes - PING_PACKET_BYTES));
    padded.set(data);
    this.#waiting.set(id, { id, kind, label, cookie, data: padded, sentMs: nowMs, deadlineMs });
    this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs);

    const handle = new Uint8Array(4);
    writeU32(handle, 0, id);
    return { id, packet: packetOf(label, ask(concat(handle, cookie, padded), label, this.#ownKey)) };
  }

  /**
   * Takes an answer.
   * @param returnLabel label from us to the sender, the mirrored label of the packet
   */
  receive(frame: ControlFrame, returnLabel: Label, nowMs: number): ReceivedPing {
    const kind = kindAnswered(frame);
    if (kind === null) return refused('notPong');
    const pong = KINDS[kind].read(frame);
    if (pong === null || pong.data.length < PING_DATA_PREFIX_BYTES) return refused('malformed');

    const waiting = this.#waiting.get(readU32(pong.data, 0));
    if (waiting === undefined || waiting.kind !== kind || nowMs >= waiting.deadlineMs) return refused('unknown');
    const { id, label, cookie, data } = waiting;
    if (!equalConstantTime(pong.data.subarray(4, PING_DATA_PREFIX_BYTES), cookie)) return refused('cookie');
    if (returnLabel !== label) return refused('label', id);
    if (!equal(pong.data.subarray(PING_DATA_PREFIX_BYTES), data)) return refused('data', id);

    this.#waiting.delete(id);
    const rttMs = Math.max(0, nowMs - waiting.sentMs);
    return { ok: true, ping: { ...pong, id, kind, label, rttMs, data } };
  }

  /** Gives up a ping before its time. */
  forget(id: number): void {
    this.#waiting.delete(id);
  }

  /** Gives up the pings whose time is over and returns them, oldest first. */
  expire(nowMs: number): readonly ExpiredPing[] {
    if (nowMs < this.#nextDeadlineMs) return [];
    const expired: ExpiredPing[] = [];
    this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
    for (const { id, kind, label, deadlineMs } of this.#waiting.values()) {
      if (nowMs < deadlineMs) {
        this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs);
        continue;
      }
      this.#waiting.delete(id);
      expired.push({ id, kind, label });
    }
    return expired;
  }

  /** The next handle that is free; there are far more than pings may wait. */
  #takeId(): number {
    while (this.#waiting.has(this.#nextId)) this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    return id;
  }
}

function refused(refusal: PingRefusal, id?: number): ReceivedPing {
  return { ok: false, refusal, ...(id === undefined ? {} : { id }) };
}
