import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { NOT_WRITTEN } from '../../src/engine/native-addon.ts';
import { tunError } from '../../src/engine/native-errors.ts';
import { descriptor, HEADROOM_BYTES, SLOT_BYTES } from '../../src/packet/index.ts';
import { anEngine, eventually, get, skip as notBuilt, packetOf, set } from './native-setup.ts';

const { OFFSET, LENGTH, ENDPOINT, RESULT } = descriptor;

const isRoot = process.getuid?.() === 0;
const skip = notBuilt || (!isRoot && 'needs root') || (!existsSync('/dev/net/tun') && 'needs /dev/net/tun');

/** A name and an address that no other test run uses. */
const id = process.pid & 0xffff;
const name = `fct${id}`;
const text = `fc77:${id.toString(16)}::1`;
const address = new Uint8Array([0xfc, 0x77, id >> 8, id & 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const options = { name, address, prefixLength: 64, mtu: 1304 };

t.test('a device is made with its address, size and queue, and vanishes with the engine', { skip }, async (t) => {
  const engine = anEngine(t, { tunQueuePackets: 777 });
  t.equal(engine.openTun(options), name);
  const found = networkInterfaces()[name]?.filter((entry) => entry.family === 'IPv6');
  t.equal(found?.length, 1, 'no link-local address');
  t.match(found?.[0], { address: text, cidr: `${text}/64` });
  t.equal(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8').trim(), '1304');
  t.equal(readFileSync(`/sys/class/net/${name}/tx_queue_len`, 'utf8').trim(), '777');
  t.throws(() => engine.openTun({ ...options, name: `${name}b` }), { code: 'ERR_UNSUPPORTED' }, 'one device an engine');
  engine.close();
  t.notOk(existsSync(`/sys/class/net/${name}`));
});

t.test('packets go out and come in', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.openTun(options);
  const socket = createSocket('udp6');
  t.teardown(() => socket.close());
  let readable = 0;
  engine.watch('tun', () => void readable++);
  await new Promise<void>((resolve) => socket.bind(0, text, resolve));
  const got = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  const port = socket.address().port;
  socket.send('ping', 7777, `${text.slice(0, -1)}2`);
  await eventually(() => (readable > 0 ? true : null));
  t.equal(engine.readTun(0, 8), 1);
  t.equal(get(engine.arena, 0, OFFSET), engine.arena.tunStart + HEADROOM_BYTES);
  const packet = packetOf(engine.arena, 0);
  t.equal(packet.length, 52);
  t.same(Buffer.from(packet.subarray(48)).toString(), 'ping');
  t.equal(engine.readTun(0, 8), 0);
  // Answer: addresses and ports change places, so the checksum stays right.
  const at = get(engine.arena, 0, OFFSET);
  const answer = Buffer.from(engine.arena.bytes.buffer, at, 52);
  answer.set(packet.subarray(24, 40), 8);
  answer.set(packet.subarray(8, 24), 24);
  answer.writeUInt16BE(7777, 40);
  answer.writeUInt16BE(port, 42);
  set(engine.arena, 0, { [OFFSET]: at, [LENGTH]: 52, [RESULT]: 1 });
  t.equal(engine.writeTun(0, 1), 1);
  t.equal(get(engine.arena, 0, RESULT), 0);
  t.equal((await got).toString(), 'ping');
});

t.test('descriptors have their own slots', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.openTun(options);
  const socket = createSocket('udp6');
  t.teardown(() => socket.close());
  await new Promise<void>((resolve) => socket.bind(0, text, resolve));
  for (let n = 0; n < 3; n++) socket.send(`${n}`, 7777, `${text.slice(0, -1)}2`);
  let done = 6;
  await eventually(() => {
    done += engine.readTun(done, 9 - done);
    return done === 9 ? true : null;
  });
  const offsets = [6, 7, 8].map((index) => (get(engine.arena, index, OFFSET) - HEADROOM_BYTES) / SLOT_BYTES);
  t.same(offsets, [6, 7, 0]);
});

t.test('what the kernel does not take is marked', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.openTun(options);
  set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: 5 });
  set(engine.arena, 1, { [OFFSET]: engine.arena.bytes.length - 4, [LENGTH]: 5 });
  t.equal(engine.writeTun(0, 2), 0);
  t.equal(get(engine.arena, 0, RESULT), NOT_WRITTEN);
  t.equal(engine.describe().tunWriteErrors, 2);
});

t.test('a packet larger than a slot is dropped and counted, not cut off', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.openTun(options);
  execFileSync('ip', ['link', 'set', name, 'mtu', '4000']);
  const socket = createSocket('udp6');
  t.teardown(() => socket.close());
  await new Promise<void>((resolve) => socket.bind(0, text, resolve));
  socket.send(Buffer.alloc(3000), 7777, `${text.slice(0, -1)}2`);
  await eventually(() => (engine.readTun(0, 1) === 1 ? true : null));
  t.equal(get(engine.arena, 0, LENGTH), 0);
  t.equal(engine.describe().tunTooLong, 1);
});

t.test('a full socket stops the vector, and says once when it goes on', { skip }, async (t) => {
  const engine = anEngine(t, { sendBufferBytes: 4096 });
  engine.openTun(options);
  try {
    execFileSync('tc', 'qdisc add dev X root tbf rate 2mbit burst 3000 limit 1000000'.replace('X', name).split(' '));
  } catch {
    t.comment('tc is missing: no slow device can be made');
    return;
  }
  const socket = await engine.openUdp({ host: text, port: 0 });
  const to = engine.endpoint(socket, { host: `${text.slice(0, -1)}2`, port: 7777 }) ?? -1;
  for (let index = 0; index < 96; index++) {
    set(engine.arena, index, { [OFFSET]: engine.arena.outputStart, [LENGTH]: 1200, [ENDPOINT]: to });
  }
  let writable = 0;
  engine.watch(socket, (_, canWrite) => {
    if (canWrite) writable++;
  });
  const stopped = engine.send(0, 96);
  t.ok(stopped > 0 && stopped < 96, `${stopped} were taken`);
  t.equal(engine.describe().sendFull, 1);
  await eventually(() => (writable > 0 ? true : null));
  await sleep(50);
  t.equal(writable, 1);
  t.ok(engine.send(stopped, 1) === 1);
});

t.test('a name in use is said so', { skip }, async (t) => {
  anEngine(t).openTun(options);
  t.throws(() => anEngine(t).openTun(options), { code: 'ERR_TUN_BUSY', message: new RegExp(name) });
  t.throws(() => anEngine(t).openTun({ ...options, name: 'lo' }), { code: 'ERR_UNSUPPORTED' });
  t.throws(() => anEngine(t).openTun({ ...options, name: 'much-too-long-name' }), { code: 'ERR_UNSUPPORTED' });
  t.throws(() => anEngine(t).openTun({ ...options, mtu: 1279 }), { code: 'ERR_UNSUPPORTED', remedy: /1280/ });
  t.throws(() => anEngine(t).openTun({ ...options, mtu: 1985 }), { code: 'ERR_UNSUPPORTED' });
});

t.test('each cause has its code and a remedy', async (t) => {
  const cases = [
    ['ENOENT', 'open', 'ERR_NO_TUN', /modprobe tun/],
    ['EPERM', 'open', 'ERR_PERMISSION', /--device/],
    ['EPERM', 'TUNSETIFF', 'ERR_PERMISSION', /root/],
    ['EBUSY', 'TUNSETIFF', 'ERR_TUN_BUSY', /tun\.name/],
    ['EACCES', 'RTM_NEWADDR', 'ERR_UNSUPPORTED', /disable_ipv6/],
    ['ENODEV', 'SIOCSIFMTU', 'ERR_UNSUPPORTED', /mtu/],
  ] as const;
  for (const [code, syscall, expected, remedy] of cases) {
    t.match(tunError(Object.assign(new Error('x'), { code, syscall }), options), { code: expected, remedy });
  }
});
