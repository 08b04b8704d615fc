import t from 'tap';
import { type DaemonControl, History, NO_DAEMON } from '../../src/admin/index.ts';
import {
  asMap,
  type BencodeMap,
  getBytes,
  getInt,
  getList,
  getMap,
  getText,
  MeshError,
  utf8,
} from '../../src/base/index.ts';
import { formatPublicKey } from '../../src/crypto/index.ts';
import type { NodeControl, PingOutcome } from '../../src/node/index.ts';
import { formatEndpoint, hostPortOf } from '../../src/underlay/index.ts';
import { ADDRESS_TEXT, fakeNode, KEY_TEXT, numbered, peer, route, session } from './fake-node.ts';
import { setUp } from './support.ts';

/** A direct peer among the routes. */
const neighbour = (index: number, label: bigint) => ({ ...route(index), label, via: null });
const SECOND = 'fc00:0002:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd';

t.test('nodeForAddr knows ourselves, others by their best way, and nothing of anybody else', async (t) => {
  const { call } = setUp({ node: fakeNode({ routes: [route(1), route(2)] }) });
  const self = getMap(await call('NodeStore_nodeForAddr'), 'result') ?? new Map();
  t.equal(getText(self, 'key'), KEY_TEXT);
  t.equal(getText(self, 'routeLabel'), '0000.0000.0000.0001');
  t.equal(getInt(self, 'linkCount'), 1n);
  const other = getMap(await call('NodeStore_nodeForAddr', { ip: utf8(SECOND) }), 'result') ?? new Map();
  t.equal(getInt(other, 'protocolVersion'), 20n);
  t.match(getText(getMap(other, 'bestParent') ?? new Map(), 'ip'), /^fc00:0001/);
  const unknown = await call('NodeStore_nodeForAddr', { ip: utf8('fc00::9') });
  t.same([getText(unknown, 'error'), getMap(unknown, 'result')], ['none', new Map()]);
  t.equal(getText(await call('NodeStore_nodeForAddr', { ip: utf8('nonsense') }), 'error'), 'parse_ip');
});

t.test('links are listed from ourselves on, to the end and of one parent', async (t) => {
  const { call } = setUp({ node: fakeNode({ routes: [neighbour(1, 0x13n), { ...route(2), label: 0x153n }] }) });
  const link = async (linkNum: bigint, parent?: string) => {
    const reply = await call('NodeStore_getLink', {
      linkNum,
      ...(parent === undefined ? {} : { parent: utf8(parent) }),
    });
    const result = getMap(reply, 'result') ?? new Map();
    const ends = [getText(result, 'parent'), getText(result, 'child')].map((text) => text?.slice(4, 23));
    return [getText(reply, 'error'), ...ends, getInt(result, 'isOneHop')];
  };
  t.same(await link(0n), ['none', '0000.0000.0000.0001', '0000.0000.0000.0001', 0n]);
  t.same(await link(1n), ['none', '0000.0000.0000.0001', '0000.0000.0000.0013', 1n]);
  t.same(await link(2n), ['none', '0000.0000.0000.0013', '0000.0000.0000.0153', 1n]);
  for (const beyond of [3n, -1n, 2n ** 62n]) t.equal((await link(beyond))[0], 'not_found');
  t.same((await link(0n, 'fc00:0001:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd'))[2], '0000.0000.0000.0153');
  t.equal((await link(0n, 'nonsense'))[0], 'parse_parent');
});

t.test('getRouteLabel splices', async (t) => {
  const { call } = setUp();
  const labels = { pathToParent: utf8('0000.0000.0000.0013'), pathParentToChild: utf8('0000.0000.0000.0015') };
  t.equal(getText(await call('NodeStore_getRouteLabel', labels), 'result'), '0000.0000.0000.0153');
});

t.test('lookup gives the label, the nearest node, or says that there is none', async (t) => {
  const { call } = setUp({ node: fakeNode({ routes: [route(2)] }) });
  const ask = async (address: string) =>
    getText(await call('RouterModule_lookup', { address: utf8(address) }), 'result');
  t.equal(await ask(SECOND), '0000.0000.0000.0015');
  t.equal(await ask(ADDRESS_TEXT), '0000.0000.0000.0001');
  t.equal(await ask('fc00::9'), `${SECOND}@0000.0000.0000.0015`);
  const alone = setUp({ node: fakeNode({ routes: [] }) });
  t.equal(getText(await alone.call('RouterModule_lookup', { address: utf8(SECOND) }), 'result'), 'not found');
});

t.test('getPeers and findNode ask one node; labels of its answer are spliced where stock splices', async (t) => {
  const node = fakeNode();
  const { call } = setUp({ node });
  const peers = await call('RouterModule_getPeers', { path: utf8('0000.0000.0000.0015'), timeout: 300n });
  t.equal(getText(peers, 'result'), 'peers');
  t.match(Buffer.from((getList(peers, 'peers')?.[0] as Uint8Array) ?? []).toString(), /^v20\.0000\.0000\.0000\.0015\./);
  t.equal(getInt(peers, 'ms'), 5n);
  const found = await call('RouterModule_findNode', { nodeToQuery: utf8(SECOND), target: utf8('fc00::9') });
  t.match(Buffer.from((getList(found, 'nodes')?.[0] as Uint8Array) ?? []).toString(), /^v20\.0000\.0000\.0000\.0155\./);
  t.same(node.calls, ['query gp 21 0000000000000001 300', 'query fn 21 fc000000000000000000000000000009 5000']);
  const wrong = async (name: string, args: Record<string, string>): Promise<string | null> =>
    getText(
      await call(name, Object.fromEntries(Object.entries(args).map(([key, text]) => [key, utf8(text)]))),
      'error',
    );
  t.equal(await wrong('RouterModule_getPeers', { path: 'nonsense' }), 'parse_path');
  t.equal(await wrong('RouterModule_getPeers', { path: 'fc00::7' }), 'not_found');
  t.equal(await wrong('RouterModule_getPeers', { path: SECOND, nearbyPath: 'x' }), 'parse_nearbyLabel');
  t.equal(await wrong('RouterModule_nextHop', { nodeToQuery: SECOND, target: 'x' }), 'parse_target');
  t.equal(await wrong('RouterModule_pingNode', { path: 'nonsense' }), 'parse_path');
  const silent = setUp({ node: fakeNode({}, { ping: async () => null }) });
  t.equal(getText(await silent.call('RouterModule_pingNode', { path: utf8('fc00::7') }), 'error'), 'not_found');
});

t.test('our own node answers like any other, itself first among its peers', async (t) => {
  const node = fakeNode({ routes: [neighbour(2, 0x15n), neighbour(1, 0x13n), route(3)] });
  const { call } = setUp({ node });
  const self = utf8('0000.0000.0000.0001');
  const texts = (reply: BencodeMap, list: string) =>
    getList(reply, list)?.map((one) =>
      Buffer.from(one as Uint8Array)
        .toString()
        .slice(4, 23),
    );
  const peers = await call('RouterModule_getPeers', { path: self });
  t.same(texts(peers, 'peers'), ['0000.0000.0000.0001', '0000.0000.0000.0013', '0000.0000.0000.0015']);
  const next = (target: string) => call('RouterModule_nextHop', { nodeToQuery: self, target: utf8(target) });
  t.same(texts(await next(SECOND), 'nodes'), ['0000.0000.0000.0015']);
  t.same(texts(await next(ADDRESS_TEXT), 'nodes'), ['0000.0000.0000.0001']);
  const near = await call('RouterModule_findNode', { nodeToQuery: self, target: utf8('fc00::9') });
  t.equal(texts(near, 'nodes')?.length, 3);
  t.same(node.calls, [], 'nobody was asked');
});

t.test('queryNode sends pn, fn, gp and nh, and gives the answer as it was on the wire', async (t) => {
  const { call } = setUp();
  const address = utf8(`v20.0000.0000.0000.0013.${KEY_TEXT}`);
  const reply = await call('SubnodePathfinder_queryNode', { address, args: new Map([['q', utf8('pn')]]) });
  t.equal(getText(reply, 'error'), 'none');
  t.equal(getInt(reply, 'lag'), 5n);
  t.equal(getBytes(getMap(reply, 'response') ?? new Map(), 'n')?.length, 40);
  const other = await call('SubnodePathfinder_queryNode', { address, args: new Map([['q', utf8('rm')]]) });
  t.match(getText(other, 'error'), /pn, fn, gp, nh/);
  const silent = setUp({ node: fakeNode({}, { query: async () => null }) });
  const none = await silent.call('SubnodePathfinder_queryNode', { address, args: new Map([['q', utf8('pn')]]) });
  t.equal(getText(none, 'error'), 'timeout');
});

t.test('a ping of the switch tells all that can become of it', async (t) => {
  const outcomes: readonly (readonly [PingOutcome, string])[] = [
    [{ result: 'timeout' }, 'timeout'],
    [{ result: 'diffData' }, 'diff_data'],
    [{ result: 'diffLabel', label: 0x15n }, 'diff_label'],
    [{ result: 'errSwitch', code: 8 }, 'err_switch'],
    [{ result: 'errLoop', code: 9 }, 'err_loop'],
  ];
  for (const [outcome, result] of outcomes) {
    const { call } = setUp({ node: fakeNode({}, { tryLabel: async () => outcome }) });
    const reply = await call('SwitchPinger_ping', { path: utf8('0000.0000.0000.0013') });
    t.equal(getText(reply, 'result'), result);
    if (result === 'diff_label') t.equal(getText(reply, 'rpath'), '0000.0000.0000.0015');
  }
  const { call } = setUp();
  const path = utf8('0000.0000.0000.0013');
  const pong = await call('SwitchPinger_ping', { path, data: utf8('hello'), keyPing: 1n });
  t.match([getText(pong, 'result'), getText(pong, 'data'), getText(pong, 'key')], ['pong', 'hello', KEY_TEXT]);
  const facts = {
    snode: { ...numbered(3), version: 22, path: 0x13n },
    rpath: 0x17n,
    linkAddress: { kind: 'udp', address: Uint8Array.of(192, 0, 2, 7), port: 21000 },
  } as const;
  const told = setUp({
    node: fakeNode(
      {},
      {
        tryLabel: async (label) => ({
          result: 'pong',
          answer: { rttUs: 900, label, hops: 1, protocol: 22, key: null, ...facts },
        }),
      },
    ),
  });
  const answer = await told.call('SwitchPinger_ping', { path, lladdr: 1n });
  t.equal(getText(answer, 'lladdr'), '192.0.2.7:21000');
  t.equal(getText(answer, 'rpath'), '0000.0000.0000.0017');
  t.match(getText(answer, 'snode'), /^v22\.0000\.0000\.0000\.0013\./);
  t.equal(getText(answer, 'data'), '');
  t.match(getText(await call('SwitchPinger_ping', { path, snode: 1n, rpath: 1n }), 'error'), /^Can only be one/);
  t.match(getText(await call('SwitchPinger_ping', { path, data: new Uint8Array(257) }), 'error'), /at most 256/);
  t.match(getText(await call('SwitchPinger_ping', { path, data: new Uint8Array(53), keyPing: 1n }), 'error'), /52/);
  const full = setUp({ node: fakeNode({}, { tryLabel: async () => ({ result: 'full' }) }) });
  t.match(getText(await full.call('SwitchPinger_ping', { path }), 'error'), /no open slots/);
});

t.test('a session is found by address, and can begin anew', async (t) => {
  const resets: string[] = [];
  const node = fakeNode({ sessions: [session(2)] }, { resetSession: (address) => resets.push(String(address)) > 0 });
  const { call } = setUp({ node });
  const stats = await call('SessionManager_sessionStatsByIP', { ip6: utf8(SECOND) });
  t.equal(getInt(stats, 'handle'), 102n);
  t.equal(getInt(stats, 'timeOfLastIn'), 1_700_000_000_000n - 100n);
  t.equal(getText(await call('SessionManager_sessionStatsByIP', { ip6: utf8('fc00::9') }), 'error'), 'no such session');
  t.equal(getText(await call('SessionManager_sessionStatsByIP', { ip6: utf8('x') }), 'error'), 'malformed_ip');
  t.equal(getText(await call('SessionManager_resetCA', { ip6: utf8(SECOND) }), 'error'), 'none');
  t.equal(resets.length, 1);
});

t.test('somebody is dialled at one place or at several, which stand in one text', async (t) => {
  const dialled: string[] = [];
  const daemon: DaemonControl = {
    ...NO_DAEMON,
    addPeer: async ({ endpoints }, update) => void dialled.push(`${endpoints.map(formatEndpoint).join(' ')} ${update}`),
  };
  const { call } = setUp({ daemon });
  const add = async (where: Readonly<Record<string, Uint8Array | bigint>>) =>
    getText(await call('Fcmesh_addPeer', { key: utf8(KEY_TEXT), password: utf8('x'), ...where }), 'error');
  t.equal(await add({ host: utf8('192.0.2.7'), port: 21000n }), 'none');
  t.equal(await add({ endpoints: utf8('192.0.2.7:1 udp://[2001:db8::7]:2 h.example:3'), update: 1n }), 'none');
  t.same(dialled, ['udp://192.0.2.7:21000 false', 'udp://192.0.2.7:1 udp://[2001:db8::7]:2 udp://h.example:3 true']);
  const nine = Array.from({ length: 9 }, (_, index) => `h:${index + 1}`).join(' ');
  const refused: readonly [Readonly<Record<string, Uint8Array | bigint>>, RegExp][] = [
    [{}, /port must be/],
    [{ host: utf8('h') }, /port must be/],
    [{ endpoints: utf8('') }, /each of the endpoints/],
    [{ endpoints: utf8('h:1  h:2') }, /each of the endpoints/],
    [{ endpoints: utf8('h:1 h') }, /each of the endpoints/],
    [{ endpoints: utf8(nine) }, /at most 8/],
    [{ endpoints: utf8('h:1'), port: 1n }, /instead of host and port/],
  ];
  for (const [where, words] of refused) t.match(await add(where), words);
  t.equal(dialled.length, 2);
});

t.test('connections are begun as stock begins them, with its words for what is wrong', async (t) => {
  const dialled: string[] = [];
  let refusal: MeshError | null = null;
  const daemon: DaemonControl = {
    ...NO_DAEMON,
    interfaces: () => [{ number: 0, name: '0.0.0.0:21000', family: 4 }],
    addPeer: async ({ endpoints: [endpoint], login }) => {
      if (refusal !== null) throw refusal;
      const { host, port } = hostPortOf(endpoint) ?? { host: '', port: 0 };
      dialled.push(`${host} ${port} ${login}`);
    },
    removePeer: (_, endpoint) => endpoint === null,
  };
  const { call } = setUp({ daemon });
  const begin = async (change: Record<string, string | bigint>) => {
    const args = { publicKey: KEY_TEXT, address: '192.0.2.7:21000', password: 'x', ...change };
    const bytes = Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? utf8(value) : value]);
    return getText(await call('UDPInterface_beginConnection', Object.fromEntries(bytes)), 'error');
  };
  t.equal(await begin({}), 'none');
  t.equal(await begin({ interfaceNumber: 0n, login: 'alice' }), 'none');
  t.same(dialled, ['192.0.2.7 21000 null', '192.0.2.7 21000 alice']);
  t.equal(await begin({ interfaceNumber: 7n }), 'no such interface for interfaceNumber');
  t.equal(
    await begin({ interfaceNumber: 0n, address: '[2001:db8::7]:1' }),
    'different address type than this socket is bound to.',
  );
  for (const address of ['192.0.2.7', 'example.org:1', '192.0.2.777:1', '192.0.2.7:0', ''])
    t.equal(await begin({ address }), 'unable to parse ip address and port.', address);
  t.equal(await begin({ publicKey: 'x.k' }), 'invalid cjdns public key.');
  refusal = new MeshError('ERR_PEER', 'no interface number is free: 256 peers at most');
  t.equal(await begin({}), 'no more space to register with the switch.');
  t.equal(getInt(await call('InterfaceController_disconnectPeer', { pubkey: utf8(KEY_TEXT) }), 'success'), 1n);
  t.equal(getInt(await call('InterfaceController_disconnectPeer', { pubkey: utf8('x') }), 'success'), 0n);
  t.equal(getInt(await call('InterfaceController_resetPeering'), 'success'), 1n);
  t.equal(getList(await call('InterfaceController_interfaces'), 'ifaces')?.length, 1);
});

t.test('what stock has and we have not says so in its words', async (t) => {
  const { call } = setUp();
  t.match(getText(await call('Core_initTunnel'), 'error'), /not supported/);
  t.equal(getInt(await call('UDPInterface_beacon', {}), 'state'), 0n);
});

t.test('supernodes are listed, taken into the list and out of it, and the one in use is named', async (t) => {
  const none = setUp().call;
  t.equal(getText(await none('SupernodeHunter_status'), 'activeSnode'), 'NONE');
  t.same(getList(await none('SupernodeHunter_listSnodes', { page: 0n }), 'snodes'), []);
  const listed = Array.from({ length: 9 }, (_, index) => numbered(index).key);
  const inUse = { ...numbered(1), label: 0x15n, protocol: 21, sinceMs: 0 };
  const node = fakeNode({ supernodes: { configured: listed, inUse, announcedLinks: 2 } });
  const { call } = setUp({ node });
  t.match(getText(await call('SupernodeHunter_status'), 'activeSnode'), /^v21\.0000\.0000\.0000\.0015\..*\.k$/);
  t.equal(getInt(await call('SupernodeHunter_status'), 'usingAuthorizedSnode'), 1n);
  const pageOf = async (page: bigint) => getList(await call('SupernodeHunter_listSnodes', { page }), 'snodes');
  t.same([(await pageOf(0n))?.length, (await pageOf(1n))?.length, (await pageOf(2n))?.length], [8, 1, 0]);
  const change = async (name: string, key: string) =>
    getText(await call(`SupernodeHunter_${name}Snode`, { key: utf8(key) }), 'error');
  t.equal(await change('add', 'x.k'), 'invalid key');
  t.equal(await change('add', KEY_TEXT), 'the key of this very node');
  t.equal(await change('remove', KEY_TEXT), 'not in the list');
  t.equal(await change('remove', formatPublicKey(numbered(3).key)), 'none');
  t.equal(node.calls.at(-1)?.split(' ').length, 9, 'eight are left');
});

t.test('ten thousand entries are read consistently while they change', async (t) => {
  let generation = 0;
  const generations = [0, 1].map((shift) =>
    Array.from({ length: 10_000 }, (_, index) => peer(index, { rxBytes: shift, endpoint: `192.0.2.1:${index + 1}` })),
  );
  const peers = () => generations[generation % 2] ?? [];
  const node: NodeControl = { ...fakeNode(), peers };
  const { call, clock } = setUp({ node });
  const seen = new Set<string>();
  const counts = new Set<bigint | null>();
  for (let page = 0n; ; page++) {
    const map = await call('InterfaceController_peerStats', { page });
    for (const entry of getList(map, 'peers') ?? []) {
      seen.add(getText(asMap(entry) ?? new Map(), 'lladdr') ?? '');
      counts.add(getInt(asMap(entry) ?? new Map(), 'bytesIn'));
    }
    generation++;
    clock.pass(2);
    if (getInt(map, 'more') === null) break;
  }
  t.equal(seen.size, 10_000);
  t.equal(counts.size, 1, 'one moment');
});

t.test('the pages of a growing list fit together, backwards as well', async (t) => {
  const history = new History();
  const { call, clock } = setUp({ history });
  const grow = () => {
    history.sample([peer(1)], clock.nowMs(), 1e12 + clock.nowMs());
    clock.pass(1000);
  };
  for (let second = 0; second < 300; second++) grow();
  const numbers: number[] = [];
  const total = Number(getInt(await call('Fcmesh_history', { node: utf8('peer1'), page: 0n }), 'total'));
  for (let page = Math.ceil(total / 80) - 1; page >= 1; page--) {
    const map = await call('Fcmesh_history', { node: utf8('peer1'), page: BigInt(page) });
    const read = getList(map, 'samples') ?? [];
    numbers.unshift(...read.map((one) => Number(getInt(asMap(one) ?? new Map(), 'number'))));
    grow();
  }
  t.same(
    numbers,
    Array.from({ length: total - 80 }, (_, index) => 81 + index),
  );
});

t.test('the history of a link is read page by page, or from a sample on', async (t) => {
  const history = new History();
  const { call, clock } = setUp({ history });
  for (let second = 0; second < 1000; second++) {
    history.sample(
      [peer(1, { rxBytes: 1000 * second, rttUs: second < 500 ? null : 1234 })],
      clock.nowMs(),
      1e12 + clock.nowMs(),
    );
    clock.pass(1000);
  }
  const samples: (bigint | null)[] = [];
  for (let page = 0n; ; page++) {
    const map = await call('Fcmesh_history', { node: utf8('peer1'), page });
    for (const one of getList(map, 'samples') ?? []) samples.push(getInt(asMap(one) ?? new Map(), 'number'));
    if (getInt(map, 'more') === null) break;
  }
  t.equal(samples.length, 900);
  t.equal(samples.at(-1), 999n);
  const newest = await call('Fcmesh_history', { node: utf8('peer1'), after: 997n });
  t.equal(getInt(newest, 'total'), 2n);
  const [first] = getList(newest, 'samples') ?? [];
  t.match([getInt(asMap(first) ?? new Map(), 'rxBps'), getInt(asMap(first) ?? new Map(), 'rttUs')], [1000n, 1234n]);
  t.match(getText(await call('Fcmesh_history', { node: utf8('nobody') }), 'error'), /^not a node/);
});

t.test('the state says how the self-test of the packet path ended', async (t) => {
  for (const state of ['passed', 'failed'] as const) {
    const { call } = setUp({ node: fakeNode({ rehearsal: { state, packets: 1 } }) });
    t.equal(getText(await call('Fcmesh_status'), 'selfTest'), state);
  }
});

t.test('a peer that cannot be dialled yet has a row with the reason, and is counted', async (t) => {
  const row = {
    key: numbered(3).key,
    endpoint: 'peer.example:1',
    transport: 'udp',
    name: 'bob',
    reason: 'no such name',
    ageMs: 2500,
  };
  const { call } = setUp({ daemon: { ...NO_DAEMON, waiting: () => [row] } });
  const rows = getList(await call('Fcmesh_peers'), 'peers') ?? [];
  const last = asMap(rows.at(-1)) ?? new Map();
  t.same(
    ['key', 'endpoint', 'name', 'state', 'reason'].map((field) => getText(last, field)),
    [formatPublicKey(row.key), 'peer.example:1', 'bob', 'handshake', 'no such name'],
  );
  t.equal(getInt(last, 'ageSeconds'), 2n);
  t.equal(getInt(getMap(await call('Fcmesh_status'), 'peers') ?? new Map(), 'total'), BigInt(rows.length));
});

t.test('a configuration arrives in parts, and is taken over once', async (t) => {
  const taken: string[] = [];
  const daemon: DaemonControl = {
    ...NO_DAEMON,
    reload: async (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (text.includes('bad')) throw new MeshError('ERR_CONFIG', 'it is bad');
      taken.push(text);
      return { applied: ['peers'], restart: [], warnings: [] };
    },
  };
  const { call } = setUp({ daemon });
  const part = (index: bigint, total: bigint, text: string, id = 'a') =>
    call('Fcmesh_reload', { id: utf8(id), index, total, part: utf8(text) });
  t.equal(getInt(await part(1n, 2n, 'world'), 'complete'), 0n);
  const done = await part(0n, 2n, 'hello ');
  t.equal(getInt(done, 'complete'), 1n);
  t.same(taken, ['hello world']);
  t.equal(getText(await part(0n, 1n, 'bad'), 'error'), 'it is bad');
  for (const [index, total] of [
    [2n, 2n],
    [-1n, 2n],
    [0n, 0n],
    [0n, 1n << 62n],
  ] as const)
    t.match(getText(await part(index, total, 'x'), 'error'), /index must be below total/);
  t.equal(taken.length, 1);
});

t.test('a changed password holds from the next request on', async (t) => {
  const { admin, call, clock } = setUp({ password: 'old' });
  t.equal(getText(await call('Fcmesh_status', {}, 'old'), 'error'), 'none');
  admin.setPasswords('new', null);
  const refused = call('Fcmesh_status', {}, 'old');
  for (let i = 0; i < 20; i++) await Promise.resolve();
  clock.pass(1000);
  t.equal(getText(await refused, 'error'), 'Auth failed.');
  t.equal(getText(await call('Fcmesh_status', {}, 'new'), 'error'), 'none');
});

t.test('the state tells of the local network: devices that are used or why not, and who was heard', async (t) => {
  const { key } = numbered(5);
  const facts = {
    version: '0.1.0',
    pid: 1,
    tun: null,
    listen: [],
    warnings: () => [],
    lan: () => ({
      devices: [
        { name: 'eth0', reason: null },
        { name: 'docker0', reason: 'a virtual device' },
      ],
      heard: [
        { endpoint: '10.0.0.9:21000', key, reason: null, agoMs: 1_999 },
        { endpoint: '10.0.0.8:21000', key, reason: 'too many unproven', agoMs: 0 },
      ],
    }),
  };
  const { call } = setUp({ facts });
  const network = getMap(await call('Fcmesh_status'), 'network') ?? new Map();
  const [used, leftOut] = (getList(network, 'devices') ?? []).map((one) => asMap(one) ?? new Map());
  t.equal(getInt(used ?? new Map(), 'used'), 1n);
  t.equal(getInt(leftOut ?? new Map(), 'used'), 0n);
  t.equal(getText(leftOut ?? new Map(), 'reason'), 'a virtual device');
  const [first, second] = (getList(network, 'heard') ?? []).map((one) => asMap(one) ?? new Map());
  t.equal(getText(first ?? new Map(), 'key'), formatPublicKey(key));
  t.equal(getInt(first ?? new Map(), 'lastSeconds'), 1n);
  t.equal(getText(second ?? new Map(), 'reason'), 'too many unproven');
});

t.test('neighbours have no name but one that they were given, and Ethernet is an interface', async (t) => {
  const named = { ...peer(1), name: null, user: 'alice' };
  const neighbour = { ...peer(2), name: null, user: 'Local Peers' };
  const interfaces = () => [
    { number: 0, name: '0.0.0.0:21000', family: 4 as const },
    { number: 1, name: 'all devices', family: null },
  ];
  const { call } = setUp({ node: fakeNode({ peers: [named, neighbour] }), daemon: { ...NO_DAEMON, interfaces } });
  const rows = (getList(await call('Fcmesh_peers'), 'peers') ?? []).map((one) => asMap(one) ?? new Map());
  t.same(
    rows.map((row) => getText(row, 'name')),
    ['alice', null],
  );
  const ifaces = (getList(await call('InterfaceController_interfaces'), 'ifaces') ?? []).map((one) =>
    getText(asMap(one) ?? new Map(), 'name'),
  );
  t.same(ifaces, ['UDP/IPv4/0.0.0.0:21000', 'ETH/all devices']);
});
