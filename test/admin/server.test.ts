import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { plainRequest, signedRequest } from '../../src/admin/index.ts';
import { asMap, getBytes, getInt, getList, getMap, getText, parseBencode, utf8 } from '../../src/base/index.ts';
import type { NodeControl, PeerSnapshot } from '../../src/node/index.ts';
import { ADDRESS_TEXT, fakeNode, KEY_TEXT, peer, route, session } from './fake-node.ts';
import { crypto, FROM, mapOf, setUp } from './support.ts';

t.test('ping answers as stock, with the txid of the request', async (t) => {
  const { exchange } = setUp();
  t.equal(Buffer.from((await exchange(utf8('d1:q4:ping4:txid2:abe'))) ?? []).toString(), 'd1:q4:pong4:txid2:abe');
  t.equal(Buffer.from((await exchange(utf8('d1:q4:pinge'))) ?? []).toString(), 'd1:q4:ponge');
});

t.test('what is no request gets no reply, what is too long a fixed one', async (t) => {
  const { exchange } = setUp();
  for (const text of ['', 'x', 'i1e', 'le', 'de', 'd1:q4:pingex', 'd1:q4:pin', 'd1:qi1ee', 'd4:txid1:xe']) {
    t.equal(await exchange(utf8(text)), null, text);
  }
  const long = utf8(`d1:q4:ping4:txid2040:${'x'.repeat(2040)}e`);
  t.equal(Buffer.from((await exchange(long)) ?? []).toString(), 'd5:error16:Request too big.e');
});

t.test('unknown functions and wrong arguments are told in the words of stock', async (t) => {
  const { call } = setUp();
  t.equal(
    getText(await call('Nonsense'), 'error'),
    'No functions matched your request, try Admin_availableFunctions()',
  );
  t.equal(getText(await call('NodeStore_dumpTable'), 'error'), 'Entry [page] is required and must be of type [Int]');
  t.equal(
    getText(await call('Fcmesh_ping', { node: 7n }), 'error'),
    'Entry [node] is required and must be of type [String]',
  );
});

t.test('the request of the vector is accepted at its time and refused the second time', async (t) => {
  const vector = JSON.parse(readFileSync(new URL('../vectors/admin.json', import.meta.url), 'utf8')) as Record<
    string,
    string
  >;
  const { send, clock } = setUp({ password: vector.password ?? '' });
  const first = await send(utf8(vector.finalMessage ?? ''));
  t.same(getList(first, 'handles'), [101n]);
  const second = send(utf8(vector.finalMessage ?? ''));
  await Promise.resolve();
  clock.pass(1000);
  t.equal(getText(await second, 'error'), 'Auth failed.');
});

t.test('without the password only what anybody may do is done', async (t) => {
  const { call, stops } = setUp({ password: 'secret', readonlyPassword: 'look' });
  t.equal(getInt(await call('Core_pid'), 'pid'), 42n);
  for (const name of ['Fcmesh_status', 'SessionManager_getHandles', 'Core_exit', 'Fcmesh_stop']) {
    t.match(getText(await call(name), 'error'), /^No functions matched/, name);
  }
  t.same(stops, []);
});

t.test('the reading password looks but does not touch, the other does both', async (t) => {
  const { call, stops } = setUp({ password: 'secret', readonlyPassword: 'look' });
  t.equal(getText(await call('Fcmesh_status', {}, 'look'), 'error'), 'none');
  t.match(getText(await call('Fcmesh_stop', {}, 'look'), 'error'), /^No functions matched/);
  t.same(stops, []);
  t.equal(getText(await call('Fcmesh_stop', {}, 'secret'), 'error'), 'none');
  t.same(stops, ['stop']);
});

t.test('of a thousand wrong passwords few are answered, late, and the right one at once', async (t) => {
  const { admin, call, clock, send } = setUp({ password: 'secret' });
  let answered = 0;
  for (let i = 0; i < 1000; i++) {
    const cookie = getText(await send(utf8('d1:q6:cookiee')), 'cookie') ?? '';
    const request = signedRequest(
      { name: 'Core_exit', args: new Map(), txid: 'x' },
      `guess${i}`,
      cookie,
      crypto.sha256,
    );
    void admin.handle(request, FROM).then((reply) => {
      if (reply !== null) answered++;
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(answered, 0);
  t.equal(getText(await call('Fcmesh_status', {}, 'secret'), 'error'), 'none');
  clock.pass(1000);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(answered, 10);
  t.equal(getText(await call('Fcmesh_status', {}, 'secret'), 'error'), 'none');
});

t.test('with NONE everybody may do everything, signed or not', async (t) => {
  const { call, stops } = setUp();
  t.equal(getText(await call('Core_exit'), 'error'), 'none');
  t.equal(getText(await call('Core_exit', {}, 'anything'), 'error'), 'none');
  t.same(stops, ['stop', 'stop']);
});

t.test('available functions are listed eight by eight, beyond the end nothing', async (t) => {
  const { call } = setUp();
  const names = new Set<string>();
  let page = 0n;
  for (; ; page++) {
    const map = await call('Admin_availableFunctions', { page });
    for (const name of getMap(map, 'availableFunctions')?.keys() ?? []) names.add(name);
    if (getInt(map, 'more') === null) break;
  }
  for (const name of [
    'ping',
    'cookie',
    'Core_nodeInfo',
    'InterfaceController_peerStats',
    'NodeStore_dumpTable',
    'Fcmesh_find',
  ]) {
    t.ok(names.has(name), name);
  }
  t.equal(getMap(await call('Admin_availableFunctions', { page: page + 5n }), 'availableFunctions')?.size, 0);
});

t.test('nodeInfo names the node as stock does', async (t) => {
  const map = await setUp().call('Core_nodeInfo');
  t.equal(getText(map, 'myAddr'), `v21.0000.0000.0000.0001.${KEY_TEXT}`);
  t.equal(getText(map, 'myIp6'), ADDRESS_TEXT);
  t.equal(getText(map, 'compressedSchemeHex'), '6114458100');
  t.equal(getList(map, 'encodingScheme')?.length, 3);
});

t.test('the table begins with the node itself: path 1, bucket 127', async (t) => {
  const { call } = setUp({ node: fakeNode({ routes: [route(2), route(3)] }) });
  const map = await call('NodeStore_dumpTable', { page: 0n });
  const [self] = (getList(map, 'routingTable') ?? []).map((entry) => asMap(entry) ?? new Map());
  t.equal(getText(self ?? new Map(), 'path'), '0000.0000.0000.0001');
  t.equal(getInt(self ?? new Map(), 'bucket'), 127n);
  t.equal(getInt(map, 'count'), 3n);
});

t.test('our pages fit together while peers change, and each stays below 8 KB', async (t) => {
  let count = 100;
  const long = { reason: 'no answer for 30 s: wrong password, key or port, or a firewall', name: 'n'.repeat(64) };
  const node: NodeControl = {
    ...fakeNode(),
    peers: () => Array.from({ length: count }, (_, i) => peer(i, long)),
    inspect: () =>
      fakeNode({
        peers: Array.from({ length: count }, (_, i) => peer(i, long)),
        routes: Array.from({ length: 300 }, (_, i) => route(i)),
        sessions: Array.from({ length: 300 }, (_, i) => session(i)),
      }).inspect(),
  };
  const { exchange } = setUp({ node });
  for (const [name, field, total] of [
    ['Fcmesh_peers', 'peers', 100],
    ['Fcmesh_routes', 'routes', 300],
    ['Fcmesh_sessions', 'sessions', 300],
  ] as const) {
    const addresses = new Set<string>();
    for (let page = 0n; ; page++) {
      const bytes = await exchange(plainRequest({ name, args: new Map([['page', page]]), txid: 't' }));
      const map = mapOf(bytes);
      t.ok((bytes?.length ?? 0) < 8192, `${name} ${bytes?.length}`);
      for (const entry of getList(map, field) ?? [])
        addresses.add(String(getText(asMap(entry) ?? new Map(), 'address')));
      count = 50;
      if (getInt(map, 'more') === null) break;
    }
    t.equal(addresses.size, total);
    count = 100;
  }
});

t.test('a node is meant by address, key or name of a peer', async (t) => {
  const node = fakeNode();
  const { call } = setUp({ node });
  for (const text of [ADDRESS_TEXT, 'FC65:211d:b92b:25ab:4a64:6de3:8e0:4cf2', KEY_TEXT, 'peer1']) {
    const map = await call('Fcmesh_ping', { node: utf8(text), timeout: 700n });
    t.ok((getInt(map, 'rttUs') ?? 0n) > 0n, text);
  }
  // The first three are the node itself, which its own switch answers.
  t.match(node.calls, [/^pingLabel 1 700 false$/, /^pingLabel 1/, /^pingLabel 1/, /^ping fc000001.* 700$/]);
  for (const text of ['', 'nobody', '::1', '2001:db8::1', 'x.k', '\0']) {
    t.match(getText(await call('Fcmesh_ping', { node: utf8(text) }), 'error'), /^not a node/, text);
  }
});

t.test('a name that two nodes have means neither; two links to one node are one', async (t) => {
  const [one, two] = [peer(1, { name: 'hans' }), peer(2, { name: null, user: 'hans' })];
  const ping = async (...peers: readonly PeerSnapshot[]) => {
    const { call } = setUp({ node: fakeNode({ peers }) });
    return getText(await call('Fcmesh_ping', { node: utf8('hans') }), 'error');
  };
  t.match(await ping(one, two), /^not a node: .* name of a peer that no other has$/);
  t.equal(await ping(one, { ...one, endpoint: '192.0.2.9:1' }), 'none');
});

t.test('an unknown value is an absent key', async (t) => {
  const { call } = setUp({ node: fakeNode({ peers: [peer(1, { rttUs: null, protocol: null })] }) });
  const [first] = getList(await call('Fcmesh_peers'), 'peers') ?? [];
  t.notOk(asMap(first)?.has('rttUs'));
  t.equal(getInt(asMap(first) ?? new Map(), 'lossPpm'), 12_500n);
});

t.test('users are added, listed and removed', async (t) => {
  const { call } = setUp();
  const add = { password: utf8('pw'), user: utf8('bob') };
  t.equal(getText(await call('AuthorizedPasswords_add', add), 'error'), 'none');
  t.equal(getText(await call('AuthorizedPasswords_add', add), 'error'), 'Password already added.');
  t.equal(
    getText(await call('AuthorizedPasswords_add', { password: utf8('x'.repeat(65)) }), 'error'),
    'Unknown error.',
  );
  t.equal(getInt(await call('AuthorizedPasswords_list'), 'total'), 1n);
  t.equal(getText(await call('AuthorizedPasswords_remove', { user: utf8('bob') }), 'error'), 'none');
  t.equal(getText(await call('AuthorizedPasswords_remove', { user: utf8('bob') }), 'error'), 'Unknown error.');
});

t.test('a function that fails is told as an error, and the socket lives on', async (t) => {
  const broken: NodeControl = { ...fakeNode(), ping: async () => Promise.reject(new Error('boom')) };
  const { call } = setUp({ node: broken });
  t.match(getText(await call('Fcmesh_ping', { node: utf8('peer1') }), 'error'), /^internal error/);
  t.equal(getText(await call('ping'), 'q'), 'pong');
});

t.test('no more than 64 pings are under way at a time', async (t) => {
  const stuck: NodeControl = { ...fakeNode(), ping: () => new Promise(() => {}) };
  const { call } = setUp({ node: stuck });
  for (let i = 0; i < 64; i++) void call('Fcmesh_ping', { node: utf8('peer1') });
  await new Promise((resolve) => setImmediate(resolve));
  t.match(getText(await call('Fcmesh_ping', { node: utf8('peer1') }), 'error'), /^too many requests/);
});

t.test('whatever the arguments, every function answers with something of bounded size', async (t) => {
  const { call, exchange } = setUp();
  const names: string[] = [];
  for (let page = 0n; page < 10n; page++)
    names.push(...(getMap(await call('Admin_availableFunctions', { page }), 'availableFunctions')?.keys() ?? []));
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
    fc.uint8Array({ maxLength: 300 }),
    fc.constant([]),
    fc.constant(new Map()),
  );
  const args = fc.dictionary(
    fc.constantFrom('page', 'path', 'node', 'label', 'timeout', 'handle', 'user', 'password', 'keyPing', 'data', 'zzz'),
    value,
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), args, async (name, values) => {
      const bytes = await exchange(plainRequest({ name, args: new Map(Object.entries(values)), txid: 'x' }));
      assert(bytes !== null && bytes.length < 8192 && parseBencode(bytes) !== null);
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (datagram) => {
      await exchange(datagram);
    }),
    { numRuns: 200 },
  );
  t.ok(getBytes(await call('cookie'), 'cookie'));
});
