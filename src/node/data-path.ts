/**
 * The packet path: vectors of packets from the TUN into links, and from links to the TUN or on to other links. Each
 * stage lives in its layer; here they follow each other. What is not a plain data packet is copied out for the slow
 * path. Nothing in here makes an object per packet. Design: ARCHITECTURE.md, "How a packet travels".
 */
import { type Clock, type Counters, createTokenBucket, type Logger, type TokenBucket } from '../base/index.ts';
import type { LinkStages, Links } from '../link/index.ts';
import { type DescriptorIndex, descriptor, type Engine, HEADROOM_BYTES, SLOT_BYTES } from '../packet/index.ts';
import { BEFORE_SESSION_FRAME, type SessionNumber, type SessionStages, type Sessions } from '../session/index.ts';
import {
  DROP_RUNT,
  DROP_SHIFT,
  DROP_U_TURN,
  ERROR_MALFORMED,
  ERROR_UNDELIVERABLE,
  type Forwarder,
  type InterfaceTable,
  type PeerNumber,
  SELF_INTERFACE,
  UP,
} from '../switch/index.ts';
import {
  BULK_BYTES,
  type Firewall,
  ICMP_BURST,
  ICMP_PER_SECOND,
  type Incoming,
  isTcpOpening,
  KeptOut,
  LEAST_MTU,
  lowerSegmentSize,
  NO_SESSION,
  type Outgoing,
  StandingQueue,
  TO_SELF,
} from '../tun/index.ts';
import { controlError, dataHeader } from '../wire/index.ts';
import { AUTH_ERROR_BURST, AUTH_ERRORS_PER_SECOND, ROUNDS, VECTOR } from './limits.ts';
import { pathMtu } from './path-sizes.ts';
import { Punts } from './punts.ts';
import { TrafficReports } from './traffic-reports.ts';
import { Unsent } from './unsent.ts';
import { FORWARD, LINK_IN, LINK_OUT, LOCAL, OUTPUT, TUN_IN } from './vectors.ts';
import type { WorkQueue } from './work.ts';

const { STRIDE, OFFSET, LENGTH, ENDPOINT, RESULT, SPARE, FRAME_OVERHEAD } = descriptor;
const { CODE } = controlError;

/** The parts that the path runs through. */
export type DataPathOptions = {
  /** Changed by `through` only. */
  engine: Engine;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Logger;
  readonly links: Links;
  readonly linkStages: LinkStages;
  readonly sessions: Sessions;
  readonly sessionStages: SessionStages;
  readonly interfaces: InterfaceTable;
  readonly forwarder: Forwarder;
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  /** Changed by `useFirewall` only. */
  firewall: Firewall | null;
  readonly queue: WorkQueue;
};

/** The wired packet path of one node. */
export class DataPath {
  readonly #o: DataPathOptions;
  readonly #punts: Punts;
  readonly #traffic: TrafficReports;
  readonly #unsent: Unsent;
  readonly #standing = new StandingQueue();
  readonly #puntDatagram: (index: DescriptorIndex) => void;
  /** When the present vector was read. */
  #nowMs = 0;
  /** Forgeries that the slow path may look at, and answer with an error. */
  readonly #forged: TokenBucket;
  readonly keptOut: KeptOut;
  /** Packets of this machine that are not carried, and of which their senders may be told. */
  readonly #told: TokenBucket;

  constructor(options: DataPathOptions) {
    this.#o = options;
    this.#punts = new Punts(options.engine, options.sessions.table, options.queue);
    this.#unsent = new Unsent(options);
    this.#traffic = new TrafficReports(options.links.table, this.#punts);
    const { arena } = options.engine;
    this.#puntDatagram = (index) => {
      const at = index * STRIDE;
      const offset = arena.descriptors[at + OFFSET] as number;
      const length = arena.descriptors[at + LENGTH] as number;
      const slot = arena.descriptors[at + ENDPOINT] as number;
      if (options.links.mayEnter(arena.bytes, offset, length, slot, this.#nowMs)) this.#punts.datagram(index);
    };
    this.keptOut = new KeptOut(arena, options.log, options.clock.nowMs());
    const limit = { ratePerSecond: AUTH_ERRORS_PER_SECOND, burst: AUTH_ERROR_BURST };
    this.#forged = createTokenBucket(limit, options.clock.nowMs());
    const told = { ratePerSecond: ICMP_PER_SECOND, burst: ICMP_BURST };
    this.#told = createTokenBucket(told, options.clock.nowMs());
  }

  /** The firewall in use; null: everything is let in. */
  get firewall(): Firewall | null {
    return this.#o.firewall;
  }

  /** Another firewall from the next packet on; null lets everything in. */
  useFirewall(firewall: Firewall | null): void {
    this.#o.firewall = firewall;
  }

  /** Frames wait for a socket that was full. */
  get isBlocked(): boolean {
    return this.#unsent.isWaiting;
  }

  /** Lets something happen with another engine over the same arena in the place of ours: the rehearsal. */
  through(engine: Engine, play: () => void): void {
    const own = this.#o.engine;
    this.#o.engine = engine;
    try {
      play();
    } finally {
      this.#o.engine = own;
    }
  }

  /** A peer is gone: what is sent to the next one with its number is reported at once. */
  forget(peer: PeerNumber): void {
    this.#traffic.forget(peer);
  }

  /** The TUN can be read, or probably can: at most so many vectors. */
  onTun(rounds = ROUNDS): void {
    for (let round = 0; round < rounds && !this.#unsent.isWaiting; round++) {
      const count = this.#o.engine.readTun(TUN_IN, VECTOR);
      if (count > 0) this.#fromTun(count);
      if (count < VECTOR) return this.#standing.empty();
    }
    this.#standing.left(this.#o.clock.nowMs());
  }

  /** A socket can be read, or written again. */
  onSocket(socket: number, readable: boolean, writable: boolean): void {
    if (writable) this.#unsent.retry();
    if (!readable) return;
    for (let round = 0; round < ROUNDS; round++) {
      const count = this.#o.engine.recv(socket, LINK_IN, VECTOR);
      if (count === 0) return;
      this.#fromLinks(count);
      // The socket is drained: asking again would only cost a system call.
      if (count < VECTOR) return;
    }
  }

  /** Sends one IPv6 packet of this machine that had to wait. @returns false if its session is still not ready */
  sendUserPacket(packet: Uint8Array): boolean {
    const { engine, outgoing, sessionStages } = this.#o;
    const { arena } = engine;
    if (packet.length > SLOT_BYTES - HEADROOM_BYTES) return true;
    const at = OUTPUT * STRIDE;
    arena.bytes.set(packet, arena.outputStart + HEADROOM_BYTES);
    arena.descriptors[at + OFFSET] = arena.outputStart + HEADROOM_BYTES;
    arena.descriptors[at + LENGTH] = packet.length;
    const session = outgoing.classify(OUTPUT);
    if (session < 0 || !sessionStages.ready(session)) return false;
    if (!this.#wrap(OUTPUT, OUTPUT + 1, session, this.#o.clock.nowMs())) return true;
    this.#seal(OUTPUT, 1, OUTPUT + 1);
    this.#seal(OUTPUT + 1, 1);
    engine.send(OUTPUT + 1, 1);
    return true;
  }

  /** The longest packet of this machine that is sent in a session, bytes: at least what IPv6 wants carried. */
  mtuTo(session: SessionNumber, nowMs: number): number {
    const { links, sessions } = this.#o;
    return Math.max(LEAST_MTU, pathMtu(links.table, sessions.table, session, nowMs));
  }

  /** Delivers user data that the slow path opened: the first packet of a session, or one under changing keys. */
  deliverUserData(session: SessionNumber, nextHeader: number, payload: Uint8Array): void {
    const { engine, incoming, firewall, sessions, clock, counters } = this.#o;
    const { arena } = engine;
    const at = OUTPUT * STRIDE;
    if (payload.length > SLOT_BYTES - HEADROOM_BYTES) return counters.add('tun.large');
    // `rebuild` takes an opened session frame: the payload follows the frame's overhead and the data header.
    const beforePayload = FRAME_OVERHEAD + dataHeader.SIZE;
    const nowMs = clock.nowMs();
    arena.bytes.set(payload, arena.outputStart + HEADROOM_BYTES);
    arena.descriptors[at + OFFSET] = arena.outputStart + HEADROOM_BYTES - beforePayload;
    arena.descriptors[at + LENGTH] = payload.length + beforePayload;
    incoming.rebuild(OUTPUT, session, nextHeader);
    sessions.table.usedMs[session] = nowMs;
    const offset = arena.descriptors[at + OFFSET] as number;
    const length = arena.descriptors[at + LENGTH] as number;
    if (isTcpOpening(arena.bytes, offset, length)) this.#limitSegments(offset, length, session, nowMs);
    if (firewall === null || firewall.admits(offset, length, nowMs)) engine.writeTun(OUTPUT, 1);
    else this.#keepOut(offset, length, nowMs);
  }

  #fromTun(count: number): void {
    const { engine, clock, outgoing, sessionStages, counters } = this.#o;
    const { descriptors } = engine.arena;
    const nowMs = clock.nowMs();
    const dropped = this.#standing.wantsDrop(nowMs) ? this.#dropOne(count, nowMs) : -1;
    for (let i = 0; i < count; i++) {
      const index = TUN_IN + i;
      descriptors[(LINK_OUT + i) * STRIDE + LENGTH] = 0;
      if (index === dropped) continue;
      const session = outgoing.classify(index);
      if (session >= 0 && sessionStages.ready(session)) {
        const length = descriptors[index * STRIDE + LENGTH] as number;
        if (length > LEAST_MTU && length > this.mtuTo(session, nowMs)) this.#punts.tooBig(index, session);
        else if (this.#wrap(index, LINK_OUT + i, session, nowMs)) continue;
      } else if (session >= NO_SESSION) this.#punts.unready(index);
      else if (session === TO_SELF) engine.writeTun(index, 1);
      else {
        counters.add('tun.not_ours');
        if (this.#told.take(nowMs)) this.#punts.refused(index);
      }
      descriptors[index * STRIDE + LENGTH] = 0;
    }
    this.#seal(TUN_IN, count, LINK_OUT);
    this.#seal(LINK_OUT, count);
    this.#unsent.send(LINK_OUT, count);
    this.#o.queue.run();
  }

  /** Drops the first large packet that was read from the TUN. @returns its descriptor, -1 when all are small */
  #dropOne(count: number, nowMs: number): number {
    const { descriptors } = this.#o.engine.arena;
    for (let index = TUN_IN; index < TUN_IN + count; index++) {
      if ((descriptors[index * STRIDE + LENGTH] as number) < BULK_BYTES) continue;
      descriptors[index * STRIDE + LENGTH] = 0;
      this.#standing.dropped(nowMs);
      this.#o.counters.add('tun.queue');
      return index;
    }
    return -1;
  }

  /**
   * Seals; nothing leaves in the clear: a frame whose key is gone is dropped, and the one at `outer` around it.
   */
  #seal(first: number, count: number, outer = first): void {
    const { engine, counters } = this.#o;
    const { descriptors } = engine.arena;
    engine.seal(first, count);
    for (let i = 0; i < count; i++) {
      const at = (first + i) * STRIDE;
      if (descriptors[at + LENGTH] === 0 || descriptors[at + RESULT] === 0) continue;
      descriptors[at + LENGTH] = 0;
      descriptors[(outer + i) * STRIDE + LENGTH] = 0;
      counters.add('node.unsealed');
    }
  }

  /** Makes the IPv6 packet at `index` a session frame, and `outer` the link frame around it. */
  #wrap(index: DescriptorIndex, outer: DescriptorIndex, session: SessionNumber, nowMs: number): boolean {
    const { engine, links, linkStages, sessions, sessionStages, outgoing, firewall, counters } = this.#o;
    const descriptors = engine.arena.descriptors;
    const at = index * STRIDE;
    const peer = sessions.table.firstHop[session] as PeerNumber;
    if ((links.table.sendRow[peer] as number) < 0) {
      counters.add('node.first_hop_down');
      return false;
    }
    const offset = descriptors[at + OFFSET] as number;
    const length = descriptors[at + LENGTH] as number;
    if (isTcpOpening(engine.arena.bytes, offset, length)) this.#limitSegments(offset, length, session, nowMs);
    if (firewall !== null) firewall.noteOutgoing(offset, length, nowMs);
    outgoing.removeHeader(index);
    sessionStages.prepareSeal(index, session, nowMs);
    const frame = (descriptors[at + OFFSET] as number) - BEFORE_SESSION_FRAME;
    const frameBytes = (descriptors[at + LENGTH] as number) + BEFORE_SESSION_FRAME;
    if (!linkStages.prepareSeal(outer, peer, frame, frameBytes)) {
      counters.add('node.first_hop_down');
      return false;
    }
    this.#traffic.note(peer, frameBytes, nowMs);
    this.#traffic.noteOwn(nowMs);
    return true;
  }

  #fromLinks(count: number): void {
    const { engine, clock, linkStages } = this.#o;
    const nowMs = clock.nowMs();
    this.#nowMs = nowMs;
    linkStages.prepareOpen(LINK_IN, count, this.#puntDatagram);
    engine.open(LINK_IN, count);
    linkStages.acceptOpened(LINK_IN, count, nowMs, this.#puntDatagram);
    const found = this.#switchAll(count, nowMs);
    if ((found & 2) !== 0) {
      this.#seal(FORWARD, count);
      const sent = engine.send(FORWARD, count);
      if (sent < count) this.#o.counters.add('node.forward_full', count - sent);
    }
    if ((found & 1) !== 0) {
      engine.open(LOCAL, count);
      // The kernel acknowledges TCP and answers echoes while it takes them: what it says need not wait for the event loop.
      if (this.#deliverAll(count, nowMs) && engine.writeTun(LOCAL, count) > 0) this.onTun(1);
    }
    this.#o.queue.run();
  }

  /** Switches each opened packet. @returns bit 0: some are for us; bit 1: some are passed on */
  #switchAll(count: number, nowMs: number): number {
    const { engine, interfaces, forwarder, linkStages, sessionStages } = this.#o;
    const descriptors = engine.arena.descriptors;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const at = (LINK_IN + i) * STRIDE;
      descriptors[(LOCAL + i) * STRIDE + LENGTH] = 0;
      descriptors[(FORWARD + i) * STRIDE + LENGTH] = 0;
      const length = descriptors[at + LENGTH] as number;
      if (length === 0) continue;
      const offset = descriptors[at + OFFSET] as number;
      const peer = descriptors[at + SPARE] as PeerNumber;
      if (interfaces.state[peer] !== UP) this.#punts.heard(peer);
      const to = forwarder.forwardOne(offset + FRAME_OVERHEAD, length - FRAME_OVERHEAD, peer);
      if (to === SELF_INTERFACE) {
        if (sessionStages.prepareOpen(LINK_IN + i, LOCAL + i)) found |= 1;
        else this.#punts.local(LINK_IN + i);
      } else if (to >= 0) {
        if (linkStages.prepareSeal(FORWARD + i, to, offset, length)) {
          found |= 2;
          this.#traffic.note(to, length, nowMs);
        } else this.#punts.undeliverable(LINK_IN + i, CODE.undeliverable);
      } else this.#refused(LINK_IN + i, to);
    }
    return found;
  }

  /** Looks at each opened session frame. @returns whether any is for the TUN */
  #deliverAll(count: number, nowMs: number): boolean {
    const { engine, sessions, sessionStages, incoming, firewall } = this.#o;
    const descriptors = engine.arena.descriptors;
    let forTun = false;
    for (let i = 0; i < count; i++) {
      const index = LOCAL + i;
      const at = index * STRIDE;
      if (descriptors[at + LENGTH] === 0) continue;
      const session = descriptors[at + SPARE] as SessionNumber;
      const type = sessionStages.acceptOpened(index, nowMs);
      if (type >= 0 && type < 256) {
        sessions.table.usedMs[session] = nowMs;
        incoming.rebuild(index, session, type);
        const offset = descriptors[at + OFFSET] as number;
        const length = descriptors[at + LENGTH] as number;
        if (isTcpOpening(engine.arena.bytes, offset, length)) this.#limitSegments(offset, length, session, nowMs);
        if (firewall === null || firewall.admits(offset, length, nowMs)) {
          forTun = true;
          continue;
        }
        this.#keepOut(offset, length, nowMs);
      } else if (type >= 256) this.#punts.content(index, session, type);
      else if (type === -2) this.#notOpened(LINK_IN + i, session, nowMs);
      descriptors[at + LENGTH] = 0;
    }
    return forTun;
  }

  /** A TCP connection begins over a path that is known to lose long packets: neither end is to send such. */
  #limitSegments(offset: number, lengthBytes: number, session: SessionNumber, nowMs: number): void {
    const { engine, links, sessions, counters } = this.#o;
    const mtuBytes = pathMtu(links.table, sessions.table, session, nowMs);
    if (lowerSegmentSize(engine.arena.view, offset, lengthBytes, mtuBytes)) counters.add('tun.segments_lowered');
  }

  #keepOut(offset: number, lengthBytes: number, nowMs: number): void {
    this.#o.counters.add('tun.firewall');
    this.keptOut.note(offset, lengthBytes, nowMs);
  }

  /** A session frame that its key did not open: perhaps of newer keys; a flood of forgeries must not cost more than this. */
  #notOpened(index: DescriptorIndex, session: SessionNumber, nowMs: number): void {
    const { sessions, counters } = this.#o;
    if (sessions.table.pending[session] === 1 || this.#forged.take(nowMs)) this.#punts.local(index);
    else counters.add('session.forged');
  }

  #refused(index: DescriptorIndex, code: number): void {
    if (code === DROP_RUNT) this.#o.counters.add('switch.runt');
    else if (code === DROP_SHIFT) this.#o.counters.add('switch.shift');
    else if (code === DROP_U_TURN) this.#o.counters.add('switch.u_turn');
    else if (code === ERROR_UNDELIVERABLE) this.#punts.undeliverable(index, CODE.undeliverable);
    else if (code === ERROR_MALFORMED) this.#punts.undeliverable(index, CODE.malformedAddress);
    else this.#punts.undeliverable(index, CODE.returnPathInvalid);
  }
}
