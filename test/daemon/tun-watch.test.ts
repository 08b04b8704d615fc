import t from 'tap';
import { lookAt, type SeenTun, tunProblem } from '../../src/daemon/tun-watch.ts';

const tun = { name: 'fc0', address: 'fc00:0000:0000:0000:0000:0000:0000:0001', mtu: 1304 };
const well: SeenTun = { isThere: true, addresses: [tun.address], isUp: true, mtu: 1304 };

const cases: readonly [name: string, seen: Partial<SeenTun>, what: string | null, text: RegExp | null][] = [
  ['all is well', {}, null, null],
  ['its size cannot be known', { mtu: null }, null, null],
  ['there is another address, too', { addresses: ['fd00::1', tun.address] }, null, null],
  [
    'it was removed',
    { isThere: false, addresses: [], isUp: false, mtu: null },
    'gone',
    /removed the network device fc0/,
  ],
  ['it is down', { isUp: false }, 'down', /sudo ip link set fc0 up$/],
  [
    'it lost its address',
    { addresses: [], isUp: false },
    'address missing',
    /sudo ip addr add fc00.*\/8 dev fc0 nodad$/,
  ],
  ['it has another size', { mtu: 1500 }, 'mtu changed', /1500 bytes instead of 1304: sudo ip link set fc0 mtu 1304$/],
];
for (const [name, seen, what, text] of cases) {
  t.test(`${name}: ${what ?? 'nothing'} is said`, async (t) => {
    const problem = tunProblem(tun, { ...well, ...seen });
    t.equal(problem?.what ?? null, what);
    if (text !== null) t.match(problem?.text, text);
  });
}

t.test('a device that is not there is not there, and loopback is', async (t) => {
  t.same(lookAt('no-such-device'), { isThere: false, addresses: [], isUp: false, mtu: null });
  t.equal(lookAt('lo').isThere, true);
});
