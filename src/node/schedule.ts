/** When the layers of a node have something due: one alarm, rung at the earliest moment that any of them wants. */

import type { Clock } from '../base/index.ts';
import type { Links } from '../link/index.ts';
import type { Router } from '../route/index.ts';
import type { Sessions } from '../session/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import { Alarm } from './alarm.ts';
import { BUSY_LOOK_MS } from './limits.ts';
import type { SupernodeEffects } from './supernode-effects.ts';
import type { Work, WorkQueue } from './work.ts';

/** A layer with timers. */
export type DueLayer = (Work & { readonly type: 'due' })['layer'];

/** Who has timers. */
export type ScheduleOptions = {
  readonly clock: Clock;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly router: Router;
  readonly supernodes: SupernodeEffects;
  readonly queue: WorkQueue;
};

/** The timers of one node. */
export class Schedule {
  readonly #o: ScheduleOptions;
  readonly #alarm: Alarm;
  /** Sessions are not asked after each packet: going through all of them would cost more than the packet. */
  #sessionsDueMs = 0;

  constructor(options: ScheduleOptions) {
    this.#o = options;
    this.#alarm = new Alarm(options.clock, () => this.#ring());
  }

  /** Sets the alarm anew; wanted after whatever may have changed what is due. */
  arm(): void {
    const { links, router, supernodes } = this.#o;
    this.#alarm.at(Math.min(links.nextDueMs(), router.nextDueMs(), supernodes.nextDueMs(), this.#sessionsDueMs));
  }

  /** Whether something of a layer is due; asked once per ring. */
  isDue(layer: DueLayer, nowMs: number): boolean {
    const { links, sessions, router, supernodes } = this.#o;
    if (layer === 'links') return links.nextDueMs() <= nowMs;
    if (layer === 'router') return router.nextDueMs() <= nowMs;
    if (layer === 'supernodes') return supernodes.nextDueMs() <= nowMs;
    if (nowMs < this.#sessionsDueMs) return false;
    this.#sessionsDueMs = sessions.nextDueMs(nowMs);
    return true;
  }

  /** Something happened to sessions: they are looked at with the next ring, which is now. */
  sessionsChanged(): void {
    this.#sessionsDueMs = 0;
  }

  /** Data was sent to a peer: the link has to be looked at soon. */
  expectTraffic(peer: PeerNumber): void {
    const { clock, links } = this.#o;
    links.expectTraffic(peer, clock.nowMs() + BUSY_LOOK_MS);
  }

  /** Data of our own was sent: the sessions have to be looked at soon. */
  expectAnswers(): void {
    this.#sessionsDueMs = Math.min(this.#sessionsDueMs, this.#o.clock.nowMs() + BUSY_LOOK_MS);
  }

  /** Never rings again. */
  close(): void {
    this.#alarm.close();
  }

  #ring(): void {
    const { queue } = this.#o;
    for (const layer of ['links', 'sessions', 'router', 'supernodes'] as const) queue.arrive({ type: 'due', layer });
    queue.run();
  }
}
