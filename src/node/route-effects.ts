/** What routing wants done: router messages carried in sessions, paths given to sessions, requests answered. */

import type { Clock } from '../base/index.ts';
import type { Effect } from '../route/index.ts';
import type { Sessions } from '../session/index.ts';
import { SELF_INTERFACE, SELF_LABEL } from '../switch/index.ts';
import { dataHeader, ipv6Header, switchHeader } from '../wire/index.ts';
import type { OpenRequests } from './open-requests.ts';
import type { SessionEffects } from './session-effects.ts';
import type { Reply, WorkQueue } from './work.ts';

/** What the effects of the router are performed with. */
export type RouteEffectsOptions = {
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly sessionEffects: SessionEffects;
  readonly requests: OpenRequests;
  readonly queue: WorkQueue;
};

/** Performs the effects of the router. */
export class RouteEffects {
  readonly #o: RouteEffectsOptions;

  constructor(options: RouteEffectsOptions) {
    this.#o = options;
  }

  /** Performs effects in order. @param reply what is sent to its session goes by its `via` */
  perform(effects: readonly Effect[], reply: Reply | null): void {
    for (const effect of effects) this.#perform(effect, reply);
  }

  #perform(effect: Effect, reply: Reply | null): void {
    const { requests, sessions } = this.#o;
    switch (effect.type) {
      case 'send':
        return this.#sendMessage(effect, reply);
      case 'usePath':
        return this.#usePath(effect);
      case 'dropPath': {
        const session = sessions.get(effect.address);
        if (session !== null) sessions.dropPath(session, effect.label);
        return;
      }
      case 'searchEnded':
        if (effect.id !== null) requests.answer(effect.id, effect);
        else if (effect.tooFar !== null) this.#o.sessionEffects.noRoute(effect.address);
        return;
      case 'pong': {
        const { rttMs, label } = effect;
        const answer = rttMs === null || label === null ? null : { ...effect, rttUs: Math.round(rttMs * 1000), label };
        return requests.answer(effect.id, answer);
      }
      case 'traceEnded': {
        const hops = effect.hops?.map((hop) => ({
          ...hop,
          rttUs: hop.rttMs === null ? null : Math.round(hop.rttMs * 1000),
        }));
        return requests.answer(effect.id, hops ?? null);
      }
    }
  }

  #sendMessage(effect: Effect & { readonly type: 'send' }, reply: Reply | null): void {
    if (effect.label === SELF_LABEL) return;
    const { sessions, clock } = this.#o;
    const nowMs = clock.nowMs();
    const session = sessions.obtain(effect.key, effect.address, nowMs);
    session.protocol = effect.protocol;
    const by = session === reply?.session ? reply.via : null;
    const sealed = sessions.seal(session, dataHeader.CONTENT.dht, effect.content, by, nowMs);
    const packet = new Uint8Array(switchHeader.SIZE + sealed.length);
    switchHeader.emit(switchHeader.original(effect.label), packet);
    packet.set(sealed, switchHeader.SIZE);
    this.#o.queue.post({ type: 'switch', packet, from: SELF_INTERFACE, via: null });
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
    sessions.table.holeBytes[session.number] = effect.holeBytes + ipv6Header.SIZE;
    const effects = sessions.usePath(session, effect.label, effect.hops, nowMs);
    this.#o.queue.post({ type: 'sessions', effects });
  }
}
