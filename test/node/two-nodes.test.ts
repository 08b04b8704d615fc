import { randomBytes } from 'node:crypto';
import t from 'tap';
import type { Clock, Rng } from '../../src/base/index.ts';
import { silent } from '../../src/base/index.ts';
import { generateIdentity, loadNobleBackend } from '../../src/crypto/index.ts';
import { createPortableEngine } from '../../src/engine/index.ts';
import { createNode, NODE_ARENA } from '../../src/node/index.ts';

const clock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const rng: Rng = { bytes: (count) => Uint8Array.from(randomBytes(count)) };

async function makeNode(users: { login: string; password: string; name: string | null }[]) {
  const crypto = await loadNobleBackend();
  const engine = await createPortableEngine(NODE_ARENA);
  const identity = generateIdentity(crypto, rng);
  const node = createNode({ identity, clock, rng, engine, crypto, log: silent, firewall: null, users });
  const socket = await engine.openUdp({ address: '127.0.0.1', port: 0 });
  node.useSocket(socket);
  return { node, engine, identity, socket, port: engine.boundPort(socket) };
}

async function until(what: () => boolean, limitMs = 5_000): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    if (what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return what();
}

t.test('two nodes over loopback become peers and ping each other through the mesh protocol', async (t) => {
  const a = await makeNode([]);
  const b = await makeNode([{ login: 'alice', password: 'secret of alice', name: 'alice' }]);
  t.teardown(() => {
    for (const { node, engine } of [a, b]) {
      node.close();
      engine.close();
    }
  });
  const peer = { socket: a.socket, endpoint: { address: '127.0.0.1', port: b.port }, key: b.identity.publicKey };
  a.node.addPeer({ ...peer, login: 'alice', password: 'secret of alice', name: 'bob' });
  const established = () => [a, b].every(({ node }) => node.inspect().peers[0]?.state === 'established');
  t.ok(await until(established), 'both show the other as established');
  t.match(b.node.inspect().peers[0], { user: 'alice', name: 'alice', direction: 'in' });
  const pong = await a.node.ping(b.identity.address, 3_000);
  t.ok(pong !== null, 'A reaches B');
  t.match(await b.node.ping(a.identity.address, 3_000), { hops: 1, protocol: 21 });
  t.match(await b.node.pingLabel(0x13n, 3_000, true), { key: a.identity.publicKey });
});
