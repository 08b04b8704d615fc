import t from 'tap';
import { MeshError, silent } from '../../src/base/index.ts';
import type { PeerToDial } from '../../src/config/index.ts';
import { Password, parsePublicKey } from '../../src/crypto/index.ts';
import {
  HOLD_MS,
  LOOK_MS,
  LOST_AFTER_MS,
  MAX_SPARE_WAYS,
  RESOLVE_EVERY_MS,
  STAGGER_MS,
} from '../../src/daemon/dial/limits.ts';
import { startDialer } from '../../src/daemon/dialer.ts';
import { openSockets } from '../../src/daemon/sockets.ts';
import type { PeerOptions, WaySnapshot } from '../../src/node/index.ts';
import { asEndpoints, endpointAt, hostPortOf, isIp6 } from '../../src/underlay/index.ts';
import { fakeNode, handClock, KEY, KEY_TEXT, numbered } from '../admin/fake-node.ts';
import { sure } from '../cryptoauth/support.ts';

function config(...hosts: readonly string[]): PeerToDial {
  return {
    endpoints: sure(asEndpoints(hosts.map((host) => endpointAt({ host, port: 21000 })))),
    key: KEY,
    login: null,
    password: Password.fromText('x'),
    name: null,
  };
}

async function setUp(
  hosts: string | readonly string[],
  answers: Record<string, readonly string[]>,
  families = [4, 6],
  refuse: (peer: PeerOptions) => void = () => {},
) {
  const clock = handClock();
  const startMs = clock.nowMs();
  const dialled: string[] = [];
  const removed: string[] = [];
  const lookupsMs: number[] = [];
  /** The links of the node, by where they were dialled. */
  const links = new Map<string, WaySnapshot>();
  const sockets: number[] = [];
  const node = fakeNode(
    { peers: [] },
    {
      addPeer: (peer) => {
        refuse(peer);
        const { socket, host } = peer.endpoint;
        sockets.push(socket);
        dialled.push(`${isIp6(host) ? 6 : 4} ${host}`);
        const at = isIp6(host) ? `[${host}]:21000` : `${host}:21000`;
        links.set(at, {
          dialledAt: at,
          isUp: false,
          unheardPings: 0,
          openPings: 0,
          rttMs: null,
          costMs: 1,
          protocol: 21,
        });
      },
      removePeer: (_, endpoint) => {
        // The table of links has one entry for an address, and tells whether it was there.
        removed.push(endpoint ?? 'all');
        links.delete(endpoint ?? '');
        return true;
      },
      ways: () => [...links.values()],
    },
  );
  const see = (host: string, change: Partial<WaySnapshot>) => {
    const at = isIp6(host) ? `[${host}]:21000` : `${host}:21000`;
    links.set(at, { ...sure(links.get(at) ?? null), ...change });
  };
  const lookUp = async (name: string) => {
    lookupsMs.push(clock.nowMs() - startMs);
    const found = answers[name];
    if (found === undefined) throw new Error('ENOTFOUND');
    return found;
  };
  const engine = { openUdp: async () => 0, boundPort: () => 0, ethernet: null };
  const opened = await openSockets(engine, [], () => undefined, { lookUp, sourceOf: async () => null });
  const dialer = startDialer({
    node,
    peers: [config(...(typeof hosts === 'string' ? [hosts] : hosts))],
    sockets: {
      ...opened,
      dial: async (at, taken = new Set()) => {
        const family = isIp6(hostPortOf(at)?.host ?? '') ? 6 : 4;
        if (!families.includes(family)) return null;
        return [family, 10 + family, 20 + family].find((socket) => !taken.has(socket)) ?? family;
      },
    },
    clock,
    log: silent,
  });
  t.teardown(dialer.close);
  const pass = async (ms: number) => {
    // In small steps, as time passes: what rings makes other timers.
    for (let left = ms; ; left -= 50) {
      clock.pass(Math.min(left, 50));
      for (let i = 0; i < 20; i++) await Promise.resolve();
      if (left <= 50) return;
    }
  };
  return { dialer, dialled, removed, answers, pass, lookupsMs, see, families, sockets };
}

t.test('a numeric address is dialled once, from a socket of its family', async (t) => {
  const { dialled, pass } = await setUp('2001:db8::7', {});
  await pass(0);
  for (let i = 0; i < 5; i++) await pass(RESOLVE_EVERY_MS);
  t.same(dialled, ['6 2001:db8::7']);
});

t.test('several places are tried 250 ms apart; what is up is kept, the others go', async (t) => {
  const { dialled, pass, see, removed } = await setUp(['192.0.2.1', '2001:db8::1', '192.0.2.2'], {});
  await pass(0);
  t.same(dialled, ['4 192.0.2.1']);
  await pass(STAGGER_MS);
  t.same(dialled, ['4 192.0.2.1', '6 2001:db8::1']);
  see('2001:db8::1', { isUp: true, rttMs: 20, costMs: 10 });
  await pass(2 * STAGGER_MS);
  t.same(dialled.length, 2, 'the third was never needed');
  t.same(removed, ['192.0.2.1:21000']);
  await pass(60_000);
  t.same(dialled.length, 2);
});

t.test('a link with open pings has company at once, and goes when another has been up for a while', async (t) => {
  const { dialled, pass, see, removed } = await setUp(['192.0.2.1', '192.0.2.2'], {});
  await pass(0);
  see('192.0.2.1', { isUp: true, rttMs: 20 });
  await pass(10_000);
  see('192.0.2.1', { unheardPings: 1 });
  await pass(LOOK_MS);
  t.same(dialled, ['4 192.0.2.1'], 'one ping may be lost');
  see('192.0.2.1', { unheardPings: 2 });
  await pass(LOOK_MS);
  t.same(dialled, ['4 192.0.2.1', '4 192.0.2.2']);
  see('192.0.2.2', { isUp: true, rttMs: 20 });
  await pass(HOLD_MS - 500);
  t.same(removed, []);
  await pass(1_000);
  t.same(removed, ['192.0.2.1:21000']);
});

t.test('the open pings of a slow link are no doubt yet', async (t) => {
  const { dialled, pass, see } = await setUp(['192.0.2.1', '192.0.2.2'], {});
  await pass(0);
  see('192.0.2.1', { isUp: true, rttMs: 600, unheardPings: 3 });
  await pass(2_000);
  t.same(dialled, ['4 192.0.2.1']);
});

t.test('a link that is heard, but answers no more, has company as well', async (t) => {
  const { dialled, pass, see } = await setUp(['192.0.2.1', '192.0.2.2'], {});
  await pass(0);
  see('192.0.2.1', { isUp: true, rttMs: 20, openPings: 2 });
  await pass(1_000);
  t.same(dialled, ['4 192.0.2.1'], 'two may be lost');
  see('192.0.2.1', { openPings: 3 });
  await pass(LOOK_MS);
  t.same(dialled, ['4 192.0.2.1', '4 192.0.2.2']);
});

t.test('two ways from one machine leave from two sockets: to the other side one address is one link', async (t) => {
  const { sockets, pass } = await setUp(['192.0.2.1', '192.0.2.2', '2001:db8::1'], {});
  await pass(1_000);
  t.same(sockets, [4, 14, 6]);
});

t.test('of two that come up within 250 ms the shorter round trip is kept, where IPv6 may be 3 ms longer', async (t) => {
  for (const [six, lost] of [
    [12, '192.0.2.1:21000'],
    [14, '[2001:db8::1]:21000'],
  ] as const) {
    const { pass, see, removed } = await setUp(['192.0.2.1', '2001:db8::1'], {});
    await pass(STAGGER_MS);
    see('192.0.2.1', { isUp: true, rttMs: 10, costMs: 5 });
    see('2001:db8::1', { isUp: true, rttMs: six, costMs: six / 2 });
    await pass(2 * STAGGER_MS);
    t.same(removed, [lost]);
  }
});

t.test('a name is raced for at all its addresses, and asked for again while nobody answers', async (t) => {
  const { dialled, pass, answers, removed } = await setUp('peer.example', {
    'peer.example': ['192.0.2.1', '2001:db8::1'],
  });
  await pass(1_000);
  t.same(dialled, ['6 2001:db8::1', '4 192.0.2.1']);
  answers['peer.example'] = ['192.0.2.9'];
  await pass(RESOLVE_EVERY_MS);
  t.same(dialled, ['6 2001:db8::1', '4 192.0.2.1', '4 192.0.2.9']);
  t.same(removed, ['[2001:db8::1]:21000', '192.0.2.1:21000'], 'where it leads no more is left');
});

t.test('a peer that falls silent may have moved: its name is asked for at once', async (t) => {
  const { dialled, pass, answers, see, lookupsMs } = await setUp('peer.example', { 'peer.example': ['192.0.2.1'] });
  await pass(0);
  see('192.0.2.1', { isUp: true });
  await pass(60_000);
  t.equal(lookupsMs.length, 1, 'nobody asks while it answers');
  answers['peer.example'] = ['192.0.2.2'];
  see('192.0.2.1', { unheardPings: 2 });
  await pass(2 * LOOK_MS);
  t.same(dialled, ['4 192.0.2.1', '4 192.0.2.2']);
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
    for (const host of [...answers, 'localhost', 'fc00::1', 'a b']) {
      await t.rejects(dialer.add(config(host), false), { code: 'ERR_PEER' }, host);
      await t.rejects(dialer.add(config('192.0.2.77', host), false), { code: 'ERR_PEER' }, `${host} among others`);
    }
    const instead = /192\.0\.2\.1\]:21000 is an IPv4 address .*did you mean "192\.0\.2\.1:21000"/;
    await t.rejects(dialer.add(config('::ffff:192.0.2.1'), false), { message: instead });
    const device: PeerToDial = { ...config('192.0.2.1'), endpoints: [{ transport: 'eth', device: 'eth0', mac: null }] };
    await t.rejects(dialer.add(device, false), { code: 'ERR_PEER', message: /no peer behind it/ });
    await dialer.add(config('fe80::1%br-lan'), false);
    t.same(dialled, ['6 fe80::1%br-lan']);
  },
);

t.test('a name that does not resolve is asked for less and less often', async (t) => {
  const { pass, lookupsMs, dialer } = await setUp('gone.example', {});
  await pass(0);
  t.match(dialer.warnings(), [/gone.example cannot be resolved/]);
  await pass(300_000);
  t.same(lookupsMs, [0, 2_000, 6_000, 14_000, 30_000, 62_000, 122_000, 182_000, 242_000]);
});

t.test('a family this machine does not have is a warning, and no longer once there is one', async (t) => {
  const { pass, dialled, dialer, families } = await setUp('2001:db8::7', {}, [4]);
  await pass(0);
  t.same(dialled, []);
  t.match(dialer.warnings(), [/has no IPv6/]);
  families.push(6);
  await pass(RESOLVE_EVERY_MS + 50);
  t.same(dialled, ['6 2001:db8::7']);
  t.same(dialer.warnings(), []);
});

t.test(
  'a place that cannot be dialled costs the next one no time, and is no warning where another answers',
  async (t) => {
    const { pass, dialled, dialer, see } = await setUp(['2001:db8::7', '192.0.2.7'], {}, [4]);
    await pass(0);
    t.same(dialled, ['4 192.0.2.7']);
    see('192.0.2.7', { isUp: true });
    await pass(1_000);
    t.same([dialer.warnings(), dialer.waiting()], [[], []]);
  },
);

t.test('another network: what failed is tried again, names are asked for, and what is up is left alone', async (t) => {
  const families = [4];
  const { pass, dialled, dialer, see, lookupsMs, removed } = await setUp(
    ['2001:db8::7', '192.0.2.7', 'peer.example'],
    { 'peer.example': ['192.0.2.9'] },
    families,
  );
  await pass(1_000);
  t.same(dialled, ['4 192.0.2.7', '4 192.0.2.9']);
  families.push(6);
  dialer.networkChanged();
  await pass(1_000);
  t.same(lookupsMs.length, 2);
  t.same(new Set(dialled.slice(2)), new Set(['6 2001:db8::7', '4 192.0.2.7', '4 192.0.2.9']));
  see('192.0.2.7', { isUp: true });
  await pass(1_000);
  removed.length = 0;
  dialer.networkChanged();
  await pass(1_000);
  t.same([dialled.length, removed], [5, []]);
});

t.test(
  'the one place of a peer is left to its link when the network changes: that may know where the peer is now',
  async (t) => {
    const { pass, dialled, dialer, see, removed } = await setUp('192.0.2.7', {});
    await pass(0);
    see('192.0.2.7', { isUp: true });
    dialer.networkChanged();
    await pass(LOST_AFTER_MS - 100);
    see('192.0.2.7', { isUp: false });
    t.same(dialled.length, 1);
    await pass(60_000);
    t.same([dialled.length, removed], [1, []]);
  },
);

t.test('of several places those that the change of network took are dialled anew', async (t) => {
  const { pass, dialled, dialer, see, removed } = await setUp(['192.0.2.7', '192.0.2.8'], {});
  await pass(0);
  see('192.0.2.7', { isUp: true });
  await pass(1_000);
  dialer.networkChanged();
  await pass(LOST_AFTER_MS - 100);
  see('192.0.2.7', { isUp: false });
  const before = dialled.length;
  await pass(400);
  t.ok(removed.includes('192.0.2.7:21000'));
  t.ok(dialled.length > before);
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

t.test('who is removed at one of its places goes with all of them', async (t) => {
  const { dialer, dialled, pass, removed } = await setUp(['192.0.2.1', '192.0.2.2'], {});
  await pass(1_000);
  t.equal(dialer.remove(KEY, '192.0.2.2:21000'), true);
  t.same(new Set(removed), new Set(['192.0.2.1:21000', '192.0.2.2:21000']));
  t.same(dialer.peers(), []);
  await pass(60_000);
  t.equal(dialled.length, 2);
});

t.test('whoever cannot be dialled yet is there with the reason, and no longer once there is a link', async (t) => {
  const answers: Record<string, readonly string[]> = {};
  const { dialer, pass } = await setUp('peer.example', answers);
  t.match(dialer.waiting(), [{ endpoint: 'peer.example:21000', reason: 'the name peer.example is being looked up' }]);
  await pass(0);
  t.match(dialer.waiting(), [{ reason: 'the name peer.example cannot be resolved' }]);
  answers['peer.example'] = ['192.0.2.1'];
  await pass(RESOLVE_EVERY_MS);
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

t.test('all peers together have so many links beside their first, and no more', async (t) => {
  const { dialer, dialled, pass } = await setUp('192.0.2.1', {});
  const count = Math.ceil(MAX_SPARE_WAYS / 2) + 5;
  for (let index = 0; index < count; index++)
    await dialer.add(config(...[1, 2, 3].map((place) => `10.${place}.0.${index}`)), false);
  await pass(5_000);
  t.equal(dialled.length, 1 + count + MAX_SPARE_WAYS);
});

t.test('an entry for two places takes the place of those that have one of them each', async (t) => {
  const { dialer, pass } = await setUp('192.0.2.1', {});
  await dialer.add(config('192.0.2.2'), false);
  await pass(0);
  const both = config('192.0.2.1', '192.0.2.2');
  await t.rejects(dialer.add(both, false), { message: /is a peer already, with other endpoints/ });
  await dialer.add(both, true);
  t.match(dialer.peers(), [{ endpoints: [{ host: '192.0.2.1' }, { host: '192.0.2.2' }] }]);
});
