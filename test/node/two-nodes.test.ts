import t from 'tap';
import { makeNode, until } from './support.ts';

t.test('two nodes over loopback become peers and ping each other through the mesh protocol', async (t) => {
  const a = await makeNode(t);
  const b = await makeNode(t, [{ login: 'alice', password: 'secret of alice', name: 'alice' }]);
  const peer = { endpoint: { host: '127.0.0.1', port: b.port, socket: a.socket }, key: b.identity.publicKey };
  a.node.addPeer({ ...peer, login: 'alice', password: 'secret of alice', name: 'bob' });
  const established = () => [a, b].every(({ node }) => node.inspect().peers[0]?.state === 'established');
  t.ok(await until(established), 'both show the other as established');
  t.match(b.node.inspect().peers[0], { user: 'alice', name: 'alice', direction: 'in' });
  const pong = await a.node.ping(b.identity.address, 10_000);
  t.ok(pong !== null, 'A reaches B');
  t.match(await b.node.ping(a.identity.address, 10_000), { hops: 1, protocol: 21 });
  t.match(await b.node.pingLabel(0x13n, 10_000, true), { key: a.identity.publicKey });
});
