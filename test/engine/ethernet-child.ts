/**
 * What native-ethernet.test.ts runs in a namespace of its own, as `ethernet-child.ts SCENARIO`: a cable from e0 to e1, both ends
 * here. Two engines listen, one per end; a script of Python puts frames of any kind on the cable.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNativeEngine } from '../../src/engine/native.ts';
import { type BeaconPort, descriptor, type Engine, type Ethernet } from '../../src/packet/index.ts';
import { eventually, get, packetOf, set, theAddon } from './native-setup.ts';

const { OFFSET, LENGTH, ENDPOINT, SOCKET } = descriptor;
const MOST_CONTENT = 1492;

/** What of `ip -j link` is read. */
type Shown = { readonly address: string; readonly ifindex: number; readonly operstate: string };

const ip = (...words: readonly string[]) => execFileSync('ip', words);
const shown = (device: string) => {
  const [one] = JSON.parse(ip('-j', 'link', 'show', 'dev', device).toString()) as readonly Shown[];
  assert.ok(one);
  return one;
};
const macOf = (device: string) => shown(device).address;
const indexOf = (device: string) => shown(device).ifindex;
const bytesOf = (mac: string) => mac.split(':').map((two) => Number.parseInt(two, 16));

function cable(): void {
  ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e1');
  for (const device of ['e0', 'e1']) {
    writeSysctl(`net/ipv6/conf/${device}/disable_ipv6`);
    ip('link', 'set', device, 'up');
  }
}

/** IPv6 would put frames of its own on the cable. */
function writeSysctl(name: string): void {
  spawnSync('sysctl', ['-qw', `${name.replaceAll('/', '.')}=1`]);
}

/** Puts frames on the cable at e0, as they are. */
function putRaw(frames: readonly (readonly number[])[]): void {
  const script = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("e0", 0))
for line in sys.stdin: s.send(bytes.fromhex(line))
`;
  const input = frames.map((frame) => Buffer.from(frame).toString('hex')).join('\n');
  const { status, stderr } = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

type End = { readonly engine: Engine; readonly ethernet: Ethernet; readonly socket: number };

async function anEnd(...welcome: readonly string[]): Promise<End> {
  const arena = { tunSlots: 8, receiveSlots: 32, outputSlots: 80, descriptors: 128 };
  const engine = createNativeEngine(theAddon(), { arena, receiveBufferBytes: 1 << 27 });
  const { ethernet } = engine;
  assert.ok(ethernet);
  const socket = await ethernet.open();
  assert.equal(await ethernet.open(), socket);
  ethernet.welcome(welcome);
  return { engine, ethernet, socket };
}

type Got = { readonly content: Uint8Array; readonly from: string; readonly slot: number };

/** Everything that waits. */
function receiveAll(end: End): readonly Got[] {
  const { engine, socket } = end;
  const refused = () => counter(end, 'recvMalformed') + counter(end, 'recvUnwelcome');
  const got: Got[] = [];
  for (let [count, before] = [-1, -1]; count !== 0 || before !== refused(); ) {
    before = refused();
    count = engine.recv(socket, 0, 16);
    for (let index = 0; index < count; index++) {
      const { host, port } = engine.sender(index);
      assert.equal(port, 0);
      assert.equal(get(engine.arena, index, SOCKET), socket);
      got.push({ content: packetOf(engine.arena, index), from: host, slot: get(engine.arena, index, ENDPOINT) });
    }
  }
  return got;
}

const counter = ({ engine }: End, name: string) => Number(engine.describe()[name]);

/** Sends contents to an endpoint in one vector. @returns how many were dealt with */
function send({ engine }: End, slot: number, contents: readonly Uint8Array[]): number {
  const { arena } = engine;
  contents.forEach((content, index) => {
    const offset = arena.outputStart + index * 2048;
    arena.bytes.set(content, offset);
    set(arena, index, { [OFFSET]: offset, [LENGTH]: content.length, [ENDPOINT]: slot, [SOCKET]: 0 });
  });
  return engine.send(0, contents.length);
}

const filled = (length: number, seed = 1) => Uint8Array.from({ length }, (_, at) => (at * 7 + seed * 31) & 255);
const header = (said: number, version = 0, type = 0xfc00) => [version, 0, said >> 8, said & 255, type >> 8, type & 255];
const link = (to: readonly number[], from: readonly number[]) => [...to, ...from, 0xfc, 0x00];

/** Frames of every length, good and otherwise, against what the page of the protocol says of each. */
async function everyLength(): Promise<void> {
  const end = await anEnd('e1');
  const [to, from] = [bytesOf(macOf('e1')), bytesOf(macOf('e0'))];
  const frames: (readonly number[])[] = [];
  const expected: Uint8Array[] = [];
  let malformed = 0;
  const put = (payload: readonly number[]): void => {
    frames.push([...link(to, from), ...payload]);
    const [version, , high = 0, low = 0, typeHigh, typeLow] = payload;
    const said = (high << 8) | low;
    const isGood =
      payload.length >= 6 && version === 0 && typeHigh === 0xfc && typeLow === 0 && said >= 6 && said <= payload.length;
    if (isGood) expected.push(Uint8Array.from(payload.slice(6, said)));
    else malformed++;
  };
  for (let length = 0; length <= 1500; length++) {
    const rest = [...filled(Math.max(0, length - 6), length)];
    const cut = (start: readonly number[]) => [...start, ...rest].slice(0, length);
    put(cut(header(length)));
    put(cut(header(Math.floor(length / 2)))); // padding behind
    put(cut(header(length + 1))); // more than there is
    put(cut(header(length % 6))); // less than its header
    put(cut(header(length, 1 + (length % 255)))); // another version
    put(cut(header(length, 0, length % 2 === 0 ? 0xfc01 : 0x00fc))); // another type
    put(cut([0, length & 255, ...header(length).slice(2)])); // the second byte says nothing
  }
  putRaw(frames);
  await sleep(50);
  const got = receiveAll(end);
  assert.equal(got.length, expected.length);
  got.forEach(({ content, from: sender }, index) => {
    assert.deepEqual(content, Uint8Array.from(expected[index] ?? []), `frame ${index}`);
    assert.equal(sender, `${macOf('e0')}@e1`);
  });
  assert.equal(counter(end, 'recvMalformed'), malformed);
  assert.ok(malformed > 5000);
  end.engine.close();
}

/** Whose frames come in at all. */
async function whoComesIn(): Promise<void> {
  const [left, right] = [await anEnd(), await anEnd('e1')];
  const to = bytesOf(macOf('e1'));
  const from = bytesOf(macOf('e0'));
  const content = [...header(10), 1, 2, 3, 4];
  const everybody = [255, 255, 255, 255, 255, 255];
  putRaw([
    [...link(everybody, from), ...content],
    [...link([0x33, 0x33, 0, 0, 0, 1], from), ...content],
    [...link([2, 9, 9, 9, 9, 9], from), ...content], // somebody else
    [...to, ...from, 0x08, 0x00, ...content], // another protocol
    [...link(to, everybody), ...content], // from nobody
    [...link(to, [0, 0, 0, 0, 0, 0]), ...content],
    [...link(to, [3, 0, 0, 0, 0, 1]), ...content],
  ]);
  await sleep(20);
  assert.equal(receiveAll(right).length, 0);
  assert.equal(counter(right, 'recvUnwelcome'), 3);
  putRaw([[...link(to, from), ...content]]);
  await sleep(20);
  assert.equal(receiveAll(left).length, 0, 'not welcome by e1');
  assert.equal(receiveAll(right).length, 1);
  right.ethernet.welcome([]);
  putRaw([[...link(to, from), ...content]]);
  await sleep(20);
  assert.equal(receiveAll(right).length, 0, 'welcome no more');
  const slot = right.engine.endpoint(right.socket, { host: `${macOf('e0')}@e1`, port: 0 });
  putRaw([
    [...link(to, from), ...content],
    [...link(to, [2, 0, 0, 0, 0, 9]), ...content],
  ]);
  await sleep(20);
  const known = receiveAll(right);
  assert.deepEqual(
    known.map((one) => one.slot),
    [slot],
    'whom we dial is heard, another there is not',
  );
  right.ethernet.welcome(Array.from({ length: 600 }, (_, index) => `none${index}`));
  right.ethernet.welcome(['e1']);
  putRaw([[...link(to, [2, 0, 0, 0, 0, 9]), ...content]]);
  await sleep(20);
  assert.equal(receiveAll(right).length, 1, 'devices that are not there took no place for good');
  for (const { engine } of [left, right]) engine.close();
}

/** Which texts are endpoints. */
async function endpoints(): Promise<void> {
  const { engine, socket } = await anEnd();
  const at = (host: string, port = 0) => engine.endpoint(socket, { host, port });
  const slot = at('02:00:00:00:00:01@e0');
  assert.notEqual(slot, null);
  assert.equal(at('02:00:00:00:00:01@e0'), slot);
  assert.notEqual(at('02:00:00:00:00:01@e1'), slot);
  assert.notEqual(at('02:00:00:00:00:01@later'), null, 'a device may come later');
  for (const host of [
    'ff:ff:ff:ff:ff:ff@e0',
    '01:00:00:00:00:01@e0',
    '00:00:00:00:00:00@e0',
    '02:00:00:00:00:01',
    '@e0',
    'e0',
    '',
  ])
    assert.equal(at(host), null, host);
  for (const host of [
    '02:00:00:00:00:01@',
    '02:00:00:00:00:0g@e0',
    '02-00-00-00-00-01@e0',
    `02:00:00:00:00:01@${'x'.repeat(16)}`,
  ])
    assert.equal(at(host), null, host);
  for (const host of [
    '192.0.2.1',
    '::1',
    '2:0:0:0:0:1@e0',
    '02:00:00:00:00:01 @e0',
    '02:00:00:00:00:01@e0'.slice(0, 18),
  ])
    assert.equal(at(host), null, host);
  assert.equal(at('02:00:00:00:00:01@e0', 1), null);
  const udp = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  assert.equal(engine.endpoint(udp, { host: '02:00:00:00:00:01@e0', port: 1 }), null);
  assert.equal(engine.boundPort(socket), 0);
  engine.close();
}

/** Vectors there and back; what is too long; a device that goes down, goes away and comes back. */
async function vectors(): Promise<void> {
  const [left, right] = [await anEnd('e0'), await anEnd('e1')];
  const toRight = { host: `${macOf('e1')}@e0`, port: 0 };
  const slot = left.engine.endpoint(left.socket, toRight) ?? -1;
  for (let first = 1; first <= MOST_CONTENT; first += 80) {
    const sizes = Array.from({ length: 80 }, (_, index) => Math.min(first + index, MOST_CONTENT));
    assert.equal(
      send(
        left,
        slot,
        sizes.map((size) => filled(size)),
      ),
      sizes.length,
    );
    const got = receiveAll(right);
    assert.deepEqual(
      got.map(({ content }) => content.length),
      sizes,
    );
    for (const { content } of got) assert.deepEqual(content, filled(content.length));
  }
  assert.ok(counter(left, 'sendCalls') < 60, 'in vectors');
  const back = right.engine.endpoint(right.socket, { host: `${macOf('e0')}@e1`, port: 0 }) ?? -1;
  send(right, back, [filled(9)]);
  assert.deepEqual(
    receiveAll(left).map((one) => one.slot),
    [slot],
    'known by its slot',
  );
  const before = counter(left, 'sendErrors');
  assert.equal(send(left, slot, [filled(MOST_CONTENT + 1), filled(8)]), 2);
  assert.equal(counter(left, 'sendErrors'), before + 1, 'longer than anybody takes');
  assert.equal(receiveAll(right).length, 1);
  ip('link', 'set', 'e0', 'mtu', '1000');
  assert.equal(send(left, slot, [filled(995), filled(994)]), 2);
  assert.deepEqual(
    receiveAll(right).map(({ content }) => content.length),
    [994],
    'what the device carries',
  );
  ip('link', 'set', 'e0', 'mtu', '1500');
  ip('link', 'set', 'e0', 'down');
  assert.equal(send(left, slot, [filled(8), filled(9)]), 2, 'dealt with');
  ip('link', 'set', 'e0', 'up');
  await eventually(() => (shown('e0').operstate === 'UP' ? true : null));
  assert.equal(send(left, slot, [filled(8)]), 1);
  assert.equal(receiveAll(right).length, 1, 'down and up');
  const [mac0, mac1] = [macOf('e0'), macOf('e1')];
  ip('link', 'del', 'e0');
  assert.equal(send(left, slot, [filled(8)]), 1);
  const errors = counter(left, 'sendErrors');
  assert.equal(errors, before + 5);
  ip('link', 'add', 'other', 'type', 'bridge');
  cable();
  ip('link', 'set', 'e0', 'address', mac0);
  ip('link', 'set', 'e1', 'address', mac1);
  assert.equal(send(left, slot, [filled(8), filled(9)]), 2);
  assert.equal(counter(left, 'sendErrors'), errors, 'another number of the kernel, the same device');
  assert.deepEqual(
    receiveAll(right).map((one) => [one.from, one.slot, one.content.length]),
    [
      [`${mac0}@e1`, back, 8],
      [`${mac0}@e1`, back, 9],
    ],
  );
  for (const { engine } of [left, right]) engine.close();
}

/** Beacons: what is given, what is counted, and what is not for them. */
async function beacons(): Promise<void> {
  const [left, right] = [await anEnd(), await anEnd('e1')];
  const [here, there] = [await left.ethernet.openBeacons(), await right.ethernet.openBeacons()];
  assert.equal(await right.ethernet.openBeacons(), there);
  let readable = 0;
  there.watch(() => void readable++);
  assert.equal(here.send(indexOf('e0'), filled(56)), true);
  await eventually(() => (readable > 0 ? true : null));
  const [beacon] = there.receive();
  assert.deepEqual(
    { ...beacon, content: Uint8Array.from(beacon?.content ?? []) },
    { deviceIndex: indexOf('e1'), device: 'e1', mac: macOf('e0'), content: filled(56) },
  );
  assert.deepEqual(receiveAll(right), [], 'no packet');
  const from = bytesOf(macOf('e0'));
  const everybody = [255, 255, 255, 255, 255, 255];
  putRaw([
    [...link(everybody, from), ...header(6)],
    [...link(everybody, from), ...header(70), 1, 2],
    [...link(everybody, [1, 0, 0, 0, 0, 1]), ...header(6)],
    [...link(bytesOf(macOf('e1')), from), ...header(6)],
  ]);
  await sleep(20);
  assert.deepEqual(
    everything(there).map(({ content }) => content.length),
    [0],
  );
  assert.equal(counter(right, 'recvMalformed'), 2);
  for (let index = 0; index < 40; index++) here.send(indexOf('e0'), filled(10, index));
  assert.equal(there.receive().length, 32, 'at most so many at once');
  assert.equal(there.receive().length, 8);
  for (let index = 0; index < 5000; index++) here.send(indexOf('e0'), filled(10, index));
  const kept = everything(there).length;
  assert.ok(kept > 32 && kept < 1000, `${kept} of a flood were kept`);
  assert.equal(here.send(999, filled(56)), false, 'no such device');
  ip('link', 'set', 'e0', 'down');
  assert.equal(here.send(indexOf('e0'), filled(56)), false, 'down');
  assert.throws(() => here.send(indexOf('e0'), filled(MOST_CONTENT + 1)), { code: 'ERR_ARGUMENT' });
  for (const { engine } of [left, right]) engine.close();
  assert.deepEqual(there.receive(), []);
  assert.equal(here.send(1, filled(1)), false);
}

function everything(port: BeaconPort) {
  const all: ReturnType<BeaconPort['receive']>[number][] = [];
  for (let some = port.receive(); some.length > 0; some = port.receive()) all.push(...some);
  return all;
}

/** Without the right to. */
async function asNobody(): Promise<void> {
  const { engine, socket, ethernet } = await anEnd('e1');
  const mac = macOf('e1');
  const late = createNativeEngine(theAddon(), {
    arena: { tunSlots: 1, receiveSlots: 2, outputSlots: 2, descriptors: 8 },
  });
  theAddon().dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: false });
  theAddon().confine();
  await assert.rejects(async () => late.ethernet?.open(), { code: 'ERR_PERMISSION', remedy: /CAP_NET_RAW/ });
  await assert.rejects(async () => late.ethernet?.openBeacons(), { code: 'ERR_PERMISSION' });
  const slot = engine.endpoint(socket, { host: `${mac}@e0`, port: 0 }) ?? -1;
  const end = { engine, ethernet, socket };
  assert.equal(send(end, slot, [filled(20)]), 1);
  assert.equal(receiveAll(end).length, 1, 'what was opened before works on');
  engine.close();
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  everyLength,
  whoComesIn,
  endpoints,
  vectors,
  beacons,
  asNobody,
};
cable();
await SCENARIOS[process.argv[2] ?? '']?.();
process.stdout.write('done\n');
process.exit(0);
