/**
 * One node's router: events in, effects out; no clock, no operating system. It only connects its parts:
 *
 *   messages of others -> answers                         map      <- replies, peers
 *   crawl, contacts, search, targets, commands -> pending -> learn -> map -> targets choose paths
 *
 * Source: protocol 08; docs/routing.md, "Finding nodes and ways".
 */
import { BoundedMap } from '../base/index.ts';
import { addressKey, type Ip6 } from '../crypto/index.ts';
import { hopsOf } from '../switch/index.ts';
import type { DhtQuery, Label } from '../wire/index.ts';
import { createCommands } from './commands.ts';
import { BEGINNING_MS, GAIN_SHARE, HOP_COST_MS, LINK_DOWN_MS, LISTED_MS, LOCAL_NODES, MAX_ASKERS } from './limits.ts';
import { newPath } from './map/known-path.ts';
import { type Link, NodeMap } from './map/map.ts';
import { type FarNode, FarNodes, type TooFar } from './map/too-far.ts';
import { createTargets } from './path/targets.ts';
import { answerTo } from './query/answers.ts';
import { Budget } from './query/budget.ts';
import { bestPath, type Context } from './query/context.ts';
import { brokenStretch } from './query/errors.ts';
import { learn } from './query/learn.ts';
import { isLoop } from './query/loops.ts';
import { emitReply, readMessage } from './query/messages.ts';
import { Pending } from './query/pending.ts';
import { TimerQueue } from './query/timer-queue.ts';
import { validate } from './query/validate.ts';
import { createContacts } from './search/contacts.ts';
import { createCrawl } from './search/crawl.ts';
import { createSearches } from './search/search.ts';
import { type RouteEntry, routesOf } from './snapshot.ts';
import { AUTHENTICATION_ERROR, SESSION_HALF_FIRST_BYTE, SESSION_HALF_PROTOCOL } from './spec.ts';
import type { TimerName } from './timers.ts';
import type { Effect, Event, RouterOptions } from './types.ts';

/** How full the tables are. */
export type RouterGauges = {
  readonly nodes: number;
  readonly hearsay: number;
  readonly links: number;
  readonly contacts: number;
  readonly targets: number;
  readonly searches: number;
  readonly pending: number;
  /** How many timers wait, by name. */
  readonly timers: Readonly<Partial<Record<TimerName, number>>>;
};

/** A router. `handle` takes events in order of time. */
export type Router = {
  readonly handle: (event: Event, nowMs: number) => readonly Effect[];
  /** When the next `tick` is needed; Infinity if never. */
  readonly nextDueMs: () => number;
  /** The nodes of the map with the best verified path to each, nearest first. */
  readonly snapshot: (nowMs?: number) => readonly RouteEntry[];
  readonly gauges: () => RouterGauges;
  /** Why nothing can be sent to a node that searches found: it is too far away. Null: nothing like that is known of it. */
  readonly tooFar: (address: Ip6) => TooFar | null;
  /** All nodes of that kind, nearest first. */
  readonly farNodes: () => readonly FarNode[];
};

type PeerUp = Extract<Event, { type: 'peerUp' }>;
type Message = Extract<Event, { type: 'message' }>;

/** Makes a router that knows nobody. @param nowMs time of the node's clock, for the budgets */
export function createRouter(options: RouterOptions, nowMs = 0): Router {
  const { counters } = options;
  const context: Context = {
    options,
    map: new NodeMap(options.identity.publicKey, options.identity.address),
    timers: new TimerQueue(),
    pending: new Pending(),
    budget: new Budget(nowMs),
    far: new FarNodes(),
    nowMs,
    effects: [],
    isInUse: (node, path) => targets.isInUse(node, path),
    noteAsked: (id, label) => targets.noteAsked(id, label),
  };
  const { map, timers, pending, budget } = context;
  /** Last handshake packet with a message in it, by sender. */
  const handshakes = new BoundedMap<string, number>(MAX_ASKERS);
  const crawl = createCrawl(context);
  const searches = createSearches(context);
  const targets = createTargets(context, crawl, searches);
  const contacts = createContacts(context, crawl, searches);
  const commands = createCommands(context, crawl, searches);

  function handle(event: Event, atMs: number): readonly Effect[] {
    context.nowMs = Math.max(context.nowMs, atMs);
    context.effects = [];
    perform(event);
    timers.runDue(context.nowMs);
    const { effects } = context;
    context.effects = [];
    return effects;
  }

  function perform(event: Event): void {
    switch (event.type) {
      case 'tick':
        return;
      case 'peerUp':
        return peerUp(event);
      case 'peerChanged':
        return peerChanged(event.label, event.costMs, event.rttMs ?? null);
      case 'peerDown':
        return peerDown(event.label);
      case 'message':
        return message(event);
      case 'switchError':
        return switchError(event.path, event.cause, event.code);
      case 'wantPath':
        return targets.want(event.address, event.key, event.urgent);
      case 'pathSilent':
        return targets.silent(event.address, event.label);
      case 'pathGood':
        return targets.good(event.address, event.label, event.rttMs, event.lossPercent ?? null);
      case 'sending':
        return targets.sending(event.address, event.bytes);
      case 'probe':
        return probe(event);
      case 'noLongerWanted':
        return targets.forget(event.address);
      case 'offered':
        return commands.check(event.id, event, event.label);
      case 'pingNode':
        return commands.ping(event.id, event.address);
      case 'find':
        return commands.find(event.id, event.address);
      case 'trace':
        return commands.trace(event.id, event.address);
    }
  }

  // ---- peers ----

  function peerUp(event: PeerUp): void {
    const { label, interfaceNumber } = event;
    const old = map.self.links.find((link) => link.interfaceNumber === interfaceNumber);
    if (old !== undefined && old.to.id !== addressKey(event.address)) peerDown(label);
    const node = map.ensure(event.key, event.address, event.protocol, true, context.nowMs);
    const link = node === null ? null : map.link(map.self, interfaceNumber, node, -1);
    if (node === null || link === null) return;
    map.setCost(link, event.costMs);
    setPenalty(link, event.costMs, event.rttMs ?? null);
    const known = map.pathOf(node, label);
    if (known !== undefined) map.dropPath(node, known);
    const path = newPath(label, true, known?.inverseForm ?? 0, context.nowMs);
    path.trips.ms = event.rttMs ?? null;
    map.addPath(node, path, context.isInUse);
    node.expandedMs = Number.NEGATIVE_INFINITY;
    node.nextInterface = null;
    contacts.consider(node);
    contacts.begin();
    targets.changed(node);
    crawl.go();
  }

  function peerChanged(label: Label, costMs: number, rttMs: number | null): void {
    const link = map.firstLink(label);
    if (link === undefined) return;
    const before = link.costMs ?? 0;
    map.setCost(link, costMs);
    setPenalty(link, costMs, rttMs);
    const path = map.pathOf(link.to, label);
    if (path !== undefined && rttMs !== null) path.trips.ms = rttMs;
    if (Math.abs(costMs - before) <= Math.max(1, before * GAIN_SHARE)) return;
    targets.reconsider((candidate) => map.firstLink(candidate) === link);
  }

  /** What the cost says beyond the round trip is for loss; without a round trip nothing can be told apart. */
  function setPenalty(link: Link, costMs: number, rttMs: number | null): void {
    link.penaltyMs = rttMs === null ? 0 : Math.max(0, costMs - rttMs / 2 - HOP_COST_MS);
  }

  function peerDown(label: Label): void {
    const link = map.firstLink(label);
    if (link === undefined) return;
    const node = link.to;
    const isOver = (candidate: Label): boolean => map.firstLink(candidate) === link;
    for (const path of node.paths) if (path.label === label) path.suspect = true;
    // First the users of the link, while the map can still tell what goes over it.
    link.downUntilMs = Number.POSITIVE_INFINITY;
    targets.broken(isOver, true);
    pending.failThrough(isOver);
    for (const other of map.nodes()) for (const path of other.paths) if (isOver(path.label)) path.suspect = true;
    contacts.linkLost(isOver);
    const path = map.pathOf(node, label);
    if (path !== undefined) map.dropPath(node, path);
    map.unlink(link);
    targets.lost(node, label);
    crawl.go();
  }

  /** A single question, whatever else is under way: the session needs a packet to go out now. */
  function probe({ key, address, label }: Extract<Event, { type: 'probe' }>): void {
    const protocol = map.get(addressKey(address))?.protocol ?? options.protocol;
    validate(context, { to: { key, address, protocol }, label, purpose: 'urgent', tries: 1, done: () => undefined });
    targets.doubt(address, label);
  }

  // ---- messages ----

  function message(event: Message): void {
    const received = readMessage(event.content);
    if (received === null) return counters.add('route.badMessage');
    const { message: content } = received;
    if (content.kind === 'supernodeQuery') return counters.add('route.supernodeQuery');
    if (content.kind === 'query') {
      if (event.handshake === true) handshakes.set(addressKey(event.address), context.nowMs);
      if (isForSessionOnly(content) && isBeginning(event)) return askInstead(event, content);
      answer(event, content);
      if (content.query === 'pn') targets.asked(event.address);
      noteAlive(event);
      return hint(event, content);
    }
    const sent = pending.take(context, content.txid, event.key, event.returnLabel);
    if (sent === null) return;
    const rttMs = context.nowMs - sent.sentMs;
    const hasBallast = sent.question.query === 'pn' && sent.question.target !== null;
    const { node, path } = learn(context, {
      key: event.key,
      address: event.address,
      label: event.returnLabel,
      received,
      rttMs: hasBallast ? null : rttMs,
    });
    sent.question.answered({ node, path, label: event.returnLabel, rttMs, reply: content });
    if (node === null) return;
    contacts.consider(node);
    targets.changed(node);
    crawl.go();
  }

  /** Its session with us is not finished, as it may see it: it pings again until it is. */
  function isBeginning(event: Message): boolean {
    return context.nowMs - (handshakes.get(addressKey(event.address)) ?? Number.NEGATIVE_INFINITY) < BEGINNING_MS;
  }

  /**
   * A ping of the half of a v20 node that keeps its sessions: nobody waits for the answer, any message of ours finishes the
   * handshake as well. Whoever is served by the other half (its node store, searches, the tools) waits, and is answered always.
   */
  function isForSessionOnly({ query, protocol, txid }: DhtQuery): boolean {
    return query === 'pn' && protocol === SESSION_HALF_PROTOCOL && txid[0] === SESSION_HALF_FIRST_BYTE;
  }

  /**
   * An answer to that ping would give the path a rank that only a further such ping could overrule: the node would hold on to it
   * when it is dead (protocol 07 §3.5; measured: more than 10 s of silence instead of 1 to 5). If we ask instead, the handshake
   * is finished as well, and from then on it takes the path of our last query.
   */
  function askInstead({ key, address, returnLabel }: Message, { protocol }: DhtQuery): void {
    validate(context, { to: { key, address, protocol }, label: returnLabel, purpose: 'urgent', done: () => undefined });
  }

  function answer(event: Message, query: DhtQuery): void {
    if (!budget.mayAnswer(addressKey(event.address), context.nowMs)) return counters.add('route.answerLimit');
    const nodes = answerTo(context, query, event.address, event.returnLabel);
    const content = emitReply(options.protocol, query.txid, nodes, event.returnLabel);
    const { key, address, returnLabel: label } = event;
    context.effects.push({ type: 'send', key, address, label, protocol: query.protocol, content });
  }

  /** A query over a path that was verified before: both are there still. One in use is judged by what we send ourselves. */
  function noteAlive({ address, returnLabel }: Message): void {
    const node = map.get(addressKey(address));
    const path = node === undefined ? undefined : map.pathOf(node, returnLabel);
    if (node === undefined || path === undefined || path.suspect || targets.isInUse(node, path)) return;
    node.heardMs = context.nowMs;
    path.goodMs = context.nowMs;
  }

  /** A query shows a way back: pinged before it is used or named to others. */
  function hint({ key, address, returnLabel }: Message, { protocol }: DhtQuery): void {
    const id = addressKey(address);
    const node = map.get(id);
    const target = targets.get(id);
    const isWanted = target !== undefined && (target.current === null || target.current.suspect);
    const isNew = node === undefined || bestPath(context, node, LISTED_MS) === null;
    if (!isNew && map.pathOf(node, returnLabel) !== undefined && !isWanted) return;
    // Whoever is close to us in the key space is looked for at us: a new node says by its first look-ups where it is.
    const isWelcome = isNew && (map.size < LOCAL_NODES || node?.contact === true || contacts.wants(address));
    // It may have left the path that we would name to others.
    const isMoved = target === undefined && node !== undefined && contacts.isClosest(node);
    if (!isWanted && !isWelcome && !isMoved && !isShorter(address, returnLabel)) return;
    // A loop is never taken, so the answer would change nothing; and if our question goes back over it, the other end asks in turn.
    if (node !== undefined && !isWanted && isLoop(map, node, returnLabel)) return counters.add('route.loop');
    if (pending.isAsking(id, returnLabel) || !budget.mayFollowHint(context.nowMs)) return;
    validate(context, {
      to: { key, address, protocol },
      label: returnLabel,
      purpose: isWanted ? 'urgent' : 'upkeep',
      done: () => undefined,
    });
  }

  function isShorter(address: Ip6, label: Label): boolean {
    const node = map.get(addressKey(address));
    const path = node === undefined ? null : bestPath(context, node, LISTED_MS);
    return path !== null && (hopsOf(label)?.length ?? 99) < path.hops;
  }

  // ---- errors ----

  function switchError(path: Label, cause: Label, code: number): void {
    if (!budget.mayHeedError(context.nowMs)) return counters.add('route.errorLimit');
    // An authentication error says nothing about the path (protocol 07 §6).
    const stretch = code === AUTHENTICATION_ERROR ? null : brokenStretch(context, path, cause);
    const isOurs = stretch !== null && (targets.hasPath(stretch.isAbout) || pending.has(stretch.isAbout));
    if (stretch === null || !isOurs) return counters.add('route.foreignError');
    const { link } = stretch;
    if (link !== null && link.from !== map.self) {
      link.downUntilMs = context.nowMs + LINK_DOWN_MS;
      map.version++;
      crawl.recheck(link.from);
    }
    targets.broken(stretch.contains, false);
    pending.failThrough(stretch.isAbout);
  }

  return {
    handle,
    nextDueMs: () => timers.nextDueMs(),
    snapshot: (nowMs) => routesOf(context, nowMs),
    tooFar: (address) => context.far.get(addressKey(address), context.nowMs),
    farNodes: () => context.far.list(context.nowMs),
    gauges: () => {
      let links = map.self.links.length;
      for (const node of map.nodes()) links += node.links.length;
      return {
        nodes: map.size,
        hearsay: map.hearsay,
        links,
        contacts: contacts.size(),
        targets: targets.size(),
        searches: searches.size(),
        pending: pending.size,
        timers: timers.waiting(),
      };
    },
  };
}
