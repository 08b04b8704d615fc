/** What routing wants done: router messages carried in sessions, paths given to sessions, commands answered. */

import type { Clock } from '../base/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import type { Via } from '../cryptoauth/index.ts';
import type { Effect, Event, Router } from '../route/index.ts';
import type { Session, SessionEffect, Sessions } from '../session/index.ts';
import { SELF_LABEL } from '../switch/index.ts';
import { dataHeader, switchHeader } from '../wire/index.ts';
import type { Commands } from './commands.ts';

/** Who performs what. */
export type RoutePlaneOptions = {
  readonly clock: Clock;
  readonly router: Router;
  readonly sessions: Sessions;
  readonly commands: Commands;
  /** Puts a packet of ours into the switch. */
  readonly send: (packet: Uint8Array) => void;
  /** A search ended so: the node is too far away for any label. */
  readonly tooFar: (address: Ip6) => void;
  readonly performSessions: (effects: readonly SessionEffect[]) => void;
};

/** Performs the effects of the router. */
export class RoutePlane {
  readonly #o: RoutePlaneOptions;

  constructor(options: RoutePlaneOptions) {
    this.#o = options;
  }

  /**
   * Tells routing something and does what it wants.
   * @param answering session whose message this is; what is sent to it goes by `via` (protocol 02 §14.1)
   */
  tell(event: Event, answering: Session | null, via: Via | null): void {
    for (const effect of this.#o.router.handle(event, this.#o.clock.nowMs())) this.#perform(effect, answering, via);
  }

  /** Carries a router message of the administration's, not the router's. */
  send(message: Omit<Effect & { readonly type: 'send' }, 'type'>): void {
    this.#sendMessage({ type: 'send', ...message }, null, null);
  }

  #perform(effect: Effect, answering: Session | null, via: Via | null): void {
    const { commands, sessions } = this.#o;
    switch (effect.type) {
      case 'send':
        return this.#sendMessage(effect, answering, via);
      case 'usePath':
        return this.#usePath(effect);
      case 'dropPath': {
        const session = sessions.get(effect.address);
        if (session !== null) sessions.dropPath(session, effect.label);
        return;
      }
      case 'searchEnded':
        if (effect.id !== null) commands.answer(effect.id, effect);
        else if (effect.tooFar !== null) this.#o.tooFar(effect.address);
        return;
      case 'pong': {
        const { rttMs, label } = effect;
        const answer = rttMs === null || label === null ? null : { ...effect, rttUs: Math.round(rttMs * 1000), label };
        return commands.answer(effect.id, answer);
      }
      case 'traceEnded': {
        const hops = effect.hops?.map((hop) => ({
          ...hop,
          rttUs: hop.rttMs === null ? null : Math.round(hop.rttMs * 1000),
        }));
        return commands.answer(effect.id, hops ?? null);
      }
    }
  }

  #sendMessage(effect: Effect & { readonly type: 'send' }, answering: Session | null, via: Via | null): void {
    if (effect.label === SELF_LABEL) return;
    const { sessions, clock } = this.#o;
    const nowMs = clock.nowMs();
    const session = sessions.obtain(effect.key, effect.address, nowMs);
    session.protocol = effect.protocol;
    const by = session === answering ? via : null;
    const sealed = sessions.seal(session, dataHeader.CONTENT.dht, effect.content, by, nowMs);
    const packet = new Uint8Array(switchHeader.SIZE + sealed.length);
    switchHeader.emit(switchHeader.original(effect.label), packet);
    packet.set(sealed, switchHeader.SIZE);
    this.#o.send(packet);
  }

  #usePath(effect: Effect & { readonly type: 'usePath' }): void {
    const { sessions, clock } = this.#o;
    const nowMs = clock.nowMs();
    const known = sessions.get(effect.address);
    if (known === null && !sessions.waiting.has(effect.address)) return;
    const session = known ?? sessions.obtain(effect.key, effect.address, nowMs);
    session.protocol = effect.protocol;
    session.rttMs = effect.rttMs ?? session.rttMs;
    sessions.table.holeUntilMs[session.number] = effect.holeUntilMs ?? 0;
    this.#o.performSessions(sessions.usePath(session, effect.label, effect.hops, nowMs));
  }
}
