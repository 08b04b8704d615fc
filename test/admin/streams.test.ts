import t from 'tap';
import { MAX_LOG_LINES, MAX_SUBSCRIPTIONS } from '../../src/admin/limits.ts';
import { asMap, getInt, getList, getText, utf8 } from '../../src/base/index.ts';
import { fakeNode, numbered, route } from './fake-node.ts';
import { setUp } from './support.ts';

const LINE = { level: 'info', event: 'peer.up', fields: { peer: 'bob\u001b[2J\nx', ms: 3 } } as const;

t.test(
  'a subscriber gets events from its level on, with the txid of the call and nothing that moves a cursor',
  async (t) => {
    const { admin, call, pushed } = setUp();
    const streamId = getText(await call('AdminLog_subscribe', { level: utf8('WARN') }), 'streamId') ?? '';
    t.match(streamId, /^[0-9a-f]{16}$/);
    admin.publish(LINE);
    admin.publish({ ...LINE, level: 'error', event: 'daemon.failure' });
    t.equal(pushed.length, 1);
    const map = pushed[0]?.map ?? new Map();
    t.match(
      Object.fromEntries(['streamId', 'level', 'file', 'message', 'txid'].map((key) => [key, getText(map, key)])),
      { streamId, level: 'ERROR', file: 'daemon', message: 'daemon.failure peer="bob\\u001b[2J\\nx" ms=3', txid: 'x' },
    );
    t.equal(getInt(map, 'time'), 1_700_000_000n);
  },
);

t.test('a stream ends by itself 30 s after the last call, and lives on while its client calls', async (t) => {
  const { admin, call, clock, pushed } = setUp();
  await call('AdminLog_subscribe');
  for (let i = 0; i < 4; i++) {
    clock.pass(20_000);
    await call('ping');
    admin.publish(LINE);
  }
  t.equal(pushed.length, 4);
  clock.pass(30_001);
  admin.publish(LINE);
  t.equal(pushed.length, 4);
  t.equal(admin.subscriptions(), 0);
});

t.test('ten thousand subscribers that vanish leave nothing', async (t) => {
  const { admin, call, clock, pushed } = setUp();
  let accepted = 0;
  for (let port = 1; port <= 10_000; port++) {
    const reply = await call('AdminLog_subscribe', {}, null, { host: '127.0.0.1', port });
    if (getText(reply, 'error') === 'none') accepted++;
    if (port <= 200) t.equal(getText(reply, 'error') === 'none', port <= MAX_SUBSCRIPTIONS);
  }
  t.ok(admin.subscriptions() <= MAX_SUBSCRIPTIONS, `${admin.subscriptions()} of ${accepted}`);
  clock.pass(30_001);
  t.equal(getText(await call('AdminLog_subscribe'), 'error'), 'none', 'there is room, though nothing happened since');
  clock.pass(30_001);
  admin.publish(LINE);
  t.equal(pushed.length, 0);
  t.equal(admin.subscriptions(), 0);
  t.equal(getText(await call('AdminLog_subscribe'), 'error'), 'none');
});

t.test('a flood of events is cut for each subscriber', async (t) => {
  const { admin, call, pushed } = setUp();
  await call('AdminLog_subscribe');
  for (let i = 0; i < 5000; i++) admin.publish(LINE);
  t.equal(pushed.length, 500);
});

t.test('unsubscribe ends a stream, a wrong or unknown name is told', async (t) => {
  const { admin, call, pushed } = setUp();
  const streamId = getText(await call('AdminLog_subscribe', { file: utf8('peer') }), 'streamId') ?? '';
  t.equal(getList(await call('AdminLog_subscriptions'), 'subscriptions')?.length, 1);
  admin.publish({ ...LINE, event: 'daemon.up' });
  t.equal(pushed.length, 0, 'another file');
  t.equal(getText(await call('AdminLog_unsubscribe', { streamId: utf8(streamId) }), 'error'), 'none');
  admin.publish(LINE);
  t.equal(pushed.length, 0);
  t.equal(getText(await call('AdminLog_unsubscribe', { streamId: utf8(streamId) }), 'error'), 'No such subscription.');
  t.equal(getText(await call('AdminLog_unsubscribe', { streamId: utf8('..') }), 'error'), 'Invalid streamId.');
});

t.test('the last lines can be read later, page by page, and are bounded', async (t) => {
  const { admin, call } = setUp();
  for (let i = 0; i < MAX_LOG_LINES + 10; i++) admin.publish({ level: 'info', event: 'peer.up', fields: { n: i } });
  const messages: (string | null)[] = [];
  for (let page = 0n; ; page++) {
    const map = await call('Fcmesh_log', { page });
    for (const line of getList(map, 'lines') ?? []) messages.push(getText(asMap(line) ?? new Map(), 'message'));
    if (getInt(map, 'more') === null) break;
  }
  t.equal(messages.length, MAX_LOG_LINES);
  t.equal(messages.at(-1), `peer.up n=${MAX_LOG_LINES + 9}`);
});

t.test('a search streams every answer, then its end; the reading role may not begin one', async (t) => {
  const { address } = numbered(2);
  const node = fakeNode({ routes: [route(2), { ...route(3), label: 0x17n }] });
  const { call, pushed } = setUp({ node });
  const search = (text: string) => call('SearchRunner_search', { ipv6: utf8(text), maxRequests: 5n });
  t.equal(getInt(await search('fc00:0002:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd'), 'complete'), 1n);
  t.same(node.calls, [`query fn 21 ${Buffer.from(address).toString('hex')} 1000`], 'the target itself ends it');
  const first = pushed[0]?.map ?? new Map();
  t.match(getText(first, 'from'), /^v20\.0000\.0000\.0000\.0015\./);
  t.equal(getInt(first, 'ms'), 5n);
  t.equal(getList(first, 'nodes')?.length, 1);
  t.equal(getInt(await search('fc00::9'), 'complete'), 1n);
  t.equal(pushed.length, 3, 'another node: both were asked');
  t.equal(getText(await search('nonsense'), 'error'), 'ipv6 invalid');
  const closed = setUp({ password: 'secret', readonlyPassword: 'look' });
  t.match(getText(await closed.call('SearchRunner_search', { ipv6: utf8('x') }, 'look'), 'error'), /^No functions/);
  t.equal(getText(await closed.call('AdminLog_subscribe', {}, 'look'), 'error'), 'none');
});

t.test('what only the router found is streamed as well', async (t) => {
  const { key, address } = numbered(2);
  const found = { found: true, address, key, label: 0x15n, hops: 2, queries: 3, elapsedMs: 12 };
  const node = fakeNode({ routes: [] }, { find: async () => found });
  const { call, pushed } = setUp({ node });
  await call('SearchRunner_search', { ipv6: utf8('fc00:0002:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd') });
  t.equal(getInt(pushed[0]?.map ?? new Map(), 'ms'), 12n);
});
