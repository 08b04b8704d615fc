/** What tools of stock see beside the usual: classes, ages, and functions for parts that are not here. */
import t from 'tap';
import { asMap, type BencodeMap, getInt, getList, getMap, getText, utf8 } from '../../src/base/index.ts';
import { fakeNode, peer } from './fake-node.ts';
import { setUp } from './support.ts';

const entries = (reply: BencodeMap, field: string): readonly BencodeMap[] =>
  (getList(reply, field) ?? []).map((one) => asMap(one) ?? new Map());

t.test('what stock collects of its peers for a supernode has their names, and empty slots', async (t) => {
  const peers = [peer(1), peer(2)];
  const { call } = setUp({ node: fakeNode({ peers }) });
  const reply = await call('ReachabilityCollector_getPeerInfo', { page: 0n });
  t.equal(getText(reply, 'error'), 'none');
  const infos = entries(reply, 'peers');
  t.equal(infos.length, peers.filter(({ state }) => state === 'established').length);
  for (const info of infos) {
    t.match(getText(info, 'addr'), /^v\d+\.[0-9a-f.]{19}\..*\.k$/);
    t.match(getText(info, 'pathThemToUs'), /^[0-9a-f.]{19}$/);
    t.same([getInt(info, 'querying'), getInt(info, 'samples'), getList(info, 'lagSlots')], [0n, 0n, []]);
  }
  t.same(getList(await call('ReachabilityCollector_getPeerInfo', { page: 9n }), 'peers'), []);
});

t.test('parts of v22 that are not here say so, and lists of them are empty', async (t) => {
  const { call } = setUp();
  for (const [name, args] of [
    ['PeeringSeeder_addDnsSeed', { seed: utf8('seed.example.') }],
    ['PeeringSeeder_rmDnsSeed', { seed: utf8('seed.example.') }],
    ['PeeringSeeder_publicPeer', {}],
  ] as const)
    t.match(getText(await call(name, args), 'error'), /^not supported: /, name);
  const seeds = await call('PeeringSeeder_listDnsSeeds');
  t.same([getText(seeds, 'error'), getMap(seeds, 'seeds')], ['none', new Map()]);
  t.equal(getText(await call('PeeringSeeder_publicStatus'), 'error'), 'none');
  const workers = await call('UDPInterface_workerStates');
  t.same([getText(workers, 'error'), getList(workers, 'workers')], ['none', []]);
});
