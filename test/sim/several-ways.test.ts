/**
 * A peer at two places comes up by itself as one at one place does, whatever was lost and whoever restarted at whichever
 * step: within three seconds of either line being clean. Whole nodes and the dialler on a virtual clock.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import { silent } from '../../src/base/index.ts';
import { Password } from '../../src/crypto/index.ts';
import { type Dialer, startDialer } from '../../src/daemon/dialer.ts';
import type { World } from '../../src/sim/index.ts';
import { hostAddress } from '../../src/sim/simulated-sockets.ts';
import { endpointAt } from '../../src/underlay/index.ts';
import { ACCEPTOR, DIALLER, type Kind, kindOf, pairOf } from './pair.ts';

const WITHIN_MS = 3_000;
const KINDS: readonly (readonly Kind[])[] = [['hello'], ['key'], ['data'], ['hello', 'key', 'data']];
const DIRECTIONS = ['to the acceptor', 'to the dialler', 'both ways'] as const;
const LOSSES_MS = [1_000, 9_500, 61_000];
const PORTS = [hostAddress(ACCEPTOR).port, 4_000] as const;
const OTHER_PORT = PORTS[1];

/** The pair of `pair.ts`, but the acceptor listens at two ports, and the dialler knows both. */
class Ways {
  readonly world: World;
  #dialer: Dialer | null = null;

  constructor(seed: number) {
    this.world = pairOf(seed);
  }

  start(host: number): void {
    const { world } = this;
    world.start(host);
    const running = world.running(host);
    if (running === null) return;
    const { node, engine } = running;
    if (host === ACCEPTOR) return node.useSocket(engine.openSocket(OTHER_PORT), 'udp');
    const key = world.identity(ACCEPTOR).publicKey;
    node.removePeer(key);
    const sockets = [0];
    this.#dialer = startDialer({
      node,
      peers: [
        {
          endpoints: [endpointAt(hostAddress(ACCEPTOR, PORTS[0])), endpointAt(hostAddress(ACCEPTOR, PORTS[1]))],
          key,
          login: 'sim',
          password: Password.fromText('simulation'),
          name: null,
        },
      ],
      sockets: {
        dial: async (_, taken = new Set()) => {
          const free = sockets.find((socket) => !taken.has(socket));
          if (free !== undefined) return free;
          const made = engine.openSocket(0);
          node.useSocket(made, 'udp');
          sockets.push(made);
          return made;
        },
        hasName: () => false,
        resolve: async () => [],
        whyNot: () => null,
        network: () => 'IPv4',
      },
      clock: world.clock,
      log: silent,
    });
  }

  stop(host: number): void {
    if (host === DIALLER) this.#dialer?.close();
    this.world.stop(host);
  }

  startBoth(): void {
    for (const host of [ACCEPTOR, DIALLER]) this.start(host);
  }

  stopBoth(): void {
    for (const host of [ACCEPTOR, DIALLER]) this.stop(host);
  }

  /** Do both ends have a link that is up? */
  isUp(): boolean {
    return [ACCEPTOR, DIALLER].every((host) => this.links(host).some(({ state }) => state === 'established'));
  }

  links(host: number) {
    return this.world.running(host)?.node.peers() ?? [];
  }

  /** Loses packets of these kinds at these ports of the acceptor. */
  lose(kinds: readonly Kind[], direction: (typeof DIRECTIONS)[number], ports: readonly number[]): void {
    this.world.underlay.filter = (_, to, datagram, fromPort, toPort) => {
      const isHit = direction === 'both ways' || (direction === 'to the acceptor') === (to === ACCEPTOR);
      const port = to === ACCEPTOR ? toPort : fromPort;
      return !isHit || !ports.includes(port) || !kinds.includes(kindOf(datagram));
    };
  }

  async upAfter(name: string): Promise<number> {
    const tookMs = await this.world.until(() => this.isUp(), WITHIN_MS);
    const states = [ACCEPTOR, DIALLER].map((host) =>
      this.links(host).map(({ endpoint, state }) => `${endpoint} ${state}`),
    );
    assert(tookMs !== null, `${name}: not up after ${WITHIN_MS} ms: ${JSON.stringify(states)}`);
    return tookMs;
  }
}

const longest = (all: readonly number[]): string => `${Math.max(...all)} ms at most, ${all.length} cases`;

t.test('one place loses packets from the start: the other is up all the same', async (t) => {
  const tookMs: number[] = [];
  for (const port of PORTS) {
    for (const kinds of KINDS) {
      for (const direction of DIRECTIONS) {
        const ways = new Ways(port + kinds.length);
        ways.lose(kinds, direction, [port]);
        ways.startBoth();
        tookMs.push(await ways.upAfter(`${kinds.join(', ')} lost ${direction} at ${port}`));
        ways.stopBoth();
      }
    }
  }
  t.pass(longest(tookMs));
});

t.test(
  'the place in use loses packets when it was up: the other is up without it, and in the end there is one link',
  async (t) => {
    const tookMs: number[] = [];
    for (const direction of DIRECTIONS) {
      for (const seed of [1, 2, 3]) {
        const ways = new Ways(seed);
        ways.startBoth();
        await ways.world.run(10_000);
        const used = ways.links(DIALLER).map(({ endpoint }) => endpoint);
        assert.equal(used.length, 1);
        ways.lose(['hello', 'key', 'data'], direction, [PORTS[0]]);
        // Used by both ends: what nobody uses may be found dead later.
        const isMoved = (): boolean => {
          ways.world.sendUser(DIALLER, ACCEPTOR, new Uint8Array(100));
          ways.world.sendUser(ACCEPTOR, DIALLER, new Uint8Array(100));
          return ways.links(DIALLER).some(({ endpoint, state }) => state === 'established' && !used.includes(endpoint));
        };
        const took = await ways.world.until(isMoved, 10_000);
        assert(took !== null, `${direction}: ${JSON.stringify(ways.links(DIALLER).map(({ endpoint }) => endpoint))}`);
        tookMs.push(took);
        await ways.world.run(40_000);
        assert.equal(ways.links(DIALLER).length, 1, direction);
        assert.equal(ways.links(ACCEPTOR).length, 1, `${direction}: the one that was left is forgotten`);
        assert(ways.isUp(), direction);
        ways.stopBoth();
      }
    }
    t.pass(longest(tookMs));
  },
);

for (const moment of ['at the start', 'when it was up'] as const) {
  t.test(`both places lose packets for 1 to 61 s ${moment}`, async (t) => {
    const tookMs: number[] = [];
    for (const direction of DIRECTIONS) {
      for (const kinds of KINDS) {
        for (const lossMs of LOSSES_MS) {
          const ways = new Ways(lossMs);
          if (moment === 'at the start') ways.lose(kinds, direction, PORTS);
          ways.startBoth();
          await ways.world.run(moment === 'at the start' ? lossMs : 2_000);
          if (moment === 'when it was up') {
            ways.lose(kinds, direction, PORTS);
            await ways.world.run(lossMs);
          }
          ways.world.underlay.filter = null;
          tookMs.push(await ways.upAfter(`${kinds.join(', ')} lost ${direction} for ${lossMs} ms ${moment}`));
          ways.stopBoth();
        }
      }
    }
    t.pass(longest(tookMs));
  });
}

/** Packets of both handshakes, and some of the quiet that follows. */
const STEPS = 20;

for (const [name, host] of [
  ['the acceptor', ACCEPTOR],
  ['the dialler', DIALLER],
] as const) {
  t.test(`${name} restarted at each step, the first place being slow`, async (t) => {
    const tookMs: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      for (const awayMs of [0, 30, 700, 4_000]) {
        const ways = new Ways(step * 10 + awayMs);
        let left = step;
        const slow = ({ lost = 3 } = {}) =>
          (ways.world.underlay.filter = (_, to, __, fromPort, toPort) => {
            left--;
            return (to === ACCEPTOR ? toPort : fromPort) !== PORTS[0] || lost-- <= 0;
          });
        slow();
        ways.startBoth();
        await ways.world.until(() => left <= 0, 2_500);
        ways.stop(host);
        await ways.world.run(awayMs);
        slow();
        ways.start(host);
        tookMs.push(await ways.upAfter(`${name} at packet ${step}, away for ${awayMs} ms`));
        await ways.world.run(12_000);
        assert.equal(
          ways.links(DIALLER).length,
          1,
          `${name} at packet ${step}, away for ${awayMs} ms: one link is left`,
        );
        assert(ways.isUp());
        ways.stopBoth();
      }
    }
    t.pass(longest(tookMs));
  });
}
