/**
 * One node: all layers wired together, with no operating system in it. What a layer returns as effects is performed by
 * the planes beside this file; who may ask whom is drawn in ARCHITECTURE.md. Time, randomness, packets and crypto are
 * parameters.
 */

import { createCounters } from '../base/index.ts';
import { type Ip6, type PublicKey, usePassword } from '../crypto/index.ts';
import { createCredentials, createDataTable, type DataTable, Users, type Via } from '../cryptoauth/index.ts';
import { createLinkStages, type LinkEffect, Links } from '../link/index.ts';
import { createRouter, type Event, type Router, type TooFar } from '../route/index.ts';
import { createSessionStages, type Session, type SessionEffect, Sessions } from '../session/index.ts';
import type { SupernodeStatus } from '../supernode/index.ts';
import { createErrorLimiter, createForwarder, createInterfaceTable, SELF_INTERFACE } from '../switch/index.ts';
import { createFirewall, createIncoming, createOutgoing, type Firewall, type FirewallRule } from '../tun/index.ts';
import { PROTOCOL_VERSION, sessionWord, switchHeader } from '../wire/index.ts';
import { Alarm } from './alarm.ts';
import { markCarriers } from './carries.ts';
import { Commands } from './commands.ts';
import { ControlPlane } from './control-plane.ts';
import { DataPath } from './data-path.ts';
import { Inquiries } from './inquiries.ts';
import type { NodeSnapshot, PeerOptions, PeerSnapshot, PingAnswer, UserOptions } from './inspect.ts';
import { BUSY_LOOK_MS, MAX_ROWS } from './limits.ts';
import { LinkPlane } from './link-plane.ts';
import type { MeshNode, NodeOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import { patientClock } from './patient-clock.ts';
import type { SlowPath } from './punts.ts';
import { createQuestions, type Questions } from './questions.ts';
import { Rates } from './rates.ts';
import { RoutePlane } from './route-plane.ts';
import { SessionPlane } from './session-plane.ts';
import { peerSnapshot, sessionSnapshot } from './snapshot.ts';
import { SupernodePlane } from './supernode-plane.ts';
import { createTransmitter, type Transmitter } from './transmit.ts';

/** Makes a node. */
export function createNode(options: NodeOptions): MeshNode {
  return new Node(options);
}

class Node implements MeshNode {
  readonly counters = createCounters();
  readonly ping: Questions['ping'];
  readonly pingLabel: Questions['pingLabel'];
  readonly tryLabel: Questions['tryLabel'];
  readonly inquire: Questions['inquire'];
  readonly trace: Questions['trace'];
  readonly find: Questions['find'];
  readonly #o: NodeOptions;
  readonly #startedMs: number;
  readonly #users: Users;
  readonly #data: DataTable;
  readonly #links: Links;
  readonly #sessions: Sessions;
  readonly #router: Router;
  readonly #control: ControlPlane;
  readonly #linkPlane: LinkPlane;
  readonly #sessionPlane: SessionPlane;
  readonly #routePlane: RoutePlane;
  readonly #transmitter: Transmitter;
  readonly #path: DataPath;
  readonly #commands: Commands;
  readonly #inquiries: Inquiries;
  readonly #supernodes: SupernodePlane;
  readonly #rates: Rates;
  readonly #limiter = createErrorLimiter();
  readonly #alarm: Alarm;
  /** Made when it is first wanted: its tables are not small. */
  #firewall: Firewall | null;
  #sessionsDueMs = 0;
  #closed = false;

  constructor(options: NodeOptions) {
    const { identity, rng, engine, crypto, log } = options;
    const clock = patientClock(options.clock);
    const { counters } = this;
    const nowMs = clock.nowMs();
    const interfaces = createInterfaceTable((number) => this.#released(number));
    this.#o = { ...options, clock };
    this.#startedMs = nowMs;
    this.#users = new Users(crypto);
    for (const user of options.users) this.addUser(user);
    this.#data = createDataTable(engine, MAX_ROWS);
    const environment = { crypto, rng, identity, users: this.#users, rules: options.rules ?? 'hardened' } as const;
    const shared = { identity, environment, data: this.#data, counters, nowMs };
    this.#links = new Links({ ...shared, engine, interfaces });
    this.#sessions = new Sessions({ ...shared, rng });
    this.#router = (options.createRouter ?? createRouter)(
      { identity, crypto, rng, counters, protocol: PROTOCOL_VERSION },
      nowMs,
    );
    this.#commands = new Commands(clock);
    this.#inquiries = new Inquiries({
      clock,
      rng,
      send: (inquiry, content) => this.#routePlane.send({ ...inquiry, content }),
    });
    this.#firewall = options.firewall === null ? null : createFirewall(engine.arena, options.firewall, rng, nowMs);
    this.#rates = new Rates(this.#links.table, nowMs);
    this.#alarm = new Alarm(clock, () => this.#tick());

    const links = this.#links;
    const sessions = this.#sessions;
    const linkStages = createLinkStages(engine.arena, links.table, this.#data, counters);
    const sendOwn = (packet: Uint8Array) => this.#transmitter.send(packet, SELF_INTERFACE, null, clock.nowMs());
    const route = (event: Event) => this.#route(event, null, null);
    this.#transmitter = createTransmitter({
      links,
      interfaces,
      outbox: createOutbox(engine, linkStages, counters),
      limiter: this.#limiter,
      counters,
      local: (packet, from, via) => this.#local(packet, from, via),
    });
    this.#control = new ControlPlane({
      clock,
      rng,
      counters,
      publicKey: identity.publicKey,
      links,
      supernode: () => this.#supernodes.inUse(),
      send: (packet, via) => this.#transmitter.send(packet, SELF_INTERFACE, via, clock.nowMs()),
      peerPong: (peer, ping) => this.#onLinks(links.pong(peer, ping.rttMs, ping.version, clock.nowMs())),
      peerLost: (peer, sentMs) => this.#onLinks(links.pingLost(peer, sentMs, clock.nowMs())),
      switchError: (hint) => route({ type: 'switchError', path: hint.path, cause: hint.cause.label, code: hint.code }),
    });
    this.#linkPlane = new LinkPlane({
      log,
      ping: (peer, via, sameKeyAt) => this.#control.pingPeer(peer, via, sameKeyAt),
      switchPacket: (packet, from, via) => this.#transmitter.send(packet, from, via, clock.nowMs()),
      route,
    });
    this.#sessionPlane = new SessionPlane({
      clock,
      counters,
      sessions,
      route: (event, answering, via) => {
        const isTaken = event.type === 'message' && this.#inquiries.take(event.key, event.content);
        if (isTaken || (event.type === 'message' && this.#supernodes.receive(event))) return;
        this.#route(event, answering, via);
      },
      isTooFar: (address) => this.#router.tooFar(address) !== null,
      queue: (address, packet) => this.#onSessions(this.#sessions.queue(address, packet, clock.nowMs())),
      send: sendOwn,
      sendUserPacket: (packet) => this.#path.sendUserPacket(packet),
      writeToTun: (packet) => this.#path.writeToTun(packet),
      userData: (session, nextHeader, payload) => this.#path.deliverUserData(session, nextHeader, payload),
    });
    this.#routePlane = new RoutePlane({
      clock,
      router: this.#router,
      sessions,
      commands: this.#commands,
      send: sendOwn,
      tooFar: (address) => this.#sessionPlane.noRoute(address),
      performSessions: (effects) => this.#onSessions(effects),
    });
    this.#path = new DataPath({
      engine,
      clock,
      counters,
      log,
      links,
      linkStages,
      sessions,
      sessionStages: createSessionStages(engine.arena, sessions.table, this.#data, counters),
      interfaces,
      forwarder: createForwarder(engine.arena, interfaces),
      outgoing: createOutgoing(engine.arena, sessions.table, identity.address),
      incoming: createIncoming(engine.arena, sessions.table, identity.address),
      firewall: this.#firewall,
      slow: this.#slowPath(),
    });
    this.#supernodes = new SupernodePlane({
      identity,
      crypto,
      clock,
      rng,
      counters,
      log,
      peers: () => this.peers(),
      control: this.#control,
      inquiries: this.#inquiries,
      sendMessage: (message) => this.#routePlane.send(message),
      ask: (timeoutMs, event) => this.#commands.ask<PingAnswer | null>(timeoutMs, null, (id) => route(event(id))),
      wake: () => this.#arm(),
    });
    const questions = createQuestions({
      commands: this.#commands,
      control: this.#control,
      inquiries: this.#inquiries,
      supernodes: this.#supernodes,
      route,
    });
    ({ ping: this.ping, pingLabel: this.pingLabel, tryLabel: this.tryLabel } = questions);
    ({ inquire: this.inquire, trace: this.trace, find: this.find } = questions);
    this.#arm();
  }

  useSocket(socket: number): void {
    this.#o.engine.watch(socket, (readable, writable) => this.#path.onSocket(socket, readable, writable));
  }

  useTun(): void {
    this.#o.engine.watch('tun', () => this.#path.onTun());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alarm.close();
    this.#supernodes.close();
    this.#commands.close();
    this.#inquiries.close();
    this.#sessions.close();
    this.#links.close();
  }

  addPeer({ socket, endpoint, key, login, password, name }: PeerOptions): void {
    const { crypto, clock } = this.#o;
    const credentials =
      password === null
        ? null
        : usePassword(password, (bytes) => createCredentials(crypto, { login, password: bytes }));
    this.#links.dial({ endpoint: { ...endpoint, socket }, key, credentials, name }, clock.nowMs());
    this.#arm();
  }

  removePeer(key: PublicKey, endpoint?: string): boolean {
    const found = this.#links.with(key, endpoint);
    for (const peer of found) this.#onLinks(this.#links.remove(peer));
    return found.length > 0;
  }

  resetPeer(key: PublicKey | null): number {
    const found = key === null ? [...this.#links.peers.values()] : this.#links.with(key);
    for (const peer of found) this.#onLinks(this.#links.reset(peer, this.#o.clock.nowMs()));
    return found.length;
  }

  resetSession(address: Ip6): boolean {
    const session = this.#sessions.get(address);
    if (session !== null) this.#onSessions(this.#sessions.remove(session));
    return session !== null;
  }

  setFirewall(rules: readonly FirewallRule[] | null): void {
    const { engine, rng, clock } = this.#o;
    // One that was off has not seen what was opened meanwhile.
    if (rules === null) this.#firewall = null;
    else this.#firewall ??= createFirewall(engine.arena, rules, rng, clock.nowMs());
    this.#firewall?.setRules(rules ?? []);
    this.#path.useFirewall(this.#firewall);
  }

  addUser({ login, password, name }: UserOptions): void {
    usePassword(password, (bytes) => this.#users.add({ login, password: bytes, name }));
  }

  removeUser(login: string): boolean {
    return this.#users.remove(login);
  }

  setSupernodes(keys: readonly PublicKey[]): void {
    this.#supernodes.configure(keys);
  }

  supernodes(): SupernodeStatus {
    return this.#supernodes.status();
  }

  users() {
    return this.#users.list().map(({ login, name }) => ({ login, name }));
  }

  peers(): readonly PeerSnapshot[] {
    const nowMs = this.#o.clock.nowMs();
    return [...this.#links.peers.values()].map((peer) =>
      peerSnapshot(peer, this.#links, this.#data, this.#rates, nowMs),
    );
  }

  tooFar(target: Ip6): TooFar | null {
    return this.#router.tooFar(target);
  }

  inspect(): NodeSnapshot {
    const { identity, engine, clock } = this.#o;
    const nowMs = clock.nowMs();
    return {
      key: identity.publicKey,
      address: identity.address,
      protocol: PROTOCOL_VERSION,
      uptimeMs: nowMs - this.#startedMs,
      engine: engine.kind,
      engineDetails: engine.describe(),
      peers: this.peers(),
      sessions: [...this.#sessions.all].map((one) => sessionSnapshot(one, this.#sessions, this.#data, nowMs)),
      routes: this.#router.snapshot(nowMs),
      tooFar: this.#router.farNodes(),
      refused: this.#links.refusals.list(),
      keptOut: this.#path.keptOut.list().map(({ lastMs, ...one }) => ({ ...one, agoMs: nowMs - lastMs })),
      counters: this.counters.all(),
      supernodes: this.supernodes(),
    };
  }

  #slowPath(): SlowPath {
    const nowMs = () => this.#o.clock.nowMs();
    return {
      datagram: (bytes, slot, to, from) => this.#onLinks(this.#links.receive(bytes, slot, to, from, nowMs())),
      local: (packet, from) => this.#local(packet, from, null),
      content: (number, type, content, label) => {
        const session = this.#sessions.byNumber(number);
        if (session !== null) this.#sessionPlane.content(session, type, content, label, null);
      },
      undeliverable: (packet, from, code) => this.#transmitter.report(packet, from, code, nowMs()),
      unready: (packet) => this.#sessionPlane.unready(packet),
      tooBig: (packet) => this.#sessionPlane.tooBig(packet),
      refused: (packet) => this.#sessionPlane.refused(packet),
      heard: (peer) => this.#onLinks(this.#links.revive(peer, nowMs())),
      traffic: (peer) => this.#expectTraffic(peer),
      ownTraffic: () => this.#expectAnswers(),
    };
  }

  /** A packet whose label ends here; its switch header is rewritten already. */
  #local(packet: Uint8Array, from: number, via: Via | null): void {
    const header = switchHeader.parse(packet);
    const word = sessionWord.parse(packet.subarray(switchHeader.SIZE));
    if (header === null || word === null) return this.counters.add('node.runt');
    if (word.kind === 'ctrl') this.#control.receive(packet, from, via);
    else this.#sessionPlane.receive(packet, header, word.kind === 'handshake');
    this.#arm();
  }

  #onLinks(effects: readonly LinkEffect[]): void {
    this.#linkPlane.perform(effects);
    this.#arm();
  }

  /** Nothing that was kept of a peer by its interface number is held against, or given to, the next peer with that number. */
  #released(number: number): void {
    for (const keeper of [this.#limiter, this.#control, this.#linkPlane, this.#sessionPlane, this.#path, this.#rates])
      keeper.forget(number);
  }

  #onSessions(effects: readonly SessionEffect[]): void {
    this.#sessionPlane.perform(effects);
    if (effects.length > 0) this.#sessionsDueMs = 0;
    this.#arm();
  }

  #route(event: Event, answering: Session | null, via: Via | null): void {
    if (this.#closed) return;
    this.#supernodes.overhear(event);
    this.#routePlane.tell(event, answering, via);
    this.#arm();
  }

  /** Data was sent to a peer: the link has to be looked at soon. */
  #expectTraffic(peer: number): void {
    const atMs = this.#o.clock.nowMs() + BUSY_LOOK_MS;
    this.#links.expectTraffic(peer, atMs);
    this.#alarm.at(atMs);
  }

  /** Data of our own was sent: the sessions have to be looked at soon. */
  #expectAnswers(): void {
    this.#sessionsDueMs = Math.min(this.#sessionsDueMs, this.#o.clock.nowMs() + BUSY_LOOK_MS);
    this.#alarm.at(this.#sessionsDueMs);
  }

  #arm(): void {
    const routingMs = Math.min(this.#router.nextDueMs(), this.#supernodes.nextDueMs());
    this.#alarm.at(Math.min(this.#links.nextDueMs(), routingMs, this.#sessionsDueMs));
  }

  #tick(): void {
    if (this.#closed) return;
    const nowMs = this.#o.clock.nowMs();
    this.#control.expire();
    this.#rates.update(nowMs);
    if (this.#links.nextDueMs() <= nowMs) this.#onLinks(this.#links.tick(nowMs));
    if (nowMs >= this.#sessionsDueMs) {
      this.#sessionsDueMs = this.#sessions.nextDueMs(nowMs);
      this.#sessionPlane.perform(this.#sessions.tick(nowMs));
      this.#sessionPlane.report(nowMs);
      markCarriers(this.#links.table, this.#sessions);
    }
    if (this.#router.nextDueMs() <= nowMs) this.#route({ type: 'tick' }, null, null);
    if (this.#supernodes.nextDueMs() <= nowMs) this.#supernodes.tick();
    this.#arm();
  }
}
