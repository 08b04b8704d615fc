/** Functions of stock about parts that we measure otherwise or do not have: real values in its shapes, or a word. Source: protocol 10 §2. */
import t from 'tap';
import { History, NO_DAEMON } from '../../src/admin/index.ts';
import { asMap, type BencodeMap, getInt, getList, getMap, getText, utf8 } from '../../src/base/index.ts';
import { fakeNode, numbered, peer } from './fake-node.ts';
import { setUp } from './support.ts';

const NUMBERS = 18;

async function infos(peers: readonly ReturnType<typeof peer>[], history = new History(), page = 0n) {
  const node = fakeNode({ peers });
  const reply = await setUp({ node, history }).call('ReachabilityCollector_getPeerInfo', { page });
  return (getList(reply, 'peers') ?? []).map((entry) => asMap(entry) ?? new Map());
}

function numbers(info: BencodeMap | undefined, name: string): readonly number[] {
  return (getList(info ?? new Map(), name) ?? []).map(Number);
}

t.test('links are told in rings of eighteen slots of ten seconds: round trip, share of drops, kilobytes', async (t) => {
  const history = new History();
  // The first look only opens the ring; 195 samples are 19 slots and a half: slot 18 stands where slot 0 stood.
  for (let second = 0; second <= 195; second++) {
    const slot = Math.floor((second - 1) / 10);
    const one = { rttUs: 1000 * (slot + 1), lossPpm: slot === 18 ? 500_000 : 10_000, rxBytes: second * 102_400 };
    history.sample([peer(1, one)], second * 1000, 1e12 + second * 1000);
  }
  const [info] = await infos([peer(1)], history);
  t.equal(getInt(info ?? new Map(), 'samples'), 19n);
  t.same(numbers(info, 'lagSlots'), [19, ...Array.from({ length: NUMBERS - 1 }, (_, at) => at + 2)]);
  t.same(numbers(info, 'dropSlots'), [0xfffe, ...new Array(NUMBERS - 1).fill(2621)], 'in units of 2^-18, bounded');
  t.same(numbers(info, 'kbRecvSlots'), new Array(NUMBERS).fill(1000));
});

t.test(
  'a neighbour that knows the question is asked by which label it reaches us; nothing is measured at first',
  async (t) => {
    const [old, young] = await infos([peer(1), peer(2, { protocol: 21 }), peer(3, { state: 'handshake' })]);
    t.match(getText(old ?? new Map(), 'addr'), /^v20\.0000\.0000\.0000\.0014\..*\.k$/);
    t.equal(getText(old ?? new Map(), 'pathThemToUs'), 'ffff.ffff.ffff.ffff');
    t.equal(getInt(old ?? new Map(), 'querying'), 1n);
    t.equal(getText(young ?? new Map(), 'pathThemToUs'), '0000.0000.0000.0017');
    t.equal(getInt(young ?? new Map(), 'querying'), 0n);
    t.equal(getInt(young ?? new Map(), 'samples'), 0n);
    for (const name of ['lagSlots', 'dropSlots', 'kbRecvSlots'])
      t.same(numbers(young, name), new Array(NUMBERS).fill(0), name);
    const many = Array.from({ length: 9 }, (_, index) => peer(index));
    const lengths = await Promise.all([0n, 1n, 2n].map(async (page) => (await infos(many, undefined, page)).length));
    t.same(lengths, [8, 1, 0], 'eight on a page; an empty one is the end');
  },
);

t.test('no threads send or receive for a socket or the TUN, and none are listed', async (t) => {
  const daemon = { ...NO_DAEMON, interfaces: () => [{ number: 0, name: '0.0.0.0:21000', family: 4 }] as const };
  const { call } = setUp({ daemon });
  for (const reply of [await call('UDPInterface_workerStates'), await call('Core_tunWorkers')]) {
    const workers = getMap(reply, 'workers') ?? new Map();
    t.equal(getText(reply, 'error'), 'none');
    t.same([getMap(workers, 'send')?.size, getMap(workers, 'recv')?.size], [0, 0]);
  }
  const none = await call('UDPInterface_workerStates', { interfaceNumber: 1n });
  t.equal(getText(none, 'error'), 'no such interface for interfaceNumber');
});

t.test('nothing is in the list of DNS seeds, nothing comes into it, and nobody is a public peer', async (t) => {
  const inUse = { ...numbered(1), label: 0x15n, protocol: 21, sinceMs: 0 };
  const { call } = setUp({ node: fakeNode({ supernodes: { configured: [], inUse, announcedLinks: 0 } }) });
  const error = async (name: string, args = {}) => getText(await call(`PeeringSeeder_${name}`, args), 'error');
  const seed = utf8('seed.example.org');
  t.match(await error('addDnsSeed', { seed, trustSnode: 1n }), /^not supported: .*fcmesh join$/);
  t.equal(await error('rmDnsSeed', { seed }), 'seed not in list');
  t.equal(getMap(await call('PeeringSeeder_listDnsSeeds'), 'seeds')?.size, 0);
  t.match(await error('publicPeer', { peerID: utf8('PUB_x') }), /^not supported: .*fcmesh invite$/);
  t.equal(await error('publicPeer'), 'none', 'nobody is one any more');
  const status = await call('PeeringSeeder_publicStatus');
  t.match(getText(status, 'snode'), /^v21\.0000\.0000\.0000\.0015\./);
  t.same([status.has('peerId'), status.has('ipv4'), status.has('ipv6')], [false, false, false]);
  const alone = await setUp().call('PeeringSeeder_publicStatus');
  t.same([getText(alone, 'error'), alone.has('snode')], ['none', false]);
});
