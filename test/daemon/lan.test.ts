import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { createCounters, MeshError, silent } from '../../src/base/index.ts';
import { generateIdentity } from '../../src/crypto/index.ts';
import { type BeaconSocket, openBeaconSocket } from '../../src/daemon/lan/beacon-socket.ts';
import { Lan, type LanOptions } from '../../src/daemon/lan/lan.ts';
import { ETHERNET_AFTER_MS } from '../../src/daemon/limits.ts';
import type { BeaconPort, EthernetBeacon } from '../../src/packet/index.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import type { NetworkDevice } from '../../src/underlay/index.ts';
import { beacon } from '../../src/wire/index.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';

const backend = createFakeBackend();
const own = generateIdentity(backend, seededRng('a')).publicKey;
const other = generateIdentity(backend, seededRng('b')).publicKey;
const password = new Uint8Array(20).fill(1);

function device(name: string, index: number, addresses: NetworkDevice['addresses']): NetworkDevice {
  const usual = { link: 'ethernet', kind: null, mac: null, mtuBytes: 1500, isUp: true, hasCarrier: true } as const;
  return { ...usual, index, name, master: null, addresses };
}

const ETH0 = device('eth0', 2, [
  { host: '10.0.0.2', prefixLength: 24 },
  { host: 'fe80::2', prefixLength: 64 },
]);
const BARE = device('eth1', 3, [{ host: 'fe80::3', prefixLength: 64 }]);

/** A neighbourhood whose sockets and node are a test's. */
function setUp(
  change: Partial<LanOptions> & { readonly isDeaf?: boolean; readonly devices?: LanOptions['devices'] } = {},
) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const joined: string[] = [];
  const done: string[] = [];
  const welcomed: string[] = [];
  const hear = new Map<4 | 6, (bytes: Uint8Array, from: string) => void>();
  let open = 0;
  const openSocket: LanOptions['openSocket'] = async (family, _port, heard) => {
    hear.set(family, heard);
    open++;
    const socket: BeaconSocket = {
      isDeaf: change.isDeaf === true,
      send: (bytes, to, onError) => {
        sent.push(`${beacon.parse(bytes)?.port} ${to}`);
        if (to.includes('eth1')) onError('ENODEV');
      },
      join: (name, index) => void joined.push(`${family} ${name} ${index}`),
      close: () => open--,
    };
    return socket;
  };
  const sockets = {
    listening: ['udp://0.0.0.0:21000'] as readonly string[],
    all: () => [{ number: 0, name: '', host: '0.0.0.0', family: 4 as const }],
    dial: async ({ host }: { readonly host?: string }) => (host?.includes(':') ? 1 : 0),
    boundPort: (socket: number) => (socket === 0 ? 21_000 : 21_006),
    listen: async () => void done.push('door'),
    ethernet: { welcome: (names: readonly string[]) => void welcomed.push(names.join(' ')) },
  };
  const lan = new Lan({
    own: 'fc0',
    key: own,
    password,
    node: {
      addUser: ({ login }) => void done.push(`+${login}`),
      removeUser: (login) => done.push(`-${login}`) > 0,
      addNeighbour: ({ endpoint: { host, port } }) => {
        done.push(`dial ${host} ${port}`);
        return port === 666 ? 'too many unproven' : 'begun';
      },
      peers: () =>
        [{ direction: 'lan', key: other, endpoint: 'x' }] as unknown as ReturnType<LanOptions['node']['peers']>,
      removePeer: (_, endpoint) => done.push(`drop ${endpoint}`) > 0,
    },
    sockets: sockets as unknown as LanOptions['sockets'],
    clock,
    rng: seededRng('x'),
    counters: createCounters(),
    log: silent,
    openSocket,
    beacons: null,
    ...change,
    devices: change.devices ?? (() => [ETH0, BARE]),
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { lan, clock, sent, joined, done, welcomed, hear, settle, open: () => open };
}

const ON = { beacon: 'on', devices: ['auto'], port: 64_512 } as const;

function forged(port: number, publicKey = other): Uint8Array {
  return beacon.emit({ port, protocol: 21, password, publicKey });
}

t.test('each device is told, by IPv4 where it has that and by IPv6 elsewhere', async (t) => {
  const { lan, clock, sent, joined, done, settle } = setUp();
  lan.use(ON);
  await settle();
  t.same(sent, ['21000 10.0.0.255', '21006 ff02::fc%eth1']);
  t.same(joined, ['6 eth0 2', '6 eth1 3']);
  t.same(done, ['+Local Peers', 'door']);
  clock.runFor(1_000);
  await settle();
  t.equal(sent.length, 4);
  lan.update([ETH0]);
  await settle();
  clock.runFor(2_000);
  await settle();
  t.equal(sent.length, 5, 'a device that is gone is not told');
  lan.update([device('eth0', 2, [{ host: '10.9.0.2', prefixLength: 16 }])]);
  await settle();
  t.same(sent.slice(5), ['21000 10.9.255.255'], 'one that has another address is told at once');
  lan.close();
});

t.test('who is heard on a device is dialled; who is elsewhere is not', async (t) => {
  const { lan, done, hear, settle } = setUp();
  lan.use({ ...ON, beacon: 'listen' });
  await settle();
  const [ip4, ip6] = [sure(hear.get(4)), sure(hear.get(6))];
  ip4(forged(21_000), '10.0.0.9');
  ip4(forged(21_000), '10.0.1.9');
  ip4(forged(21_000, own), '10.0.0.2');
  ip4(forged(0), '10.0.0.9');
  ip6(forged(21_006), 'fe80::9%eth1');
  ip6(forged(21_006), 'fe80::9%eth7');
  ip6(forged(21_006), '2001:db8::9');
  ip4(forged(666), '10.0.0.66');
  await settle();
  t.same(done, ['dial 10.0.0.9 21000', 'dial fe80::9%eth1 21006', 'dial 10.0.0.66 666'], 'and nobody is told of us');
  t.match(lan.status(), {
    devices: [
      { name: 'eth0', reason: null },
      { name: 'eth1', reason: null },
    ],
    heard: [
      { endpoint: '10.0.0.66:666', reason: 'too many unproven' },
      { endpoint: '[fe80::9%eth1]:21006', reason: null },
      { endpoint: '10.0.0.9:21000', reason: null },
    ],
  });
  lan.close();
});

t.test('raw Ethernet carries beacons, too, last; who is heard on a device is dialled there', async (t) => {
  const told: string[] = [];
  const waiting: EthernetBeacon[] = [];
  let readable = (): void => undefined;
  const beacons: BeaconPort = {
    send: (index, content) => told.push(`${index} ${content.length}`) > 0,
    receive: () => waiting.splice(0),
    watch: (onReadable) => {
      readable = onReadable;
    },
  };
  const { lan, clock, done, sent, welcomed, settle } = setUp({ beacons });
  lan.use(ON);
  await settle();
  t.same(told, [], 'IP comes first');
  clock.runFor(ETHERNET_AFTER_MS);
  t.same(told, ['2 56', '3 56']);
  t.equal(sent.length, 2);
  t.same(welcomed, ['eth0 eth1'], 'strangers may come by these devices');
  done.length = 0;
  const content = forged(1).subarray(8);
  const mac = '02:00:00:00:00:09';
  waiting.push({ deviceIndex: 2, device: 'eth0', mac, content });
  waiting.push({ deviceIndex: 7, device: 'eth7', mac, content });
  waiting.push({ deviceIndex: 2, device: 'eth0', mac, content: content.subarray(1) });
  waiting.push({ deviceIndex: 2, device: 'eth0', mac, content: forged(1, own).subarray(8) });
  readable();
  await settle();
  t.same(done, [`dial ${mac}@eth0 0`]);
  t.match(lan.status().heard, [{ endpoint: `eth://${mac}@eth0` }]);
  lan.close();
  t.equal(welcomed.at(-1), '', 'and afterwards by none');
});

t.test('a flood is cut off', async (t) => {
  const { lan, done, hear, settle } = setUp();
  lan.use({ ...ON, beacon: 'listen' });
  await settle();
  for (let i = 0; i < 10_000; i++) hear.get(4)?.(forged(1_000 + i), '10.0.0.9');
  await settle();
  t.ok(done.length <= 200);
  lan.close();
});

t.test('without a device in use nothing is open', async (t) => {
  const { lan, open, settle } = setUp({ devices: () => [] });
  lan.use(ON);
  await settle();
  t.equal(open(), 0);
  lan.update([ETH0]);
  await settle();
  t.equal(open(), 2);
  lan.close();
  t.equal(open(), 0);
});

t.test('off ends it, and whoever was found has to leave', async (t) => {
  const { lan, done, open, settle } = setUp();
  lan.use(ON);
  await settle();
  done.length = 0;
  lan.use({ ...ON, beacon: 'off' });
  t.same(done, ['-Local Peers', 'drop x']);
  t.equal(open(), 0);
  t.same(lan.status(), { devices: [], heard: [] });
});

t.test('a port that another program has, and a login that is taken, are said', async (t) => {
  const { lan, settle } = setUp({
    isDeaf: true,
    node: {
      addUser: () => {
        throw new MeshError('ERR_USER', 'a user with the login "Local Peers" exists');
      },
      removeUser: () => false,
      addNeighbour: () => 'known',
      peers: () => [],
      removePeer: () => false,
    },
  });
  lan.use(ON);
  await settle();
  t.match(lan.warnings(), [/login "Local Peers" exists/, /another program has UDP port 64512/]);
  lan.close();
});

for (const [family, host] of [
  [4, '127.0.0.1'],
  [6, '::1'],
] as const) {
  t.test(`beacon sockets of IPv${family} share a port, and hear what is sent to it`, async (t) => {
    const free = createSocket(family === 4 ? 'udp4' : 'udp6').bind(0);
    await once(free, 'listening');
    const { port } = free.address();
    const deaf = sure(await openBeaconSocket(family, port, () => undefined, t.fail));
    t.ok(deaf.isDeaf, 'a program that does not share the port keeps it');
    deaf.close();
    free.close();
    await once(free, 'close');
    const heard: string[] = [];
    const one = sure(
      await openBeaconSocket(family, port, (bytes, from) => void heard.push(`${bytes.length} ${from}`), t.fail),
    );
    const two = sure(await openBeaconSocket(family, port, () => undefined, t.fail));
    t.notOk(one.isDeaf || two.isDeaf);
    two.close();
    one.join('no-such-device', 9);
    one.send(new Uint8Array(64), host, (reason) => t.fail(reason));
    for (let i = 0; i < 100 && heard.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    t.same(heard, [`64 ${host}`]);
    const failed = new Promise((resolve) => one.send(new Uint8Array(70_000), host, resolve));
    t.type(await failed, 'string');
    one.close();
  });
}
