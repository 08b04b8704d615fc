/** A mesh of routers without sessions: messages travel along labels by the rules of the switch, on a virtual clock. */
import { createHash } from 'node:crypto';
import { type Counters, createCounters, type Rng, readU64, writeU16, writeU64 } from '../../src/base/index.ts';
import {
  addressKey,
  addressOf,
  asPublicKey,
  type CryptoBackend,
  type Ip6,
  type PublicKey,
} from '../../src/crypto/index.ts';
import { createRouter, type Effect, type Event, type Router } from '../../src/route/index.ts';
import { errorFrame, forward, labelOfInterface, reverse64 } from '../../src/switch/index.ts';
import type { Label } from '../../src/wire/index.ts';

/** Seeded random bytes. */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) bytes[i] = next();
      return bytes;
    },
  };
}

function refuse(): never {
  throw new Error('not needed by routers');
}

/** Only what turns keys into addresses. */
export const hashesOnly: CryptoBackend = {
  name: 'simulated',
  publicKeyOf: refuse,
  sharedPoint: refuse,
  hsalsa: refuse,
  sealBox: refuse,
  openBox: refuse,
  sha256: (message) => new Uint8Array(createHash('sha256').update(message).digest()),
  sha512: (message) => new Uint8Array(createHash('sha512').update(message).digest()),
};

/** A public key whose address is in fc00::/8. */
export function makeKey(rng: Rng): { publicKey: PublicKey; address: Ip6 } {
  for (;;) {
    const publicKey = asPublicKey(rng.bytes(32));
    const address = publicKey === null ? null : addressOf(hashesOnly, publicKey);
    if (publicKey !== null && address !== null) return { publicKey, address };
  }
}

type Port = {
  readonly to: number;
  readonly port: number;
  delayMs: number;
  loss: number;
  up: boolean;
  /** Width, and until when what was sent before fills it. */
  bytesPerMs: number;
  busyMs: number;
};

/** One node of the world. */
export type WorldNode = {
  readonly index: number;
  readonly publicKey: PublicKey;
  readonly address: Ip6;
  router: Router;
  readonly counters: Counters;
  readonly ports: Map<number, Port>;
  alive: boolean;
  /** Everything but `send`, with its time. */
  readonly log: { readonly atMs: number; readonly effect: Effect }[];
  /** Path user data would take now, by address. */
  readonly using: Map<string, Label>;
  sentBytes: number;
  wakeMs: number;
};

type Planned = { readonly atMs: number; readonly order: number; readonly run: () => void };

export const PROTOCOL = 22;

export class MiniWorld {
  readonly rng: Rng;
  readonly nodes: WorldNode[] = [];
  nowMs = 1_000;
  #order = 0;
  readonly #plans: Planned[] = [];

  constructor(seed = 1) {
    this.rng = seededRng(seed);
  }

  add(count = 1): WorldNode {
    let node: WorldNode | undefined;
    for (let i = 0; i < count; i++) {
      const { publicKey, address } = makeKey(this.rng);
      const counters = createCounters();
      const identity = { publicKey, address };
      const rng = seededRng(this.nodes.length + 77);
      const router = createRouter({ identity, crypto: hashesOnly, rng, counters, protocol: PROTOCOL }, this.nowMs);
      node = {
        index: this.nodes.length,
        publicKey,
        address,
        router,
        counters,
        ports: new Map(),
        alive: true,
        log: [],
        using: new Map(),
        sentBytes: 0,
        wakeMs: Number.POSITIVE_INFINITY,
      };
      this.nodes.push(node);
    }
    if (node === undefined) throw new Error('nothing added');
    return node;
  }

  node(index: number): WorldNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  /** Links two nodes and tells both. */
  connect(a: number, b: number, delayMs = 5): void {
    const portA = this.#freePort(a);
    const portB = this.#freePort(b);
    const fresh = { delayMs, loss: 0, up: true, bytesPerMs: Number.POSITIVE_INFINITY, busyMs: 0 };
    this.node(a).ports.set(portA, { to: b, port: portB, ...fresh });
    this.node(b).ports.set(portB, { to: a, port: portA, ...fresh });
    this.#announce(a, portA, b, delayMs);
    this.#announce(b, portB, a, delayMs);
  }

  #freePort(index: number): number {
    const { ports } = this.node(index);
    for (let number = 0; ; number++) if (number !== 1 && !ports.has(number)) return number;
  }

  #announce(at: number, interfaceNumber: number, peer: number, costMs: number): void {
    const { publicKey: key, address } = this.node(peer);
    const label = labelOfInterface(interfaceNumber);
    this.tell(at, { type: 'peerUp', key, address, label, interfaceNumber, protocol: PROTOCOL, costMs });
  }

  port(a: number, b: number): { number: number; port: Port } {
    for (const [number, port] of this.node(a).ports) if (port.to === b) return { number, port };
    throw new Error(`no link ${a}-${b}`);
  }

  /** Changes loss, delay and width of a link, both ways; the ends are told what it costs. */
  impair(
    a: number,
    b: number,
    change: { delayMs?: number; loss?: number; bytesPerMs?: number },
    costMs?: number,
  ): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const { number, port } = this.port(from, to);
      port.delayMs = change.delayMs ?? port.delayMs;
      port.loss = change.loss ?? port.loss;
      port.bytesPerMs = change.bytesPerMs ?? port.bytesPerMs;
      if (costMs === undefined) continue;
      this.tell(from, { type: 'peerChanged', address: this.node(to).address, label: labelOfInterface(number), costMs });
    }
  }

  /** Kills a node; its peers notice after `detectMs`. */
  kill(index: number, detectMs = 1_000): void {
    const node = this.node(index);
    node.alive = false;
    for (const port of node.ports.values()) {
      this.after(detectMs, () => {
        const back = this.node(port.to).ports.get(port.port);
        if (back !== undefined) back.up = false;
        this.tell(port.to, { type: 'peerDown', label: labelOfInterface(port.port) });
      });
    }
  }

  /** Gives an event to a router and performs what it wants done. */
  tell(index: number, event: Event): void {
    const node = this.node(index);
    if (!node.alive) return;
    for (const effect of node.router.handle(event, this.nowMs)) this.#perform(node, effect);
    this.#wake(node);
  }

  #wake(node: WorldNode): void {
    const dueMs = Math.max(node.router.nextDueMs(), this.nowMs);
    if (dueMs >= node.wakeMs || dueMs === Number.POSITIVE_INFINITY) return;
    node.wakeMs = dueMs;
    this.after(dueMs - this.nowMs, () => {
      if (node.wakeMs !== dueMs) return;
      node.wakeMs = Number.POSITIVE_INFINITY;
      this.tell(node.index, { type: 'tick' });
    });
  }

  #perform(node: WorldNode, effect: Effect): void {
    if (effect.type === 'send') {
      node.sentBytes += effect.content.length;
      this.send(node.index, effect.label, effect.key, effect.content);
      return;
    }
    node.log.push({ atMs: this.nowMs, effect });
    if (effect.type === 'usePath') node.using.set(addressKey(effect.address), effect.label);
    if (effect.type === 'dropPath') node.using.delete(addressKey(effect.address));
  }

  /** A packet of a session with `key` along `label`. */
  send(
    from: number,
    label: Label,
    key: PublicKey,
    content: Uint8Array,
    onArrival?: (at: number, back: Label) => void,
  ): void {
    const packet = new Uint8Array(16 + content.length);
    writeU64(packet, 0, label);
    packet[9] = 0x40;
    writeU16(packet, 12, 0x1234);
    this.#step(from, 1, packet, (at, arrived) => {
      const back = reverse64(readU64(arrived, 0));
      const receiver = this.node(at);
      // Only the holder of the key can open it.
      if (addressKey(receiver.publicKey) !== addressKey(key)) return;
      if (onArrival !== undefined) return onArrival(at, back);
      const { publicKey, address } = this.node(from);
      this.tell(at, { type: 'message', key: publicKey, address, returnLabel: back, content });
    });
  }

  #step(at: number, from: number, packet: Uint8Array, arrived: (at: number, packet: Uint8Array) => void): void {
    const node = this.node(at);
    if (!node.alive) return;
    const result = forward(packet, from, (number) => {
      if (number === 1) return 'up';
      const port = node.ports.get(number);
      return port === undefined ? 'absent' : port.up ? 'up' : 'down';
    });
    if (result.kind === 'local') return arrived(at, result.packet);
    if (result.kind === 'forward') return this.#cross(at, result.to, result.packet, arrived);
    if (result.kind !== 'error') return;
    const frame = errorFrame(packet, result.code);
    if (frame === null) return;
    const tell = (origin: number, error: Uint8Array): void => {
      const path = reverse64(readU64(error, 0));
      this.tell(origin, { type: 'switchError', path, cause: readU64(error, 24), code: result.code });
    };
    if (from === 1) tell(at, frame);
    else this.#cross(at, from, frame, tell);
  }

  #cross(at: number, number: number, packet: Uint8Array, arrived: (at: number, packet: Uint8Array) => void): void {
    const port = this.node(at).ports.get(number);
    if (port === undefined || (this.rng.bytes(1)[0] ?? 0) / 256 < port.loss) return;
    port.busyMs = Math.max(port.busyMs, this.nowMs) + packet.length / port.bytesPerMs;
    const delayMs = port.busyMs - this.nowMs + port.delayMs;
    this.after(delayMs, () => this.#step(port.to, port.port, packet, arrived));
  }

  after(delayMs: number, run: () => void): void {
    const plan = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let low = 0;
    let high = this.#plans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#plans[middle];
      // Latest first, so that the next one is popped from the end.
      if (other !== undefined && (other.atMs > plan.atMs || (other.atMs === plan.atMs && other.order < plan.order)))
        low = middle + 1;
      else high = middle;
    }
    this.#plans.splice(low, 0, plan);
  }

  /** Lets time pass until `durationMs` are over or `isDone`. @returns milliseconds passed */
  run(durationMs: number, isDone: () => boolean = () => false): number {
    const startMs = this.nowMs;
    const endMs = startMs + durationMs;
    while (!isDone()) {
      const plan = this.#plans.at(-1);
      if (plan === undefined || plan.atMs > endMs) {
        this.nowMs = endMs;
        break;
      }
      this.#plans.pop();
      this.nowMs = plan.atMs;
      plan.run();
    }
    return this.nowMs - startMs;
  }

  want(from: number, to: number, urgent = true): void {
    const { publicKey: key, address } = this.node(to);
    this.tell(from, { type: 'wantPath', address, key, urgent });
  }

  path(from: number, to: number): Label | undefined {
    return this.node(from).using.get(addressKey(this.node(to).address));
  }

  /** Whether a packet along the path in use would arrive, links asked, nothing sent. */
  reaches(from: number, to: number): boolean {
    return this.walk(from, this.path(from, to) ?? 0n).at(-1) === to;
  }

  /** The nodes a packet passes, the sender not included; ends where it is lost. */
  walk(from: number, label: Label): number[] {
    const visited: number[] = [];
    let packet = new Uint8Array(16);
    writeU64(packet, 0, label);
    let at = from;
    let inPort = 1;
    for (let hops = 0; hops < 64; hops++) {
      const node = this.node(at);
      if (!node.alive) return visited.slice(0, -1);
      const result = forward(packet, inPort, (number) => (number === 1 || node.ports.has(number) ? 'up' : 'absent'));
      if (result.kind === 'local') return visited;
      if (result.kind !== 'forward') return [];
      const port = node.ports.get(result.to);
      if (port === undefined) return [];
      packet = new Uint8Array(result.packet);
      at = port.to;
      inPort = port.port;
      visited.push(at);
    }
    return [];
  }
}

/** 0 - 1 - 2 - ... */
export function line(world: MiniWorld, count: number, delayMs = 5): void {
  world.add(count);
  for (let i = 1; i < count; i++) world.connect(i - 1, i, delayMs);
}

/** A line closed to a ring. */
export function ring(world: MiniWorld, count: number, delayMs = 5): void {
  line(world, count, delayMs);
  world.connect(count - 1, 0, delayMs);
}

/** width x height, each node with its right and lower neighbour. */
export function grid(world: MiniWorld, width: number, height: number, delayMs = 5): void {
  world.add(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (x + 1 < width) world.connect(at, at + 1, delayMs);
      if (y + 1 < height) world.connect(at, at + width, delayMs);
    }
  }
}

/** 0 and 2 are peers; 1 is a peer of both. */
export function triangle(world: MiniWorld, delayMs = 1): void {
  world.add(3);
  world.connect(0, 2, delayMs);
  world.connect(0, 1, delayMs);
  world.connect(1, 2, delayMs);
}

/** Two ways of equal length between 0 and 3: over 1 and over 2. */
export function twoWays(world: MiniWorld, delayMs = 1): void {
  world.add(4);
  world.connect(0, 1, delayMs);
  world.connect(1, 3, delayMs);
  world.connect(0, 2, delayMs);
  world.connect(2, 3, delayMs);
}

/** A long way between 0 and 4, over 1 and 2, and a short one, over 3. */
export function longAndShort(world: MiniWorld, delayMs = 1): void {
  world.add(5);
  world.connect(0, 1, delayMs);
  world.connect(1, 2, delayMs);
  world.connect(2, 4, delayMs);
  world.connect(0, 3, delayMs);
  world.connect(3, 4, delayMs);
}
