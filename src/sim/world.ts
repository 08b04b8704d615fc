/**
 * A world: real nodes on simulated hosts, joined by the links of a graph, on one virtual clock. Every program sends from
 * and to a node's TUN. The same seed gives the same run.
 */
import { silent } from '../base/index.ts';
import { addressKey, type CryptoBackend, type Identity } from '../crypto/index.ts';
import { createNode, type MeshNode, NODE_ARENA, type NodeOptions } from '../node/index.ts';
import { createArena } from '../packet/index.ts';
import { UNDERLAY_PORT } from './limits.ts';
import { createSeededRng, type SeededRng } from './seeded-rng.ts';
import { createSimulatedBackend, simulatedIdentity } from './simulated-backend.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { hostAddress } from './simulated-sockets.ts';
import { stallingClock } from './stalling-clock.ts';
import type { Edge, Graph } from './topologies.ts';
import { TrafficMeter } from './traffic-meter.ts';
import { goodLink, type LinkConditions, Underlay } from './underlay.ts';
import { userPacket } from './user-packet.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Streams of random numbers of a world; nodes take those from `FIRST_NODE_STREAM` on. */
const UNDERLAY_STREAM = 1;
const KEY_STREAM = 2;
const FIRST_NODE_STREAM = 1000;

/** Promises of nodes settle between slices of virtual time this long. */
const SLICE_MS = 10;
/** Turns of the job queue between slices: more than any chain of promises in a node. */
const TURNS = 6;

const LOGIN = 'sim';
const PASSWORD = 'simulation';

/** What a world is made from. */
export type WorldOptions = {
  readonly seed: number;
  readonly graph: Graph;
  /** Default: the simulated one. Traffic can only be told apart by kind with that. */
  readonly crypto?: CryptoBackend;
  /** Keys, one a node, needed with a real backend; default: drawn from the seed. */
  readonly identities?: readonly Identity[];
  /** Changes the conditions of a link before it is laid. */
  readonly conditions?: (edge: Edge, conditions: LinkConditions) => void;
  /** Puts another maker of routers into a host: one that says less, or more; null = ours. */
  readonly routerOf?: (host: number) => NodeOptions['createRouter'] | null;
  /** Handshake rules of a host, default ours: `stock` behaves as cjdns does. */
  readonly rulesOf?: (host: number) => 'stock' | 'hardened';
};

/** A node that runs. */
export type Running = { readonly node: MeshNode; readonly engine: SimulatedEngine; readonly startedMs: number };

/** What a packet that arrives is given to. */
export type UserHandler = (host: number, packet: Uint8Array) => void;

/** Hosts, links, nodes. */
export class World {
  readonly seed: number;
  readonly graph: Graph;
  readonly clock = new VirtualClock();
  readonly underlay: Underlay;
  readonly meter: TrafficMeter;
  readonly crypto: CryptoBackend;
  readonly identities: readonly Identity[];
  /** Receives what nodes write to their TUNs. */
  onUserPacket: UserHandler = () => {};
  readonly #arena = createArena(NODE_ARENA);
  readonly #running: (Running | null)[];
  readonly #starts: number[];
  readonly #dials: number[][];
  readonly #hosts = new Map<string, number>();
  readonly #routerOf: NonNullable<WorldOptions['routerOf']>;
  readonly #rulesOf: NonNullable<WorldOptions['rulesOf']> | null;

  constructor(options: WorldOptions) {
    const { seed, graph } = options;
    this.seed = seed;
    this.graph = graph;
    this.crypto = options.crypto ?? createSimulatedBackend();
    const keys = createSeededRng(seed, KEY_STREAM);
    this.identities =
      options.identities ?? Array.from({ length: graph.size }, () => simulatedIdentity(this.crypto, keys));
    this.underlay = new Underlay(this.clock, createSeededRng(seed, UNDERLAY_STREAM));
    this.meter = new TrafficMeter(graph.size);
    this.underlay.observer = (from, to, bytes, offset, length) => this.meter.observe(from, to, bytes, offset, length);
    this.#routerOf = options.routerOf ?? (() => null);
    this.#rulesOf = options.rulesOf ?? null;
    this.#running = new Array<Running | null>(graph.size).fill(null);
    this.#starts = new Array<number>(graph.size).fill(0);
    this.#dials = Array.from({ length: graph.size }, () => []);
    for (let host = 0; host < graph.size; host++) {
      this.underlay.attach(host, null);
      this.#hosts.set(addressKey(this.identity(host).address), host);
    }
    for (const edge of graph.edges) {
      const conditions = goodLink(edge.latencyMs);
      options.conditions?.(edge, conditions);
      this.underlay.connect(edge.a, edge.b, conditions);
      this.#dials[edge.a]?.push(edge.b);
    }
  }

  /** Keys of a host. @throws RangeError for a host that is not there */
  identity(host: number): Identity {
    const identity = this.identities[host];
    if (identity === undefined) throw new RangeError(`no host ${host}`);
    return identity;
  }

  /** The host with a mesh address, null if it is none of ours. */
  hostOf(address: Uint8Array): number | null {
    return this.#hosts.get(addressKey(address)) ?? null;
  }

  /** What runs on a host, null while it is off. */
  running(host: number): Running | null {
    return this.#running[host] ?? null;
  }

  /** The node of a host. @throws RangeError while it is off */
  node(host: number): MeshNode {
    const running = this.running(host);
    if (running === null) throw new RangeError(`host ${host} is off`);
    return running.node;
  }

  /**
   * Starts the node of a host, with nothing remembered but its key and its peers; it dials those of its edges.
   * @param port of its socket: another one than before is what a neighbour sees behind a new NAT mapping
   */
  start(host: number, port = UNDERLAY_PORT): void {
    if (this.running(host) !== null) return;
    const { clock, underlay, crypto } = this;
    const identity = this.identity(host);
    const engine = new SimulatedEngine({
      host,
      clock,
      underlay,
      arena: this.#arena,
      backend: crypto,
      onUserPacket: (packet) => this.onUserPacket(host, packet),
    });
    const createRouter = this.#routerOf(host) ?? null;
    const node = createNode({
      identity,
      clock: stallingClock(clock, () => engine.stalledForMs),
      rng: this.#rngOf(host),
      engine,
      crypto,
      log: silent,
      firewall: null,
      users: [{ login: LOGIN, password: PASSWORD, name: null }],
      ...(createRouter ? { createRouter } : {}),
      ...(this.#rulesOf === null ? {} : { rules: this.#rulesOf(host) }),
    });
    this.#running[host] = { node, engine, startedMs: clock.nowMs() };
    const socket = engine.openSocket(port);
    node.useSocket(socket, 'udp');
    engine.openTun();
    node.useTun();
    for (const peer of this.#dials[host] ?? []) {
      const key = this.identity(peer).publicKey;
      node.addPeer({ endpoint: { ...hostAddress(peer), socket }, key, login: LOGIN, password: PASSWORD, name: null });
    }
  }

  /** A host is seen at another port from now on, as after a change of its address, and its node is not told. */
  move(host: number, port: number): void {
    this.running(host)?.engine.moveSocket(0, port);
  }

  startAll(): void {
    for (let host = 0; host < this.graph.size; host++) this.start(host);
  }

  /** Switches a host off at once, as if its power had failed. */
  stop(host: number): void {
    const running = this.running(host);
    if (running === null) return;
    this.#running[host] = null;
    running.engine.close();
    running.node.close();
  }

  /** The node of a host gets no processor for a while, as on a busy machine; nothing happens to one that is off. */
  stall(host: number, forMs: number): void {
    this.running(host)?.engine.stall(forMs);
  }

  stopAll(): void {
    for (let host = 0; host < this.graph.size; host++) this.stop(host);
  }

  /** A program on `from` sends `payload` to another host. @returns false if `from` is off or its TUN is full */
  sendUser(from: number, to: number, payload: Uint8Array): boolean {
    const packet = userPacket(this.identity(from).address, this.identity(to).address, payload);
    return this.running(from)?.engine.injectTun(packet) ?? false;
  }

  /** Lets virtual time pass; promises of nodes settle on the way. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    while (this.clock.nowMs() < untilMs) {
      this.clock.runUntil(Math.min(untilMs, this.clock.nowMs() + SLICE_MS));
      for (let turn = 0; turn < TURNS; turn++) await null;
    }
  }

  /**
   * Lets time pass until `done` holds, looked at every 10 ms.
   * @returns how long it took, null if it did not hold within `limitMs`
   */
  async until(done: () => boolean, limitMs: number): Promise<number | null> {
    const beganMs = this.clock.nowMs();
    while (!done()) {
      if (this.clock.nowMs() - beganMs >= limitMs) return null;
      await this.run(SLICE_MS);
    }
    return this.clock.nowMs() - beganMs;
  }

  /** A restarted node must not repeat the handles and nonces of its earlier life. */
  #rngOf(host: number): SeededRng {
    const life = this.#starts[host] ?? 0;
    this.#starts[host] = life + 1;
    return createSeededRng(this.seed + life * 7919, FIRST_NODE_STREAM + host);
  }
}
