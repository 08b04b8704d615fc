/**
 * Control frames of a node: queries are answered along the path they came by, our pings are recognised, errors become
 * hints for routing. Source: protocol 06.
 */

import ipaddr from 'ipaddr.js';
import { type Clock, type Counters, createTokenBucket, type Rng, type TokenBucket, toHex } from '../base/index.ts';
import type { Via } from '../channel/index.ts';
import {
  type AnsweredPing,
  answer,
  createAnswerBudget,
  type ErrorHint,
  type ExpiredPing,
  kindAnswered,
  Pinger,
  type PingRefusal,
  parseError,
  readPacket,
  readRun,
  readSameKey,
  runData,
  type Supernode,
  sameKeyData,
} from '../control/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { type Links, LONG_FRAME_BYTES, type Peer, type Way } from '../link/index.ts';
import { descriptor } from '../packet/index.ts';
import { hopsOf, isOneHop, labelOfInterface, type PeerNumber, SELF_INTERFACE } from '../switch/index.ts';
import { control, controlError, type Label, type LinkAddress } from '../wire/index.ts';
import type { LabelAnswer, PingLabelOptions, PingOutcome } from './answers.ts';
import { LONG_PING_TIMEOUT_MS, PING_TIMEOUT_MS, SWITCH_ERROR_BURST, SWITCH_ERRORS_PER_SECOND } from './limits.ts';
import { PeerPings } from './peer-pings.ts';
import type { WorkQueue } from './work.ts';

const { FRAME_OVERHEAD } = descriptor;

/** Two runs of one key differ but once in 2^64. */
const RUN_BYTES = 8;

/** What control frames are made and answered with. */
export type CtrlFramesOptions = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly counters: Counters;
  readonly publicKey: PublicKey;
  readonly links: Links;
  readonly queue: WorkQueue;
};

/** Somebody waits for the end of a ping along `label`. */
type Asked = { readonly label: Label; readonly end: (outcome: PingOutcome) => void };

/** A ping that shows whether frames of so many bytes pass the link to a peer. */
type LongPing = { readonly peer: PeerNumber; readonly frameBytes: number };

/** A challenge to another address of a peer. */
type Challenge = { readonly challenged: PeerNumber; readonly id: number };

/** What a ping is for; a number is the peer whose link it measures. */
type Purpose = number | LongPing | Challenge | Asked;

/** The control frames of one node. */
export class CtrlFrames {
  readonly #o: CtrlFramesOptions;
  readonly #pinger: Pinger;
  readonly #budgets = new Map<number, TokenBucket>();
  readonly #errors: TokenBucket;
  /** Peer whose link a ping measures, which frames pass it, who is challenged, or who waits for the answer of a ping along a label. */
  readonly #purposes = new Map<number, Purpose>();
  readonly #peerPings = new PeerPings();
  /** Which run of this node it is, for neighbours that it has several ways to. */
  #run: string | null = null;

  constructor(options: CtrlFramesOptions) {
    this.#o = options;
    this.#pinger = new Pinger(options.rng, options.publicKey);
    const limit = { ratePerSecond: SWITCH_ERRORS_PER_SECOND, burst: SWITCH_ERROR_BURST };
    this.#errors = createTokenBucket(limit, options.clock.nowMs());
  }

  /** Pings a direct peer, in the given one of its sessions. @param sameKeyAt where its key answers from, too: it is told */
  pingPeer(peer: Peer, via: Via | null, sameKeyAt?: string): void {
    const nowMs = this.#o.clock.nowMs();
    const told = this.#toldTo(peer, sameKeyAt);
    const sent = this.#pinger.send(labelOfInterface(peer.number), { timeoutMs: PING_TIMEOUT_MS, ...told }, nowMs);
    if (sent === null) return this.#o.counters.add('control.pings_full');
    this.#purposes.set(sent.id, peer.number);
    this.#peerPings.sent(peer.number, { id: sent.id, sentMs: nowMs, isFair: via === null });
    this.#send(sent.packet, via);
  }

  /** Pings a direct peer in a frame of so many bytes. */
  longPing(peer: Peer, frameBytes: number): void {
    const how = { timeoutMs: LONG_PING_TIMEOUT_MS, packetBytes: frameBytes - FRAME_OVERHEAD };
    const sent = this.#pinger.send(labelOfInterface(peer.number), how, this.#o.clock.nowMs());
    if (sent === null) return this.#o.counters.add('control.pings_full');
    this.#purposes.set(sent.id, { peer: peer.number, frameBytes });
    this.#send(sent.packet, null);
  }

  /** Pings a peer at another address than that of its link. @param id of the challenge, for `Links.confirmed` */
  challenge(peer: Peer, id: number, way: Way): void {
    const { clock, counters, queue } = this.#o;
    const sent = this.#pinger.send(labelOfInterface(peer.number), { timeoutMs: PING_TIMEOUT_MS }, clock.nowMs());
    if (sent === null) return counters.add('control.pings_full');
    this.#purposes.set(sent.id, { challenged: peer.number, id });
    queue.post({ type: 'switch', packet: sent.packet, from: SELF_INTERFACE, via: null, way });
  }

  /** Pings whoever is at the end of `label`. @throws MeshError ERR_PING as `Pinger.send` */
  ping(label: Label, { kind, timeoutMs, data }: PingLabelOptions): Promise<PingOutcome> {
    const how = { kind, timeoutMs, ...(data === undefined ? {} : { data }) } as const;
    const sent = this.#pinger.send(label, how, this.#o.clock.nowMs());
    if (sent === null) return Promise.resolve({ result: 'full' });
    return new Promise((resolve) => {
      this.#purposes.set(sent.id, { label, end: resolve });
      this.#o.clock.after(timeoutMs + 1, () => this.expire());
      this.#send(sent.packet, null);
    });
  }

  /** A peer is gone: its number may be another's soon, with a budget of its own, and its pings are nobody's. */
  forget(peer: PeerNumber): void {
    this.#budgets.delete(peer);
    this.#peerPings.forget(peer);
    for (const [id, purpose] of this.#purposes) if (peerOf(purpose) === peer) this.#purposes.delete(id);
  }

  /** Gives up pings without answer. */
  expire(): void {
    const nowMs = this.#o.clock.nowMs();
    for (const ping of this.#pinger.expire(nowMs)) this.#lost(ping);
  }

  /**
   * A control packet for this node.
   * @param from interface it came in by
   * @param via the peer's session it came in, for the answer
   * @param supernode what a GETSNODE is answered with
   */
  receive(packet: Uint8Array, from: PeerNumber, via: Via | null, supernode: Supernode | null): void {
    const { clock, counters, links, publicKey, queue } = this.#o;
    const nowMs = clock.nowMs();
    const read = readPacket(packet);
    if (read === null) return counters.add('control.damaged');
    const { frame, header, returnLabel } = read;
    if (kindAnswered(frame) !== null) {
      const received = this.#pinger.receive(frame, returnLabel, nowMs);
      if (received.ok) return this.#answered(received.ping);
      if (received.id !== undefined) this.#otherwise(received.id, received.refusal, returnLabel);
      return counters.add(`control.pong_${received.refusal}`);
    }
    if (frame.type === control.TYPE.error) {
      const hint = parseError(frame, returnLabel);
      if (hint === null || !this.#errors.take(nowMs)) return counters.add('control.error_ignored');
      this.#failed(hint);
      return queue.tell({ type: 'switchError', path: hint.path, cause: hint.cause.label, code: hint.code });
    }
    const isNeighbour = isOneHop(returnLabel);
    const ownKeyAt = isNeighbour ? readSameKey(frame) : null;
    if (isNeighbour && packet.length + FRAME_OVERHEAD > LONG_FRAME_BYTES) links.longAsked(from, nowMs);
    if (ownKeyAt !== null) links.noteOwnKeyAt(from, ownKeyAt, nowMs);
    const run = isNeighbour ? readRun(frame) : null;
    if (run !== null) links.noteRun(from, run);
    const peer = links.peers.get(from);
    const reply = answer(
      {
        ownKey: publicKey,
        supernode,
        // Only one of the questions wants it, and reading an address takes longer than all others.
        get askerAddress() {
          return peer === undefined ? null : linkAddress(peer);
        },
        budget: this.#budget(from, nowMs),
        counters,
        nowMs,
      },
      frame,
      header,
    );
    // An answer to the neighbour itself goes back in the session of the query; others take what there is.
    if (reply !== null) this.#send(reply, isNeighbour ? via : null);
  }

  /** What stands in a ping to a peer beside the question. */
  #toldTo({ hasSeveralWays }: Peer, sameKeyAt: string | undefined): { readonly data?: Uint8Array } {
    if (sameKeyAt !== undefined) return { data: sameKeyData(sameKeyAt) };
    if (!hasSeveralWays) return {};
    this.#run ??= toHex(this.#o.rng.bytes(RUN_BYTES));
    return { data: runData(this.#run) };
  }

  /** Puts a packet of ours into the switch. */
  #send(packet: Uint8Array, via: Via | null): void {
    this.#o.queue.post({ type: 'switch', packet, from: SELF_INTERFACE, via });
  }

  #answered(ping: AnsweredPing): void {
    const purpose = this.#purposes.get(ping.id);
    this.#purposes.delete(ping.id);
    if (typeof purpose === 'number') this.#peerAnswered(purpose, ping);
    else if (isLong(purpose)) this.#longAnswered(purpose, ping);
    else if (isChallenge(purpose)) this.#confirmed(purpose, ping);
    else purpose?.end({ result: 'pong', answer: answerOf(ping) });
  }

  #longAnswered({ peer, frameBytes }: LongPing, { rttMs }: AnsweredPing): void {
    const { clock, links } = this.#o;
    const nowMs = clock.nowMs();
    links.longPong(peer, frameBytes, nowMs - rttMs, nowMs);
  }

  #confirmed({ challenged, id }: Challenge, { rttMs, version }: AnsweredPing): void {
    const { clock, links, queue } = this.#o;
    queue.post({ type: 'links', effects: links.confirmed(challenged, id, rttMs, version, clock.nowMs()) });
  }

  #peerAnswered(peer: PeerNumber, ping: AnsweredPing): void {
    const { clock, links, queue } = this.#o;
    const nowMs = clock.nowMs();
    for (const { id, sentMs } of this.#peerPings.answered(peer, ping.id)) {
      this.#pinger.forget(id);
      this.#purposes.delete(id);
      queue.post({ type: 'links', effects: links.pingLost(peer, sentMs, nowMs) });
    }
    queue.post({ type: 'links', effects: links.pong(peer, ping.rttMs, ping.version, nowMs) });
  }

  /** The right ping came back, but not as it was sent: whoever asked wants to know; a link goes on waiting. */
  #otherwise(id: number, refusal: PingRefusal, returnLabel: Label): void {
    const purpose = this.#purposes.get(id);
    if (!isAsked(purpose)) return;
    this.#purposes.delete(id);
    purpose.end(refusal === 'label' ? { result: 'diffLabel', label: returnLabel } : { result: 'diffData' });
  }

  /** A switch reports about a path that somebody asked us to ping. Only a hint, and only they are told. */
  #failed({ path, code }: ErrorHint): void {
    for (const [id, purpose] of this.#purposes) {
      if (!isAsked(purpose) || purpose.label !== path) continue;
      this.#purposes.delete(id);
      return purpose.end({ result: code === controlError.CODE.loopRoute ? 'errLoop' : 'errSwitch', code });
    }
  }

  #lost(ping: ExpiredPing): void {
    const purpose = this.#purposes.get(ping.id);
    this.#purposes.delete(ping.id);
    if (typeof purpose === 'number') this.#peerPings.expired(purpose, ping.id);
    else if (isAsked(purpose)) purpose.end({ result: 'timeout' });
  }

  #budget(from: number, nowMs: number): TokenBucket {
    const present = this.#budgets.get(from);
    if (present !== undefined) return present;
    const budget = createAnswerBudget(nowMs);
    this.#budgets.set(from, budget);
    return budget;
  }
}

function isAsked(purpose: Purpose | undefined): purpose is Asked {
  return typeof purpose === 'object' && 'end' in purpose;
}

/** The peer that a ping is about; null for one that somebody asked for. */
function peerOf(purpose: Purpose): PeerNumber | null {
  if (typeof purpose === 'number') return purpose;
  if (isLong(purpose)) return purpose.peer;
  return isChallenge(purpose) ? purpose.challenged : null;
}

function isLong(purpose: Purpose | undefined): purpose is LongPing {
  return typeof purpose === 'object' && 'frameBytes' in purpose;
}

function isChallenge(purpose: Purpose | undefined): purpose is Challenge {
  return typeof purpose === 'object' && 'challenged' in purpose;
}

function answerOf({ rttMs, label, version, key, snode, rpath, linkAddress }: AnsweredPing): LabelAnswer {
  return {
    rttUs: Math.round(rttMs * 1000),
    label,
    hops: hopsOf(label)?.length ?? null,
    protocol: version,
    key,
    snode,
    rpath,
    linkAddress,
  };
}

/** The peer's address in the form of LLADDR (protocol 06 §2.5). */
function linkAddress(peer: Peer): LinkAddress | null {
  const text = peer.endpoint.host.split('%')[0] ?? '';
  if (!ipaddr.isValid(text)) return null;
  const address = Uint8Array.from(ipaddr.parse(text).toByteArray());
  return { kind: 'udp', port: peer.endpoint.port, address };
}
