/** The packet path played through at the start, with the engine and the tables that are in use. */
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { silent } from '../../src/base/index.ts';
import { generateIdentity, loadNobleBackend } from '../../src/crypto/index.ts';
import { createPortableEngine } from '../../src/engine/index.ts';
import { createNode, NODE_ARENA } from '../../src/node/index.ts';
import { REHEARSAL_EVERY_MS, REHEARSAL_PACKETS } from '../../src/node/limits.ts';
import type { Engine } from '../../src/packet/index.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const rng = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };

async function setUp(change: (engine: Engine) => Engine = (engine) => engine, outputSlots = 20) {
  const crypto = await loadNobleBackend();
  const engine = change(await createPortableEngine({ ...NODE_ARENA, outputSlots }));
  const clock = new VirtualClock();
  // Time goes on by what is asked of it, so that a slice ends.
  const slow = {
    nowMs: () => {
      clock.runFor(0.02);
      return clock.nowMs();
    },
    after: clock.after.bind(clock),
  };
  const identity = generateIdentity(crypto, rng);
  const firewall = [{ protocol: 'icmp', ports: null }] as const;
  const node = createNode({ identity, clock: slow, rng, engine, crypto, log: silent, firewall, users: [] });
  t.teardown(() => {
    node.close();
    engine.close();
  });
  return { node, clock, engine };
}

t.test('it plays in slices until enough packets went through, and leaves nothing behind', async (t) => {
  const { node, clock } = await setUp();
  t.same(node.inspect().rehearsal, { state: 'off', packets: 0 });
  node.rehearse();
  node.rehearse();
  t.equal(node.inspect().rehearsal.state, 'running');
  clock.runFor(REHEARSAL_EVERY_MS + 1);
  const some = node.inspect().rehearsal.packets;
  t.ok(some > 0 && some < REHEARSAL_PACKETS, `${some} in the first slice`);
  for (let slice = 0; slice < 5_000 && node.inspect().rehearsal.state === 'running'; slice++) clock.runFor(25);
  t.equal(node.inspect().rehearsal.state, 'passed');
  const after = node.inspect();
  t.same([after.peers, after.sessions, after.refused, after.keptOut], [[], [], [], []]);
  t.same(
    [...after.counters].filter(([name]) => /link|session|switch|tun|node/.test(name)),
    [],
    'nothing was dropped on the way',
  );
});

t.test('a path that changes a packet fails, and is said so', async (t) => {
  const { node, clock } = await setUp((engine) => ({
    ...engine,
    // An engine that opens nothing.
    open: (first, count) => {
      for (let index = first; index < first + count; index++) engine.arena.descriptors[index * 8 + 6] = -1;
    },
  }));
  node.rehearse();
  clock.runFor(100);
  t.equal(node.inspect().rehearsal.state, 'failed');
});

t.test('without room for it there is none', async (t) => {
  const { node, clock } = await setUp((engine) => engine, 1);
  node.rehearse();
  clock.runFor(1_000);
  t.same(node.inspect().rehearsal, { state: 'off', packets: 0 });
});

t.test('a node without room for it leaves it', async (t) => {
  const { node, clock, engine } = await setUp();
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const { publicKey: key } = generateIdentity(await loadNobleBackend(), rng);
  for (let port = 1; port <= 256; port++) {
    node.addPeer({ endpoint: { host: '127.0.0.1', port, socket }, key, login: null, password: 'x', name: null });
  }
  node.rehearse();
  clock.runFor(REHEARSAL_EVERY_MS + 1);
  t.same(node.inspect().rehearsal, { state: 'off', packets: 0 });
  t.equal(node.peers().length, 256);
});
