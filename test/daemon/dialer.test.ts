import t from 'tap';
import { MeshError, silent } from '../../src/base/index.ts';
import type { PeerToDial } from '../../src/config/index.ts';
import { Password, parsePublicKey } from '../../src/crypto/index.ts';
import { startDialer } from '../../src/daemon/dialer.ts';
import { RESOLVE_EVERY_MS } from '../../src/daemon/limits.ts';
import { openSockets } from '../../src/daemon/sockets.ts';
import type { PeerOptions } from '../../src/node/index.ts';
import { hostPortOf, isIp6 } from '../../src/underlay/index.ts';
import { fakeNode, handClock, KEY, KEY_TEXT, numbered } from '../admin/fake-node.ts';

function config(host: string): PeerToDial {
  return {
    endpoint: { transport: 'udp', host, port: 21000 },
    key: KEY,
    login: null,
    password: Password.fromText('x'),
    name: null,
  };
}

async function setUp(
  host: string,
  answers: Record<string, readonly string[]>,
  families = [4, 6],
  refuse: (peer: PeerOptions) => void = () => {},
) {
  const clock = handClock();
  const startMs = clock.nowMs();
  const dialled: string[] = [];
  const removed: string[] = [];
  const lookupsMs: number[] = [];
  const node = fakeNode(
    { peers: [] },
    {
      addPeer: (peer) => {
        refuse(peer);
        dialled.push(`${peer.endpoint.socket} ${peer.endpoint.host}`);
      },
      removePeer: (_, endpoint) => {
        // The table of links has one entry for an address, and tells whether it was there.
        removed.push(endpoint ?? 'all');
        return true;
      },
    },
  );
  const lookUp = async (name: string) => {
    lookupsMs.push(clock.nowMs() - startMs);
    const found = answers[name];
    if (found === undefined) throw new Error('ENOTFOUND');
    return found;
  };
  const engine = { openUdp: async () => 0, boundPort: () => 0, ethernet: null };
  const sockets = await openSockets(engine, [], () => undefined, { lookUp, sourceOf: async () => null });
  const dialer = startDialer({
    node,
    peers: [config(host)],
    sockets: {
      ...sockets,
      dial: async (at) => {
        const family = isIp6(hostPortOf(at)?.host ?? '') ? 6 : 4;
        return families.includes(family) ? family : null;
      },
    },
    clock,
    log: silent,
  });
  t.teardown(dialer.close);
  const pass = async (ms: number) => {
    clock.pass(ms);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { dialer, dialled, removed, answers, pass, lookupsMs };
}

t.test('a numeric address is dialled once, from a socket of its family', async (t) => {
  const { dialled, pass } = await setUp('2001:db8::7', {});
  await pass(0);
  for (let i = 0; i < 5; i++) await pass(RESOLVE_EVERY_MS);
  t.same(dialled, ['6 2001:db8::7']);
});

t.test('a name that is not connected is tried at each address, then asked for again', async (t) => {
  const { dialled, pass, answers } = await setUp('peer.example', { 'peer.example': ['192.0.2.1', '2001:db8::1'] });
  await pass(0);
  await pass(RESOLVE_EVERY_MS);
  answers['peer.example'] = ['192.0.2.9'];
  await pass(RESOLVE_EVERY_MS);
  t.same(dialled, ['4 192.0.2.1', '6 2001:db8::1', '4 192.0.2.9']);
});

t.test('addresses inside the mesh or of this machine are refused', async (t) => {
  const { dialled, pass, dialer } = await setUp('liar.example', { 'liar.example': ['fc00::1', '127.0.0.1', '::1'] });
  await pass(0);
  t.same(dialled, []);
  t.match(dialer.warnings(), [/leads only to addresses that no peer can have/]);
});

t.test(
  'what a name leads to, and what is added later, is decided as everywhere: no groups, no mapped forms',
  async (t) => {
    const answers = ['224.0.0.1', 'ff02::1', '0.0.0.0', '::', '::ffff:192.0.2.1', '255.255.255.255', 'fe80::1'];
    const { dialled, pass, dialer } = await setUp('liar.example', { 'liar.example': answers });
    await pass(0);
    await pass(RESOLVE_EVERY_MS);
    t.same(dialled, []);
    t.match(dialer.warnings(), [/liar\.example leads only .*: 224\.0\.0\.1 is a multicast address/]);
    for (const host of [...answers, 'localhost', 'fc00::1', 'a b'])
      await t.rejects(dialer.add(config(host), false), { code: 'ERR_PEER' }, host);
    const instead = /192\.0\.2\.1\]:21000 is an IPv4 address .*did you mean "192\.0\.2\.1:21000"/;
    await t.rejects(dialer.add(config('::ffff:192.0.2.1'), false), { message: instead });
    const device: PeerToDial = { ...config('192.0.2.1'), endpoint: { transport: 'eth', device: 'eth0', mac: null } };
    await t.rejects(dialer.add(device, false), { code: 'ERR_PEER', message: /no peer behind it/ });
    const cable: PeerToDial = { ...device, endpoint: { transport: 'eth', device: 'eth0', mac: '02:00:00:00:00:01' } };
    await t.rejects(dialer.add(cable, false), { code: 'ERR_PEER', message: /has no raw Ethernet for eth:\/\/02:/ });
    await dialer.add(config('fe80::1%br-lan'), false);
    t.same(dialled, ['6 fe80::1%br-lan']);
  },
);

t.test('a name that does not resolve is asked for less and less often', async (t) => {
  const { pass, lookupsMs, dialer } = await setUp('gone.example', {});
  await pass(0);
  t.match(dialer.warnings(), [/gone.example cannot be resolved/]);
  for (let ms = 0; ms < 300_000; ms += RESOLVE_EVERY_MS) await pass(RESOLVE_EVERY_MS);
  // The waits double from 2 s to a minute; each ends with the next round.
  t.same(lookupsMs, [0, 10_000, 20_000, 30_000, 50_000, 90_000, 150_000, 210_000, 270_000]);
});

t.test('a family this machine does not have is a warning', async (t) => {
  const { pass, dialled, dialer } = await setUp('2001:db8::7', {}, [4]);
  await pass(0);
  t.same(dialled, []);
  t.match(dialer.warnings(), [/has no IPv6/]);
});

t.test('peers come and go while it runs', async (t) => {
  const { dialer, dialled, pass } = await setUp('192.0.2.1', { 'b.example': ['192.0.2.2'] });
  await pass(0);
  await dialer.add(config('192.0.2.1'), false);
  t.equal(dialled.length, 1, 'the same again is no other peer');
  await dialer.add(config('192.0.2.3'), false);
  await dialer.add(config('b.example'), false);
  await pass(0);
  t.same(dialled, ['4 192.0.2.1', '4 192.0.2.3', '4 192.0.2.2']);
  const key = parsePublicKey(KEY_TEXT);
  if (key === null) throw new Error('key');
  t.equal(dialer.remove(key, '192.0.2.3:21000'), true);
  t.equal(dialer.peers().length, 2);
  dialer.remove(key, null);
  t.same(dialer.peers(), []);
  await pass(RESOLVE_EVERY_MS);
  t.equal(dialled.length, 3);
});

t.test('whoever cannot be dialled yet is there with the reason, and no longer once there is a link', async (t) => {
  const answers: Record<string, readonly string[]> = {};
  const { dialer, pass } = await setUp('peer.example', answers);
  t.match(dialer.waiting(), [{ endpoint: 'peer.example:21000', reason: 'the name peer.example is being looked up' }]);
  await pass(0);
  t.match(dialer.waiting(), [{ reason: 'the name peer.example cannot be resolved' }]);
  answers['peer.example'] = ['192.0.2.1'];
  for (let i = 0; i < 5; i++) await pass(RESOLVE_EVERY_MS);
  t.same(dialer.waiting(), []);
  const noFamily = await setUp('2001:db8::7', {}, [4]);
  await noFamily.pass(0);
  t.match(noFamily.dialer.waiting(), [{ endpoint: '[2001:db8::7]:21000', reason: /no IPv6/, ageMs: 0 }]);
});

t.test('nobody is added whose name another has', async (t) => {
  const { dialer } = await setUp('192.0.2.1', {});
  await dialer.add({ ...config('192.0.2.2'), name: 'hans' }, false);
  const other = { ...config('192.0.2.3'), key: numbered(9).key, name: 'hans' };
  await t.rejects(dialer.add(other, false), { code: 'ERR_PEER', message: /another peer is called "hans".*hans2/ });
  await dialer.add({ ...other, name: 'hans2' }, false);
});

t.test('who is dialled already is dialled anew when told so, and goes on as before when that fails', async (t) => {
  const { dialer, dialled, pass, removed } = await setUp('192.0.2.1', {}, [4, 6], ({ login }) => {
    if (login === 'refused') throw new MeshError('ERR_PEER', 'no');
  });
  await pass(0);
  const changed = { ...config('192.0.2.1'), login: 'new' };
  const message = 'udp://192.0.2.1:21000 is a peer already, with another login; to take over what is new: --update';
  await t.rejects(dialer.add(changed, false), { code: 'ERR_PEER', message });
  t.same([dialled.length, removed], [1, []], 'nothing has happened');
  await dialer.add(changed, true);
  t.equal(dialled.length, 2);
  t.same(new Set(removed), new Set(['192.0.2.1:21000']));
  await t.rejects(dialer.add({ ...changed, login: 'refused' }, true), { code: 'ERR_PEER' });
  t.match(dialer.peers(), [{ login: 'new' }]);
});
