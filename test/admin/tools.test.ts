/**
 * What cjdns's own tools ask and which fields they read, in bytes of our own. The tools pass arguments by their place in
 * the list of `Admin_availableFunctions`: required ones first, each group from Z to A. Source: protocol 10 §3.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { asMap, type Bencode, type BencodeMap, getBytes, getList, getMap, getText } from '../../src/base/index.ts';
import { ADDRESS_TEXT, fakeNode, KEY_TEXT, numbered, peer, route, session } from './fake-node.ts';
import { setUp } from './support.ts';

/** A text, a number, or a dictionary that is encoded already. */
type Value = string | number | { readonly raw: string };
const SECOND = 'fc00:0002:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd';
const LABEL = /^[0-9a-f]{4}(\.[0-9a-f]{4}){3}$/;
const ADDRESS = /^v\d+(\.[0-9a-f]{4}){4}\.[a-z0-9]{52}\.k$/;

/** A JavaScript tool: cookie, then the signed request, all strings and decimal numbers. */
function tool(password: string | null = null) {
  const neighbour = { ...route(2), label: 0x15n, via: null };
  const node = fakeNode({
    peers: [peer(1), peer(2, { user: 'bob' })],
    sessions: [session(2)],
    routes: [neighbour, { ...route(3), label: 0x155n, via: numbered(2).address }],
  });
  const { send, pushed } = setUp({ node, password });
  let txid = 0;

  async function request(name: string, args: Readonly<Record<string, Value>>): Promise<BencodeMap> {
    const body = Object.keys(args).length === 0 ? '' : `4:args${dictionary(args)}`;
    const end = `4:txid${text(String(++txid))}e`;
    if (password === null) return send(Buffer.from(`d${body}1:q${text(name)}${end}`));
    const cookie = getText(await send(Buffer.from(`d1:q6:cookie${end}`)), 'cookie') ?? '';
    const message = (hash: string) =>
      `d2:aq${text(name)}${body}6:cookie${text(cookie)}4:hash${text(hash)}1:q4:auth${end}`;
    return send(Buffer.from(message(hashOf(message(hashOf(password + cookie))))));
  }

  /** Calls with arguments by their place; as the tools do, not with a value of another type than the list says. */
  async function call(name: string, ...values: readonly Value[]): Promise<BencodeMap> {
    const args = await argumentsOf(name);
    const named = values.map((value, index) => {
      const [argument = '', type = ''] = args[index] ?? [];
      assert.equal(type, typeof value === 'number' ? 'Int' : 'String', `${name}, argument ${index}`);
      return [argument, value] as const;
    });
    return request(name, Object.fromEntries(named));
  }

  /** Names and types. */
  async function argumentsOf(name: string): Promise<readonly (readonly [string, string])[]> {
    for (let page = 0; ; page++) {
      const list = getMap(await request('Admin_availableFunctions', { page }), 'availableFunctions') ?? new Map();
      assert.ok(list.size > 0, `${name} is not listed`);
      const listed = asMap(list.get(name));
      if (listed === null) continue;
      const isRequired = (one: string): number => Number(asMap(listed.get(one))?.get('required'));
      const byPlace = (a: string, b: string): number => isRequired(b) - isRequired(a) || (a < b ? 1 : -1);
      return [...listed.keys()]
        .sort(byPlace)
        .map((one) => [one, getText(asMap(listed.get(one)) ?? new Map(), 'type') ?? ''] as const);
    }
  }
  return { call, request, pushed, argumentsOf };
}

function dictionary(args: Readonly<Record<string, Value>>): string {
  const entry = ([name, value]: [string, Value]): string =>
    `${text(name)}${typeof value === 'number' ? `i${value}e` : typeof value === 'string' ? text(value) : value.raw}`;
  return `d${Object.entries(args)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(entry)
    .join('')}e`;
}

function text(value: string): string {
  return `${value.length}:${value}`;
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** All these fields are there, with the type that the tool takes them for. */
function has(t: Test, map: BencodeMap, texts: readonly string[], numbers: readonly string[]): void {
  for (const name of texts) t.ok(getBytes(map, name) !== null, `${name} is a text`);
  for (const name of numbers) t.type(map.get(name), 'bigint', `${name} is a number`);
}

const first = (list: readonly Bencode[] | null): BencodeMap => asMap(list?.[0]) ?? new Map();

for (const password of [null, 'secret']) {
  t.test(`peerStats, dumptable, sessionStats ${password === null ? 'without' : 'with'} a password`, async (t) => {
    const { call } = tool(password);
    const peers = await call('InterfaceController_peerStats', 0);
    const numbers = ['bytesIn', 'bytesOut', 'recvKbps', 'sendKbps', 'duplicates', 'lostPackets', 'receivedOutOfRange'];
    has(t, first(getList(peers, 'peers')), ['addr', 'lladdr', 'state'], numbers);
    t.notOk(peers.has('more'));
    const table = await call('NodeStore_dumpTable', 0);
    const row = first(getList(table, 'routingTable'));
    has(t, row, ['addr', 'ip', 'path'], ['link', 'time', 'bucket', 'version']);
    t.equal(getText(row, 'path'), '0000.0000.0000.0001', 'the first of the sorted table is the node itself');
    has(t, table, [], ['count', 'peers']);
    t.same(getList(await call('NodeStore_dumpTable', 1), 'routingTable'), [], 'they page to an empty one');
    const handles = getList(await call('SessionManager_getHandles', 0), 'handles');
    const stats = await call('SessionManager_sessionStats', Number(handles?.[0]));
    has(
      t,
      stats,
      ['addr', 'state'],
      ['handle', 'sendHandle', 'metric', 'duplicates', 'lostPackets', 'timeOfLastUsage'],
    );
    t.match(getText(stats, 'addr'), ADDRESS);
  });
}

t.test('ping asks the router, and with -s, -k, -d the switch', async (t) => {
  const { call } = tool();
  const pong = await call('RouterModule_pingNode', SECOND, 5000);
  has(t, pong, ['result', 'addr', 'from'], ['ms', 'protocol']);
  t.match(getText(pong, 'from')?.split('@')[1], LABEL, 'pingAll takes the label behind the @');
  const path = '0000.0000.0000.0013';
  has(t, await call('SwitchPinger_ping', path, 5000, 0, ''), ['result', 'path'], ['ms', 'version']);
  has(t, await call('SwitchPinger_ping', path, 5000, 1, 'hello'), ['result', 'path', 'key', 'data'], ['ms', 'version']);
});

t.test('what v22 added to the ping of the switch is listed and honoured, by whatever type it comes', async (t) => {
  const { argumentsOf, request } = tool();
  const names = (await argumentsOf('SwitchPinger_ping')).map(([name]) => name);
  t.same(names, ['path', 'timeout', 'snode', 'rpath', 'lladdr', 'keyPing', 'data']);
  const path = '0000.0000.0000.0013';
  for (const args of [{ snode: 1 }, { lladdr: 1 }, { rpath: 1 }, { rpath: '1' }]) {
    const [kind] = Object.keys(args);
    const pong = await request('SwitchPinger_ping', { path, ...args });
    t.same([getText(pong, 'result'), getText(pong, kind ?? '') !== null], ['pong', true], kind ?? '');
  }
  for (const args of [{ rpath: '0' }, { rpath: 0 }, { snode: 0 }]) {
    const pong = await request('SwitchPinger_ping', { path, ...args });
    t.same([getText(pong, 'result'), pong.has('rpath'), pong.has('snode')], ['pong', false, false]);
  }
});

t.test('cjdnstool ping reads lag, address, and its payload as the txid of the response', async (t) => {
  const { request } = tool();
  const address = `v20.0000.0000.0000.0015.${KEY_TEXT}`;
  for (const [raw, payload] of [
    ['d1:q2:pne', ''],
    ['d1:q2:pn4:txid5:helloe', 'hello'],
  ] as const) {
    const pong = await request('SubnodePathfinder_queryNode', { address, args: { raw } });
    t.same([getText(pong, 'error'), getText(pong, 'address')], ['none', address]);
    has(t, pong, [], ['lag']);
    t.equal(getText(getMap(pong, 'response') ?? new Map(), 'txid'), payload);
  }
});

t.test(
  'traceroute begins with the first peer of path 1, which is the node itself, and asks hop after hop',
  async (t) => {
    const { call } = tool();
    const [self] = getList(await call('RouterModule_getPeers', '0000.0000.0000.0001'), 'peers') ?? [];
    const own = Buffer.from(self as Uint8Array).toString();
    t.match(own, /^v\d+\.0000\.0000\.0000\.0001\.[a-z0-9]{52}\.k$/);
    const hop = await call('RouterModule_nextHop', SECOND, own);
    t.equal(getText(hop, 'error'), 'none');
    has(t, hop, ['result'], ['ms']);
    t.match(Buffer.from(getList(hop, 'nodes')?.[0] as Uint8Array).toString(), ADDRESS);
  },
);

t.test('search gets answers with from, ms and nodes, and the end', async (t) => {
  const { call, pushed } = tool();
  const end = await call('SearchRunner_search', SECOND, -1);
  t.equal(end.get('complete'), 1n);
  const message = pushed[0]?.map ?? new Map();
  has(t, message, ['from'], ['ms']);
  t.ok(getList(message, 'nodes'));
});

t.test('pathfinderTree finds a root that is its own parent; dumpLinks reads to the end', async (t) => {
  const { call } = tool();
  const nodeOf = async (ip: string) => getMap(await call('NodeStore_nodeForAddr', ip), 'result') ?? new Map();
  const root = await nodeOf(ADDRESS_TEXT);
  has(t, root, ['routeLabel'], ['cost', 'protocolVersion', 'linkCount']);
  t.equal(getText(getMap(root, 'bestParent') ?? new Map(), 'ip'), ADDRESS_TEXT);
  has(t, getMap(await nodeOf(SECOND), 'bestParent') ?? new Map(), ['ip', 'parentChildLabel'], ['isOneHop']);
  t.notOk((await nodeOf('fc00:0000:0000:0000:0000:0000:0000:0009')).has('routeLabel'));
  for (let number = 0; ; number++) {
    const link = await call('NodeStore_getLink', number);
    if (getText(link, 'error') === 'not_found') return t.equal(number, 3);
    const result = getMap(link, 'result') ?? new Map();
    has(t, result, ['cannonicalLabel', 'parent', 'child'], ['bestParent', 'isOneHop']);
  }
});

t.test('cjdnslog subscribes with line, level and file, and leaves; the mills are empty', async (t) => {
  const { call } = tool('secret');
  const begun = await call('AdminLog_subscribe', 0, 'INFO', 'peer');
  t.equal(getText(begun, 'error'), 'none');
  t.equal(getText(await call('AdminLog_unsubscribe', getText(begun, 'streamId') ?? ''), 'error'), 'none');
  t.same(getList(await call('Janitor_dumpRumorMill', 0, 'nodeMill'), 'addresses'), []);
});
