import t from 'tap';
import { utf8 } from '../../src/base/index.ts';
import { readRun, readSameKey, runData, sameKeyData } from '../../src/control/index.ts';
import { MAX_ENDPOINTS } from '../../src/link/index.ts';
import { control, controlPing } from '../../src/wire/index.ts';
import { makeNode, type Teardown, type TestNode, until, Wiretap } from './support.ts';

const alice = { login: 'alice', password: 'secret of alice', name: 'alice' };

t.test('one key on two machines: the neighbour and both of them name it, and the first keeps its link', async (t) => {
  const hub = await makeNode(t, [alice]);
  const dial = ({ node, socket }: TestNode) =>
    node.addPeer({
      endpoint: { host: '127.0.0.1', port: hub.port, socket },
      key: hub.identity.publicKey,
      ...alice,
    });
  const first = await makeNode(t);
  dial(first);
  t.ok(await until(() => first.node.peers()[0]?.state === 'established'));
  const second = await makeNode(t, [], null, first.identity);
  dial(second);
  const at = ({ port }: TestNode) => `127.0.0.1:${port}`;
  t.ok(await until(() => second.node.peers()[0]?.ownKeyAt === at(first)), 'the second is told where the first is');
  t.ok(await until(() => first.node.peers()[0]?.ownKeyAt === at(second)), 'and the first where the second is');
  t.match(first.node.peers(), [{ state: 'established', reason: null }]);
  t.match(second.node.peers(), [
    { state: /^(handshake|unresponsive)$/, reason: `it talks to another machine that has our key, at ${at(first)}` },
  ]);
  t.ok(await until(() => hub.node.inspect().refused.length > 0));
  t.match(hub.node.inspect().refused, [{ endpoint: at(second), reason: 'key in use at another address' }]);
  t.match(hub.node.peers(), [{ endpoint: at(first), ownKeyAt: null }]);
});

t.test('what tells it is a ping like any other, and nothing but an endpoint is read from one', async (t) => {
  const read = (data: Uint8Array, version = 21) => {
    const frame = control.parse(
      controlPing.emit({ reply: false, version, data: Uint8Array.of(...new Array(12).fill(7), ...data) }),
    );
    return frame === null ? null : readSameKey(frame);
  };
  for (const endpoint of ['192.0.2.1:7', '[2001:db8::1]:65535', '[fe80::1%br-lan]:1'])
    t.equal(read(sameKeyData(endpoint)), endpoint);
  const lead = 'this key is in use, too, at ';
  for (const text of [
    '',
    lead,
    `${lead}x`,
    `${lead}192.0.2.1:7 <b>`,
    `${lead}\u001b[2J:1`,
    `${lead}${'1'.repeat(81)}`,
    `x${lead}192.0.2.1:7`,
  ])
    t.equal(read(utf8(text)), null, JSON.stringify(text));
  const runOf = (data: Uint8Array) => {
    const bytes = controlPing.emit({
      reply: false,
      version: 21,
      data: Uint8Array.of(...new Array(12).fill(7), ...data),
    });
    const frame = control.parse(bytes);
    return frame === null ? null : readRun(frame);
  };
  t.equal(runOf(runData('0123456789abcdef')), '0123456789abcdef');
  for (const text of [
    '',
    'run ',
    'run 0123456789abcde',
    'run 0123456789abcdef0',
    'run 0123456789ABCDEF',
    'ran 0123456789abcdef',
  ])
    t.equal(runOf(utf8(text)), null, text);
  const pong = control.parse(
    controlPing.emit({
      reply: true,
      version: 21,
      data: Uint8Array.of(...new Array(12).fill(7), ...sameKeyData('192.0.2.1:7')),
    }),
  );
  t.equal(pong && readSameKey(pong), null, 'an answer that returns it is not one');
});

const established = ({ node }: TestNode) => node.peers().filter(({ state }) => state === 'established').length;

/** Dials the hub once more, at another place: what comes from there has another address at the hub, as with a second uplink. */
async function dialOnceMore(t: Teardown, guest: TestNode, hub: TestNode, hasSeveralWays: boolean): Promise<void> {
  const port = await new Wiretap(t, hub.port).open();
  const endpoint = { host: '127.0.0.1', port, socket: guest.socket };
  guest.node.addPeer({ endpoint, key: hub.identity.publicKey, ...alice, hasSeveralWays });
}

t.test('several ways of one node to one socket are no twin, as many as a peer may have', async (t) => {
  const hub = await makeNode(t, [alice]);
  const guest = await makeNode(t);
  for (let way = 1; way <= MAX_ENDPOINTS; way++) await dialOnceMore(t, guest, hub, true);
  t.ok(await until(() => established(guest) === MAX_ENDPOINTS && established(hub) === MAX_ENDPOINTS));
  t.same(hub.node.inspect().refused, []);
  t.ok(guest.node.peers().every(({ ownKeyAt }) => ownKeyAt === null));
  t.equal(new Set(hub.node.peers().map(({ label }) => label)).size, MAX_ENDPOINTS);
  await dialOnceMore(t, guest, hub, true);
  t.ok(await until(() => hub.node.inspect().refused.length > 0), 'one more is one too many');
  t.equal(established(hub), MAX_ENDPOINTS);
});

t.test('who does not say that it has several ways is a twin, even of itself', async (t) => {
  const hub = await makeNode(t, [alice]);
  const guest = await makeNode(t);
  await dialOnceMore(t, guest, hub, false);
  t.ok(await until(() => established(guest) === 1 && established(hub) === 1));
  await dialOnceMore(t, guest, hub, false);
  t.ok(await until(() => hub.node.inspect().refused.length > 0));
  t.equal(established(hub), 1);
});

t.test('a twin is found out beside a node with several ways', async (t) => {
  const hub = await makeNode(t, [alice]);
  const dial = ({ node, socket }: TestNode) => {
    const endpoint = { host: '127.0.0.1', port: hub.port, socket };
    node.addPeer({ endpoint, key: hub.identity.publicKey, ...alice, hasSeveralWays: true });
  };
  const first = await makeNode(t);
  dial(first);
  t.ok(await until(() => first.node.peers()[0]?.state === 'established'));
  const second = await makeNode(t, [], null, first.identity);
  dial(second);
  t.ok(await until(() => second.node.peers()[0]?.ownKeyAt === `127.0.0.1:${first.port}`));
  t.ok(await until(() => first.node.peers()[0]?.ownKeyAt === `127.0.0.1:${second.port}`));
  t.match(first.node.peers(), [{ state: 'established' }]);
});
