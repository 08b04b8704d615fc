/** Real nodes over portable engines on loopback, and a wire between two of them that records and can say anything. */

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, type Rng, silent } from '../../src/base/index.ts';
import { generateIdentity, type Identity, loadNobleBackend } from '../../src/crypto/index.ts';
import type { NewUser } from '../../src/cryptoauth/index.ts';
import { createPortableEngine } from '../../src/engine/index.ts';
import { createNode, type MeshNode, NODE_ARENA } from '../../src/node/index.ts';
import type { Engine } from '../../src/packet/index.ts';
import type { FirewallRule } from '../../src/tun/index.ts';

export const clock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const rng: Rng = { bytes: (count) => Uint8Array.from(randomBytes(count)) };

export type Teardown = { readonly teardown: (run: () => void) => unknown };

/** A node with one socket. */
export type TestNode = {
  readonly node: MeshNode;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly socket: number;
  readonly port: number;
};

/** A node that ends with the test. @param twin whose key it has, too; null: a key of its own */
export async function makeNode(
  t: Teardown,
  users: readonly NewUser[] = [],
  firewall: readonly FirewallRule[] | null = null,
  twin: Identity | null = null,
): Promise<TestNode> {
  const crypto = await loadNobleBackend();
  const engine = await createPortableEngine(NODE_ARENA);
  const identity = twin ?? generateIdentity(crypto, rng);
  const node = createNode({ identity, clock, rng, engine, crypto, log: silent, firewall, users });
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  node.useSocket(socket, 'udp');
  t.teardown(() => {
    node.close();
    engine.close();
  });
  return { node, engine, identity, socket, port: engine.boundPort(socket) };
}

/** Waits until something holds; ten seconds at most, since machines that test are busy. */
export async function until(what: () => boolean, limitMs = 10_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (what()) return true;
    await sleep(10);
  }
  return what();
}

/** Carries datagrams between a dialler and `to`, and keeps them. */
export class Wiretap {
  readonly toAcceptor: Uint8Array[] = [];
  readonly toDialler: Uint8Array[] = [];
  readonly #front: Socket = createSocket('udp4');
  readonly #back: Socket = createSocket('udp4');
  readonly #to: number;
  #dialler = 0;

  constructor(t: Teardown, to: number) {
    this.#to = to;
    this.#front.on('message', (bytes, { port }) => {
      this.#dialler = port;
      this.toAcceptor.push(bytes);
      this.#back.send(bytes, to, '127.0.0.1');
    });
    this.#back.on('message', (bytes) => {
      this.toDialler.push(bytes);
      this.#front.send(bytes, this.#dialler, '127.0.0.1');
    });
    t.teardown(() => {
      this.#front.close();
      this.#back.close();
    });
  }

  /** @returns the port to dial */
  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#front.bind(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => this.#back.bind(0, '127.0.0.1', resolve));
    return this.#front.address().port;
  }

  /** Says something to the acceptor as if the dialler did. */
  inject(bytes: Uint8Array): void {
    this.#back.send(bytes, this.#to, '127.0.0.1');
  }
}
