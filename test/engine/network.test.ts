import assert from 'node:assert/strict';
import { endianness, networkInterfaces } from 'node:os';
import fc from 'fast-check';
import t from 'tap';
import { portableNetwork } from '../../src/engine/network.ts';
import { changedBy, parseDevices } from '../../src/engine/rtnetlink.ts';
import { anEngine, skip } from './native-setup.ts';

const IS_LITTLE = endianness() === 'LE';

/** A message of rtnetlink. */
function message(type: number, fixed: readonly number[], ...attributes: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat([Uint8Array.from(fixed), ...attributes]);
  const bytes = Buffer.alloc(16 + body.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, bytes.length, IS_LITTLE);
  view.setUint16(4, type, IS_LITTLE);
  bytes.set(body, 16);
  return bytes;
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(0, 4 + value.length, IS_LITTLE);
  view.setUint16(2, type, IS_LITTLE);
  bytes.set(value, 4);
  return bytes;
}

const u32 = (value: number): number[] => [...new Uint8Array(new Uint32Array([value]).buffer)];
const u16 = (value: number): number[] => [...new Uint8Array(new Uint16Array([value]).buffer)];
const text = (value: string) => Buffer.from(`${value}\0`);

const bridge = message(
  16,
  [0, 0, ...u16(1), ...u32(7), ...u32(0x1_0001), ...u32(0)],
  attribute(3, text('br0')),
  attribute(1, Uint8Array.of(2, 0, 0, 0, 0, 9)),
  attribute(4, Uint8Array.from(u32(1500))),
  attribute(0x8000 | 18, attribute(1, text('bridge'))),
);
const address = message(20, [2, 24, 0, 0, ...u32(7)], attribute(1, Uint8Array.of(10, 0, 0, 2)));
const tentative = message(20, [10, 64, 0x40, 0, ...u32(7)], attribute(1, new Uint8Array(16)));

t.test('a device with its kind and its addresses', async (t) => {
  const devices = parseDevices(bridge, Buffer.concat([address, tentative]));
  t.same(devices, [
    {
      index: 7,
      name: 'br0',
      link: 'ethernet',
      kind: 'bridge',
      mac: '02:00:00:00:00:09',
      mtuBytes: 1500,
      isUp: true,
      hasCarrier: true,
      master: null,
      addresses: [{ host: '10.0.0.2', prefixLength: 24 }],
    },
  ]);
});

t.test('what changes the network: links, addresses, the default route of the main table', async (t) => {
  const route = (length: number, table: number, flags: number) =>
    message(24, [2, length, 0, 0, table, 0, 0, 0, ...u32(flags)]);
  t.equal(changedBy(bridge), 'devices');
  t.equal(changedBy(address), 'devices');
  t.equal(changedBy(route(0, 254, 0)), 'way out');
  t.equal(changedBy(Buffer.concat([bridge, route(0, 254, 0)])), 'way out');
  t.equal(changedBy(route(24, 254, 0)), null, 'a route to somewhere');
  t.equal(changedBy(route(0, 100, 0)), null, 'another table');
  t.equal(changedBy(route(0, 254, 0x200)), null, 'a copy');
  t.equal(changedBy(new Uint8Array()), null);
});

t.test('messages that are cut anywhere, or mere noise, are read without harm', async () => {
  const whole = Buffer.concat([bridge, address]);
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    assert(parseDevices(cut, cut).length <= 1);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (noise, at) => {
      const broken = Buffer.from(whole);
      broken.set(noise.subarray(0, whole.length - at), at);
      parseDevices(broken, broken);
      changedBy(broken);
    }),
  );
});

t.test('the native engine knows the devices of this machine', { skip }, async (t) => {
  const { network } = anEngine(t);
  assert(network !== null);
  const devices = network.devices();
  t.match(devices.find(({ name }) => name === 'lo') ?? {}, { link: 'loopback', isUp: true });
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const found = devices.find((device) => device.name === name);
    t.equal(found?.addresses.length, addresses?.length, name);
  }
  network.watch(() => undefined);
  t.ok(network.devices().length > 0, 'also while changes are watched');
});

t.test('without the addon devices are those that Node.js names', async (t) => {
  t.match(portableNetwork.devices().find(({ name }) => name === 'lo') ?? {}, { link: 'loopback', hasCarrier: true });
});
