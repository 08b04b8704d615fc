import t from 'tap';
import { writeU64 } from '../../src/base/index.ts';
import { formatHostPort } from '../../src/underlay/index.ts';
import { makeNode, until } from './support.ts';

async function pair(t: { readonly teardown: (run: () => void) => unknown }) {
  const [a, b] = [await makeNode(t), await makeNode(t, [{ login: 'alice', password: 'x', name: 'alice' }])];
  const endpoint = { host: '127.0.0.1', port: b.port };
  const key = b.identity.publicKey;
  a.node.addPeer({ endpoint: { ...endpoint, socket: a.socket }, key, login: 'alice', password: 'x', name: 'b' });
  const up = () => [a, b].every(({ node }) => node.peers()[0]?.state === 'established');
  if (!(await until(up))) throw new Error('no link');
  return { a, b, key, endpoint, up };
}

t.test('one node is asked one thing along one label; silence is null', async (t) => {
  const { a, b, key } = await pair(t);
  const label = a.node.peers()[0]?.label ?? 0n;
  const target = new Uint8Array(8);
  writeU64(target, 0, 1n);
  const to = { key, address: b.identity.address, label, protocol: 21 };
  const pong = await a.node.query({ ...to, query: 'pn', target: null }, 3000);
  t.ok(pong !== null && pong.rttUs > 0 && pong.protocol >= 20, 'pn');
  const peers = await a.node.query({ ...to, query: 'gp', target }, 3000);
  t.ok((peers?.nodes.length ?? 0) > 0, 'gp');
  const payload = new Uint8Array(48).fill(7);
  t.ok(await a.node.query({ ...to, query: 'pn', target: null, payload }, 3000), 'with a payload, which is repeated');
  t.equal(await a.node.query({ ...to, label: 0x7fn, query: 'pn', target: null }, 200), null);
});

t.test('a ping along a label tells a pong from a path that is not there', async (t) => {
  const { a } = await pair(t);
  const label = a.node.peers()[0]?.label ?? 0n;
  const good = await a.node.tryLabel(label, { timeoutMs: 2000, kind: 'keyPing', data: Uint8Array.of(1, 2) });
  t.equal(good.result, 'pong');
  const none = await a.node.tryLabel((0x7n << 4n) | label, { timeoutMs: 500, kind: 'ping' });
  t.not(none.result, 'pong');
  await t.rejects(a.node.tryLabel(label, { timeoutMs: 500, kind: 'keyPing', data: new Uint8Array(53) }), {
    code: 'ERR_PING',
  });
});

t.test('a link that is reset comes back; one that is removed by its endpoint goes', async (t) => {
  const { a, key, endpoint, up } = await pair(t);
  t.equal(a.node.resetPeer(key), 1);
  t.ok(await until(up), 'it is back');
  t.equal(a.node.removePeer(key, '127.0.0.1:1'), false);
  t.equal(a.node.removePeer(key, formatHostPort(endpoint)), true);
  t.same(a.node.peers(), []);
  t.equal(a.node.resetSession(a.identity.address), false);
});

t.test('firewall rules change while it runs', async (t) => {
  const { node } = await makeNode(t);
  t.doesNotThrow(() => {
    node.setFirewall([{ protocol: 'tcp', ports: { first: 22, last: 22 } }]);
    node.setFirewall(null);
    node.setFirewall([]);
  });
});
