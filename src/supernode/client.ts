/**
 * The client of a supernode: events in, effects out; no clock, no operating system. It only connects its parts:
 *
 *   hunter (which one) -> announcer (tells it our links), routes (asks it for ways), all of them -> queries
 *
 * Source: protocol 09.
 */
import { createAnnouncer } from './announcer.ts';
import type { Context } from './context.ts';
import { createHunter } from './hunter.ts';
import { Queries } from './queries.ts';
import { createRoutes } from './routes.ts';
import type { ClientOptions, Effect, Event, Message, SupernodeStatus } from './types.ts';

/** A client. `handle` and `receive` take events in order of time. */
export type SupernodeClient = {
  readonly handle: (event: Event, nowMs: number) => readonly Effect[];
  /** A router message; null if it does not answer a query of ours: it is for others then. */
  readonly receive: (message: Message, nowMs: number) => readonly Effect[] | null;
  /** When the next `tick` is needed; Infinity if never. */
  readonly nextDueMs: () => number;
  readonly status: () => SupernodeStatus;
};

/** Makes a client that does nothing until it is `configured`. */
export function createSupernodeClient(options: ClientOptions, nowMs = 0): SupernodeClient {
  const context: Context = { options, queries: new Queries(), inUse: null, peers: [], nowMs, effects: [] };
  const announcer = createAnnouncer(context, (reason) => hunter.giveUp(reason));
  const hunter = createHunter(context, {
    adopted: announcer.begin,
    lost: announcer.end,
    heard: announcer.heard,
  });
  const routes = createRoutes(context);

  function during(atMs: number, act: () => void): readonly Effect[] {
    context.nowMs = Math.max(context.nowMs, atMs);
    context.effects = [];
    act();
    const { effects } = context;
    context.effects = [];
    return effects;
  }

  function perform(event: Event): void {
    switch (event.type) {
      case 'tick':
        context.peers = event.peers;
        context.queries.expire(context.nowMs);
        hunter.tick();
        return announcer.tick();
      case 'configured':
        return hunter.configure(event.keys);
      case 'named':
        return hunter.named(event.peerLabel, event.key, event.protocol, event.path);
      case 'found':
        return hunter.found(event.key, event.label, event.protocol);
      case 'reverse':
        return announcer.reverse.told(context, event.peerLabel, event.label);
      case 'want':
        return routes.want(event.address);
      case 'switchError':
        return hunter.doubt(event.path);
    }
  }

  return {
    handle: (event, atMs) => during(atMs, () => perform(event)),
    receive: (message, atMs) => {
      let isOurs = false;
      const effects = during(atMs, () => {
        isOurs = context.queries.take(context, message);
      });
      return isOurs ? effects : null;
    },
    nextDueMs: () => Math.min(hunter.dueMs(), announcer.dueMs(), context.queries.dueMs),
    status: () => ({
      configured: hunter.configured(),
      inUse: context.inUse,
      announcedLinks: announcer.links(),
    }),
  };
}
