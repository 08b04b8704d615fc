/** Ages, costs and metrics as stock counts them: milliseconds, 1024 a hop, classes of metric. Source: protocol 10 §2, §4. */
import t from 'tap';
import { asMap, type BencodeMap, getInt, getList, getMap, utf8 } from '../../src/base/index.ts';
import { formatIp6 } from '../../src/crypto/index.ts';
import type { NodeSnapshot, RouteSnapshot, SessionSnapshot } from '../../src/node/index.ts';
import { fakeNode, numbered, peer, route, session } from './fake-node.ts';
import { setUp } from './support.ts';

const neighbour: RouteSnapshot = { ...route(1), label: 0x13n, hops: 1, via: null, rttUs: 90_000, silentMs: 9_000 };
const far: RouteSnapshot = {
  ...route(2),
  label: 0x153n,
  hops: 2,
  via: numbered(1).address,
  rttUs: 40_000,
  silentMs: 700,
};
const mesh = { peers: [peer(1, { label: 0x13n, silentMs: 250 })], routes: [neighbour, far], uptimeMs: 5_000 };

async function rows(change: Partial<NodeSnapshot>): Promise<readonly BencodeMap[]> {
  const table = await setUp({ node: fakeNode(change) }).call('NodeStore_dumpTable', { page: 0n });
  return (getList(table, 'routingTable') ?? []).map((row) => asMap(row) ?? new Map());
}

t.test(
  'the table says for how many milliseconds a node was not heard: a neighbour by its link, others by their way',
  async (t) => {
    const table = await rows(mesh);
    t.same(
      table.map((row) => getInt(row, 'time')),
      [5000n, 250n, 700n],
    );
  },
);

t.test('a hop costs 1024 however long it takes, more with loss, and without end where half is lost', async (t) => {
  const costs = async (lossPpm: number | null) =>
    (await rows({ ...mesh, routes: [{ ...far, lossPpm }] })).map((row) => getInt(row, 'link'));
  t.same(await costs(null), [0n, 2048n]);
  t.same(await costs(0), [0n, 2048n]);
  t.same(await costs(400_000), [0n, 2675n], 'two steps of a seventh in the mean');
  t.same(await costs(500_000), [0n, 0xffff_ffffn]);
  const { call } = setUp({ node: fakeNode(mesh) });
  const one = await call('NodeStore_nodeForAddr', { ip: utf8(formatIp6(far.address)) });
  t.equal(getInt(getMap(one, 'result') ?? new Map(), 'cost'), 2048n);
  const links = [];
  for (const linkNum of [0n, 1n, 2n])
    links.push(getInt(getMap(await call('NodeStore_getLink', { linkNum }), 'result') ?? new Map(), 'linkCost'));
  t.same(links, [0n, 1024n, 1024n], 'the costs of the links of a way add up to its own');
});

t.test('the metric of a session is of the class that its way is known from', async (t) => {
  const supernodes = {
    configured: [],
    announcedLinks: 0,
    inUse: { ...numbered(2), label: 0x153n, protocol: 20, sinceMs: 0 },
  };
  const metric = async (one: Partial<SessionSnapshot>, change: Partial<NodeSnapshot> = {}) => {
    const node = fakeNode({ ...mesh, sessions: [{ ...session(2), ...one }], ...change });
    const stats = await setUp({ node }).call('SessionManager_sessionStats', { handle: 102n });
    return getInt(stats, 'metric')?.toString(16);
  };
  t.equal(await metric({ ...numbered(1), label: 0x13n }), 'ff400000', 'a direct peer');
  t.equal(await metric({ label: 0x153n }), 'ff600800', 'a way of routing, with its cost');
  t.equal(await metric({ label: null }), 'ff600800', 'answered to only: the way it would take');
  t.equal(await metric({ label: 0x153n }, { supernodes }), 'ff300000', 'the supernode in use');
  t.equal(await metric({ label: null }, { routes: [] }), 'ff700000', 'heard, but no way is known');
  t.equal(await metric({ label: null, silentMs: null }, { routes: [] }), 'ffffffff', 'neither');
});
