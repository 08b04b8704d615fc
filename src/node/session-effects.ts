/**
 * What the sessions want done: paths asked for, handshakes brought forward, waiting packets sent, senders told.
 * Source: protocol 07, 02 §11.1.
 */

import { BoundedMap, type Clock, type Counters, createTokenBucket, type TokenBucket } from '../base/index.ts';
import type { Via } from '../channel/index.ts';
import { packetOf } from '../control/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import { addressKey } from '../crypto/index.ts';
import type { Event, Router } from '../route/index.ts';
import {
  lastInLabel,
  longestSent,
  type Session,
  type SessionEffect,
  type SessionNumber,
  type Sessions,
} from '../session/index.ts';
import { type PeerNumber, reverse64, SELF_INTERFACE } from '../switch/index.ts';
import {
  ADDRESS_UNREACHABLE,
  ICMP_BURST,
  ICMP_PER_SECOND,
  NO_ROUTE,
  packetTooBig,
  refusalCode,
  unreachable,
} from '../tun/index.ts';
import { controlError, dataHeader, type Label, type SwitchHeader, switchHeader } from '../wire/index.ts';
import type { DataPath } from './data-path.ts';
import { AUTH_ERROR_BURST, AUTH_ERRORS_PER_SECOND, FAR_WANTED, FAR_WANTED_MS, PATH_GOOD_MS } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { WorkQueue } from './work.ts';

/** What the effects of the sessions are performed with. */
export type SessionEffectsOptions = {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly sessions: Sessions;
  readonly router: Router;
  readonly path: DataPath;
  readonly outbox: Outbox;
  readonly queue: WorkQueue;
};

/** Performs the effects of the sessions. */
export class SessionEffects {
  readonly #o: SessionEffectsOptions;
  readonly #authErrors: TokenBucket;
  readonly #icmp: TokenBucket;
  /** When a node out of reach was last looked for on behalf of programs. */
  readonly #wantedMs = new BoundedMap<string, number>(FAR_WANTED);

  constructor(options: SessionEffectsOptions) {
    const nowMs = options.clock.nowMs();
    this.#o = options;
    this.#authErrors = createTokenBucket({ ratePerSecond: AUTH_ERRORS_PER_SECOND, burst: AUTH_ERROR_BURST }, nowMs);
    this.#icmp = createTokenBucket({ ratePerSecond: ICMP_PER_SECOND, burst: ICMP_BURST }, nowMs);
  }

  /** Performs effects in order. */
  perform(effects: readonly SessionEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  /** A session packet for this node that the fast path did not take. */
  receive(packet: Uint8Array, header: SwitchHeader, handshake: boolean): void {
    const { sessions, clock } = this.#o;
    const rest = packet.subarray(switchHeader.SIZE);
    const nowMs = clock.nowMs();
    const effects = handshake
      ? sessions.receiveHandshake(rest, header.label, nowMs)
      : sessions.receiveData(rest, header.label, nowMs);
    for (const effect of effects) {
      if (effect.type === 'authenticationError') this.#authenticationError(packet, header, effect.error, effect.state);
    }
    this.#o.queue.post({ type: 'sessions', effects });
  }

  /** Content of a session that is not for the TUN. @param arrivedLabel label field as it arrived */
  content(
    session: Session,
    contentType: number,
    content: Uint8Array,
    arrivedLabel: Label,
    via: Via | null,
    handshake = false,
  ): void {
    const { clock, counters, path, queue } = this.#o;
    if (contentType === dataHeader.CONTENT.dht) {
      if (!session.messages.take(clock.nowMs())) return counters.add('node.message_limit');
      const returnLabel = reverse64(arrivedLabel);
      const { key, address } = session;
      queue.tell({ type: 'message', key, address, returnLabel, content, handshake }, { session, via });
    } else if (contentType <= dataHeader.CONTENT.maxNextHeader) {
      path.deliverUserData(session.number, contentType, content);
    } else counters.add('node.content_type');
  }

  /** An IPv6 packet of this machine whose session is not ready: it waits, or its sender is told at once that it can't go. */
  unready(packet: Uint8Array): void {
    const { clock, router, queue, sessions } = this.#o;
    const address = packet.slice(24, 40) as Ip6;
    const nowMs = clock.nowMs();
    const isHopeless = router.tooFar(address) !== null && (sessions.get(address)?.label ?? null) === null;
    if (!isHopeless) return queue.post({ type: 'sessions', effects: sessions.queue(address, packet, nowMs) });
    this.#unreachable(packet, NO_ROUTE);
    // It is looked for again and again, as long as programs try.
    const id = addressKey(address);
    if (nowMs - (this.#wantedMs.get(id) ?? Number.NEGATIVE_INFINITY) < FAR_WANTED_MS) return;
    this.#wantedMs.set(id, nowMs);
    this.#route({ type: 'wantPath', address, key: null, urgent: true });
  }

  /** A packet of this machine is longer than what surely passes, and its path is known to lose such: its sender is told. */
  tooBig(packet: Uint8Array, session: SessionNumber): void {
    const { counters, path, clock } = this.#o;
    counters.add('tun.too_big');
    this.#tell(packetTooBig(packet, path.mtuTo(session, clock.nowMs())));
  }

  /** A packet of this machine that the mesh does not carry: its sender is told why, where it may be. */
  refused(packet: Uint8Array): void {
    const code = refusalCode(packet);
    if (code !== null) this.#unreachable(packet, code);
  }

  /** No label reaches a node: what waits for it will never go, and programs need not wait to hear of it. */
  noRoute(address: Ip6): void {
    const { sessions, clock } = this.#o;
    if ((sessions.get(address)?.label ?? null) !== null) return;
    for (const packet of sessions.waiting.take(address, clock.nowMs())) this.#unreachable(packet, NO_ROUTE);
  }

  /** Tells routing which sessions are in use, and over which labels they hear something. */
  report(nowMs: number): void {
    const { sessions } = this.#o;
    for (const session of sessions.all) {
      const { key, address } = session;
      if (!sessions.isActive(session, nowMs)) {
        if (session.wanted) this.#route({ type: 'noLongerWanted', address });
        session.wanted = false;
        continue;
      }
      if (!session.wanted) this.#route({ type: 'wantPath', address, key, urgent: false });
      session.wanted = true;
      const bytes = longestSent(session.sizes, sessions.table, session.number, nowMs);
      if (bytes !== session.sizes.toldBytes) this.#route({ type: 'sending', address, bytes });
      session.sizes.toldBytes = bytes;
      const heardMs = sessions.lastInMs(session);
      if (heardMs <= session.reportedGoodMs || nowMs - session.reportedGoodMs < PATH_GOOD_MS) continue;
      session.reportedGoodMs = nowMs;
      const label = reverse64(lastInLabel(sessions.table, session.number));
      const lossPercent = session.loss === null ? null : session.loss * 100;
      this.#route({ type: 'pathGood', address, label, rttMs: null, lossPercent });
    }
  }

  /** A peer is gone: what began with its interface would go to whoever gets the number next. */
  forget(peer: PeerNumber): void {
    const { sessions } = this.#o;
    for (const session of sessions.all) {
      if (session.label !== null && sessions.table.firstHop[session.number] === peer)
        sessions.dropPath(session, session.label);
    }
  }

  #route(event: Event): void {
    this.#o.queue.tell(event);
  }

  #perform(effect: SessionEffect): void {
    // It may have ended since; its number may be another's.
    if ('session' in effect && this.#o.sessions.byNumber(effect.session.number) !== effect.session) return;
    switch (effect.type) {
      case 'needPath':
        return this.#route({ type: 'wantPath', address: effect.address, key: null, urgent: true });
      case 'needHandshake':
        return this.#probe(effect.session, effect.session.label);
      case 'pathDoubt':
        return this.#probe(effect.session, effect.label);
      case 'pathSilent':
        return this.#route({ type: 'pathSilent', address: effect.session.address, label: effect.label });
      case 'deliver':
        return this.content(
          effect.session,
          effect.contentType,
          effect.content,
          effect.label,
          effect.via,
          effect.handshake,
        );
      case 'ready':
        return this.#flush(effect.session);
      case 'unreachable':
        return this.#unreachable(effect.packet, ADDRESS_UNREACHABLE);
      case 'removed':
        return this.#route({ type: 'noLongerWanted', address: effect.address });
      case 'authenticationError':
        return;
    }
  }

  /** Asks the other side something over `label`: it brings the handshake forward, and shows whether the path works. */
  #probe(session: Session, label: Label | null): void {
    if (label === null) return;
    this.#route({ type: 'probe', key: session.key, address: session.address, label });
  }

  #flush(session: Session): void {
    const { sessions, clock, path } = this.#o;
    const nowMs = clock.nowMs();
    for (const packet of sessions.waiting.take(session.address, nowMs)) {
      if (packet.length > path.mtuTo(session.number, nowMs)) this.tooBig(packet, session.number);
      else if (!path.sendUserPacket(packet)) sessions.waiting.add(session.address, packet, nowMs);
    }
  }

  #unreachable(packet: Uint8Array, code: number): void {
    this.#tell(unreachable(packet, code));
  }

  #tell(error: Uint8Array | null): void {
    if (error !== null && this.#icmp.take(this.#o.clock.nowMs())) this.#o.outbox.writeToTun(error);
  }

  /** Tells the sender of a packet that it could not be opened; errors are never answered with errors. */
  #authenticationError(packet: Uint8Array, header: SwitchHeader, errorNumber: number, stateNumber: number): void {
    if (header.suppressErrors || !this.#authErrors.take(this.#o.clock.nowMs())) return;
    const cause = controlError.authenticationCause(packet, errorNumber, stateNumber);
    const frame = controlError.emit({ code: controlError.CODE.authentication, cause });
    const error = packetOf(reverse64(header.label), frame);
    error[switchHeader.OFFSET.flags] = 1;
    this.#o.queue.post({ type: 'switch', packet: error, from: SELF_INTERFACE, via: null });
  }
}
