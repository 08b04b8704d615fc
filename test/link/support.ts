/**
 * Nodes that have nothing but links, with a wire between them that a test can cut, record and replay. CTRL pings are
 * made, answered and recognised as a node does it; everything goes the slow way, so no engine is needed.
 */

import { type Counters, createCounters, createTokenBucket, utf8 } from '../../src/base/index.ts';
import { createDataTable, type DataTable, type Via } from '../../src/channel/index.ts';
import { answer, Pinger, packetOf, readPacket } from '../../src/control/index.ts';
import { generateIdentity, type Identity, type PublicKey } from '../../src/crypto/index.ts';
import { createCredentials, createCryptoAuth, Users } from '../../src/cryptoauth/index.ts';
import { type Discovery, type LinkEffect, Links, type Peer } from '../../src/link/index.ts';
import { createArena, type Engine } from '../../src/packet/index.ts';
import { createInterfaceTable, forward, type InterfaceTable, labelOfInterface } from '../../src/switch/index.ts';
import { formatHostPort, type HostPort } from '../../src/underlay/index.ts';
import { control, type Label } from '../../src/wire/index.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';

const backend = createFakeBackend();

/** An engine that knows endpoints and nothing else; IPv6 is refused, as by an IPv4 socket. */
export function endpointEngine(): { readonly engine: Engine; readonly slots: Map<string, number> } {
  const slots = new Map<string, number>();
  const nothing = () => 0;
  const engine: Engine = {
    kind: 'simulated',
    arena: createArena({ tunSlots: 1, receiveSlots: 0, outputSlots: 0, descriptors: 4 }),
    setKey: nothing,
    clearKey: nothing,
    seal: nothing,
    open: nothing,
    openUdp: async () => 0,
    boundPort: nothing,
    ethernet: null,
    endpoint: (socket, { host: address, port }) => {
      if (address.includes(':')) return null;
      const name = `${socket} ${address} ${port}`;
      const taken = new Set(slots.values());
      let free = 0;
      while (taken.has(free)) free++;
      const slot = slots.get(name) ?? free;
      slots.set(name, slot);
      return slot;
    },
    forgetEndpoint: (slot) => {
      for (const [name, other] of slots) if (other === slot) slots.delete(name);
    },
    tellPathMtu: () => false,
    sender: () => ({ host: '0.0.0.0', port: 0 }),
    recv: nothing,
    send: nothing,
    openTun: () => 'none',
    readTun: nothing,
    writeTun: nothing,
    watch: nothing,
    pause: nothing,
    network: null,
    describe: () => ({}),
    close: nothing,
  };
  return { engine, slots };
}

/** A packet on the wire. */
export type Datagram = { readonly from: HostPort; readonly to: HostPort; readonly bytes: Uint8Array };

/** The wire and its clock. */
export class Wire {
  nowMs = 1_000;
  readonly sides: Side[] = [];
  /** Everything that was ever sent, cut or not. */
  readonly log: Datagram[] = [];
  cut = false;
  /** One way. */
  delayMs = 0;
  #queue: (Datagram & { readonly atMs: number })[] = [];

  put(datagram: Datagram): void {
    this.log.push(datagram);
    if (!this.cut) this.#queue.push({ ...datagram, atMs: this.nowMs + this.delayMs });
  }

  /** Delivers until nothing that is due is under way. */
  deliver(): void {
    const isDue = ({ atMs }: { readonly atMs: number }): boolean => atMs <= this.nowMs;
    for (let rounds = 0; this.#queue.some(isDue) && rounds < 1_000; rounds++) {
      const batch = this.#queue.filter(isDue);
      this.#queue = this.#queue.filter((datagram) => !isDue(datagram));
      for (const { from, to, bytes } of batch) {
        for (const side of this.sides) {
          if (side.at.host === to.host && side.at.port === to.port) side.hear(bytes, from);
        }
      }
    }
  }

  /** Lets time pass in steps of 10 ms. */
  run(forMs: number): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; this.nowMs += 10) {
      for (const side of this.sides) side.tick();
      this.deliver();
    }
  }

  /** A machine on the wire. */
  add(name: string, port: number, users: readonly { login: string; password: string }[] = []): Side {
    const side = new Side(this, name, { host: '192.0.2.1', port }, users);
    this.sides.push(side);
    return side;
  }

  remove(side: Side): void {
    this.sides.splice(this.sides.indexOf(side), 1);
  }
}

/** What a test saw happen at a side. */
export type Seen = {
  readonly ups: Peer[];
  readonly downs: Peer[];
  readonly packets: Uint8Array[];
  /** Where links were before they moved. */
  readonly moves: string[];
};

/** One node that is only links. */
export class Side {
  /** Changed by tests: the machine moves. */
  at: HostPort;
  readonly identity: Identity;
  readonly users: Users;
  readonly links: Links;
  readonly data: DataTable;
  readonly interfaces: InterfaceTable;
  readonly counters: Counters = createCounters();
  readonly seen: Seen = { ups: [], downs: [], packets: [], moves: [] };
  readonly slots: ReadonlyMap<string, number>;
  /** Version that its pongs and pings tell. */
  version: number | null = null;
  readonly #wire: Wire;
  readonly #pinger: Pinger;
  /** Whose ping it is, and the bytes of its frame if it is a long one. */
  readonly #purposes = new Map<number, { readonly peer: number; readonly frameBytes: number }>();
  readonly #challenges = new Map<number, { readonly number: number; readonly id: number }>();
  readonly #budget = createTokenBucket({ ratePerSecond: 1e6, burst: 1e6 }, 0);

  constructor(
    wire: Wire,
    name: string,
    at: HostPort,
    users: readonly { login: string; password: string }[],
    lives = 0,
  ) {
    const { engine, slots } = endpointEngine();
    this.#wire = wire;
    this.at = at;
    this.slots = slots;
    this.identity = generateIdentity(backend, seededRng(name));
    this.users = new Users(backend);
    for (const { login, password } of users) this.users.add({ login, password, name: null });
    const rng = seededRng(`${name} life ${lives}`);
    this.data = createDataTable(engine, 600);
    const environment = {
      crypto: backend,
      rng,
      identity: this.identity,
      users: this.users,
      rules: 'hardened',
    } as const;
    this.interfaces = createInterfaceTable();
    this.#pinger = new Pinger(rng, this.identity.publicKey);
    const handshake = createCryptoAuth(environment, this.data);
    const { identity, data, interfaces, counters } = this;
    const made = { identity, crypto: backend, rng, handshake, data, engine, interfaces, counters };
    this.links = new Links({ ...made, nowMs: wire.nowMs });
  }

  dial(to: Side, password: string | null, login: string | null = null, key: PublicKey = to.identity.publicKey): void {
    const credentials = password === null ? null : createCredentials(backend, { login, password: utf8(password) });
    this.links.dial({ endpoint: { ...to.at, socket: 0 }, key, credentials, name: null }, this.#wire.nowMs);
  }

  /** Hears a beacon that names this key at this place. */
  beacon(at: HostPort, key: PublicKey, password: string): Discovery {
    const credentials = createCredentials(backend, { login: null, password: utf8(password) });
    return this.links.discover({ endpoint: { ...at, socket: 0 }, key, credentials }, this.#wire.nowMs);
  }

  /** The only peer. */
  get peer(): Peer {
    return sure([...this.links.peers.values()][0]);
  }

  isUp(): boolean {
    return [...this.links.peers.values()].some((peer) => peer.announced);
  }

  hear(bytes: Uint8Array, from: HostPort): void {
    const slot = this.slots.get(`0 ${from.host} ${from.port}`) ?? -1;
    this.perform(this.links.receive(bytes, slot, 0, from, this.#wire.nowMs));
  }

  tick(): void {
    this.#pinger.expire(this.#wire.nowMs);
    if (this.links.nextDueMs() <= this.#wire.nowMs) this.perform(this.links.tick(this.#wire.nowMs));
  }

  perform(effects: readonly LinkEffect[]): void {
    for (const effect of effects) {
      const { peer } = effect;
      if (effect.type === 'up') this.seen.ups.push(peer);
      else if (effect.type === 'down') this.seen.downs.push(peer);
      else if (effect.type === 'ping') this.#ping(peer, effect.via);
      else if (effect.type === 'longPing') this.#ping(peer, null, effect.frameBytes);
      else if (effect.type === 'challenge') this.#challenge(peer, effect.id, effect.way.slot);
      else if (effect.type === 'moved') this.seen.moves.push(formatHostPort(effect.from));
      else if (effect.type === 'packet') this.#packet(effect.packet, peer, effect.via);
    }
  }

  /** Sends a switch packet that our own switch has seen already. */
  sendTo(peer: Peer, packet: Uint8Array, via: Via | null): void {
    const bytes = this.links.seal(peer.number, packet, this.#wire.nowMs, via);
    if (bytes !== null) this.#wire.put({ from: this.at, to: peer.endpoint, bytes });
  }

  /** A packet of our own along `label`. */
  send(label: Label, frame: Uint8Array, via: Via | null = null): void {
    this.#switch(packetOf(label, frame), 1, via);
  }

  #ping(peer: Peer, via: Via | null, frameBytes = 0): void {
    const how = { timeoutMs: 2_048, packetBytes: frameBytes - 20 };
    const sent = this.#pinger.send(labelOfInterface(peer.number), how, this.#wire.nowMs);
    if (sent === null) return;
    this.#purposes.set(sent.id, { peer: peer.number, frameBytes });
    this.#switch(sent.packet, 1, via);
  }

  /** Goes by the slow way to the address that is challenged. */
  #challenge(peer: Peer, id: number, slot: number): void {
    const sent = this.#pinger.send(labelOfInterface(peer.number), { timeoutMs: 2_048 }, this.#wire.nowMs);
    const forwarded = sent === null ? null : forward(sent.packet, 1, () => 'up');
    if (sent === null || forwarded?.kind !== 'forward') return;
    this.#challenges.set(sent.id, { number: peer.number, id });
    const [name = ''] = [...this.slots].find(([, other]) => other === slot) ?? [];
    const [, host = '', port = ''] = name.split(' ');
    const bytes = this.links.seal(peer.number, forwarded.packet, this.#wire.nowMs, null);
    if (bytes !== null) this.#wire.put({ from: this.at, to: { host, port: Number(port) }, bytes });
  }

  #packet(packet: Uint8Array, peer: Peer, via: Via): void {
    this.seen.packets.push(packet);
    this.#switch(packet, peer.number, via);
  }

  #switch(packet: Uint8Array, from: number, via: Via | null): void {
    const forwarded = forward(packet, from, (number) => {
      const state = this.interfaces.state[number];
      return state === 1 ? 'up' : state === 2 ? 'down' : 'absent';
    });
    if (forwarded.kind === 'forward') {
      const peer = this.links.peers.get(forwarded.to);
      if (peer !== undefined) this.sendTo(peer, forwarded.packet, via);
    } else if (forwarded.kind === 'local') this.#local(forwarded.packet, via);
  }

  #local(packet: Uint8Array, via: Via | null): void {
    const read = readPacket(packet);
    if (read === null) return;
    const { nowMs } = this.#wire;
    if (read.frame.type === control.TYPE.pong) {
      const received = this.#pinger.receive(read.frame, read.returnLabel, nowMs);
      if (!received.ok) return;
      const { id, rttMs, version } = received.ping;
      const challenge = this.#challenges.get(id);
      if (challenge !== undefined)
        return this.perform(this.links.confirmed(challenge.number, challenge.id, rttMs, version, nowMs));
      const { peer, frameBytes } = sure(this.#purposes.get(id));
      if (frameBytes > 0) this.links.longPong(peer, frameBytes, nowMs - rttMs, nowMs);
      else this.perform(this.links.pong(peer, rttMs, version, nowMs));
      return;
    }
    const context = { ownKey: this.identity.publicKey, supernode: null, askerAddress: null, counters: this.counters };
    const reply = answer({ ...context, budget: this.#budget, nowMs }, read.frame, read.header);
    if (reply === null) return;
    this.#switch(this.version === null ? reply : withVersion(reply, this.version), 1, via);
  }
}

/** A pong as a node with another version would send it. */
function withVersion(packet: Uint8Array, version: number): Uint8Array {
  const read = sure(readPacket(packet));
  const body = read.frame.body.slice();
  new DataView(body.buffer).setUint32(4, version);
  return packetOf(read.header.label, control.emit({ type: read.frame.type, body }));
}

/** The same machine after a restart: same key, same address, nothing else. */
export function restarted(
  wire: Wire,
  old: Side,
  users: readonly { login: string; password: string }[],
  name: string,
): Side {
  wire.remove(old);
  const side = new Side(wire, name, old.at, users, 1);
  wire.sides.push(side);
  return side;
}
