/**
 * Two parties over a faulty network on a virtual clock. Each behaves as a link does (protocol 04 §4.3, §6): pings every
 * half second, answers pings the way they came, and pings back while the session is half open.
 */
import type { Rng } from '../../src/base/index.ts';
import { type Party, pick } from './support.ts';

export const TICK_MS = 500;

/** What happens to a packet: the delays of its copies in ms; none = lost. @param number packets sent before it */
export type Faults = (number: number, nowMs: number) => readonly number[];

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** Wrapped in ping and pong: who began it, and when. */
type Side = { party: Party; peer: Side | null; lastPongMs: number };

const PING = 1;
const PONG = 2;

/** The simulated world. */
export type World = {
  readonly sides: readonly [Side, Side];
  readonly nowMs: () => number;
  /** Packets sent so far. */
  readonly sent: () => number;
  /** Lets a side begin to ping at a time; a side that never begins only answers. */
  readonly start: (side: 0 | 1, atMs: number) => void;
  /** Runs something at a time. */
  readonly at: (atMs: number, run: () => void) => void;
  /** Sends one ping now. */
  readonly ping: (side: 0 | 1, via: 'live' | 'pending') => void;
  /** Goes through the events until `endMs`, or until `stop` says so. */
  readonly runUntil: (endMs: number, stop?: () => boolean) => void;
};

export function world(a: Party, b: Party, faults: Faults): World {
  const sides: [Side, Side] = [
    { party: a, peer: null, lastPongMs: -1 },
    { party: b, peer: null, lastPongMs: -1 },
  ];
  sides[0].peer = sides[1];
  sides[1].peer = sides[0];
  const events: Event[] = [];
  let nowMs = 0;
  let sent = 0;
  let order = 0;
  const at = (atMs: number, run: () => void) => void events.push({ atMs, order: order++, run });

  const send = (from: Side, kind: number, via: 'live' | 'pending') => {
    const packet = from.party.association.seal(Uint8Array.of(kind), nowMs, via);
    const { peer } = from;
    if (peer !== null) for (const delayMs of faults(sent, nowMs)) at(nowMs + delayMs, () => receive(peer, packet));
    sent++;
  };
  const receive = (side: Side, packet: Uint8Array) => {
    const { association } = side.party;
    association.checkTimeouts(nowMs);
    const opened = association.open(packet, nowMs);
    if (!opened.ok) return;
    if (opened.payload[0] === PONG && opened.established) side.lastPongMs = nowMs;
    if (opened.payload[0] === PING) send(side, PONG, opened.via);
    if (!opened.established) send(side, PING, opened.via);
  };
  const tick = (side: Side) => {
    send(side, PING, 'live');
    at(nowMs + TICK_MS, () => tick(side));
  };
  return {
    sides,
    nowMs: () => nowMs,
    sent: () => sent,
    at,
    ping: (side, via) => send(sides[side], PING, via),
    start: (side, atMs) => at(atMs, () => tick(sides[side])),
    runUntil: (endMs, stop = () => false) => {
      while (!stop()) {
        let first = 0;
        for (let index = 1; index < events.length; index++) if (earlier(events[index], events[first])) first = index;
        const [event] = events.splice(first, 1);
        if (event === undefined || event.atMs > endMs) {
          if (event !== undefined) events.push(event);
          nowMs = endMs;
          return;
        }
        nowMs = event.atMs;
        event.run();
      }
    },
  };
}

function earlier(a: Event | undefined, b: Event | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

/** Both are established, and a ping under data keys was answered: it works in both directions. */
export function works({ sides }: World): boolean {
  return (
    sides.every(({ party }) => party.association.stateNumber === 100) && sides.some(({ lastPongMs }) => lastPongMs >= 0)
  );
}

/** Forgets the answers so far. */
export function forgetPongs({ sides }: World): void {
  for (const side of sides) side.lastPongMs = -1;
}

/** Random delay up to `spreadMs`, loss and duplication in percent until `untilMs`; afterwards nothing but a small delay. */
export function randomFaults(rng: Rng, spreadMs: number, lossPercent: number, untilMs: number): Faults {
  const delay = () => 1 + pick(rng, spreadMs);
  return (_, nowMs) => {
    if (nowMs >= untilMs) return [20];
    if (pick(rng, 100) < lossPercent) return [];
    return pick(rng, 100) < lossPercent ? [delay(), delay()] : [delay()];
  };
}
