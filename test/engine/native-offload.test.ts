import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Offload } from '../../src/engine/index.ts';
import { descriptor, type Engine } from '../../src/packet/index.ts';
import { anEngine, eventually, get, skip as notBuilt, packetOf, set } from './native-setup.ts';

const { OFFSET, LENGTH, ENDPOINT } = descriptor;

const isRoot = process.getuid?.() === 0;
const needsTun = notBuilt || (!isRoot && 'needs root') || (!existsSync('/dev/net/tun') && 'needs /dev/net/tun');

/** A name and addresses that no other test run uses. */
const id = process.pid & 0xffff;
const name = `fco${id}`;
const own = `fc78:${id.toString(16)}::1`;
const other = `fc78:${id.toString(16)}::2`;
const address = new Uint8Array([0xfc, 0x78, id >> 8, id & 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const options = { name, address, prefixLength: 64, mtu: 1304 };
const arena = { tunSlots: 128, receiveSlots: 64, outputSlots: 128, descriptors: 256 };

/**
 * Throws every packet back with source and destination exchanged (checksums stay right), so that this machine talks to
 * itself through the device. @param count descriptors of a vector
 */
function mirror(engine: Engine, count: number): void {
  const { bytes } = engine.arena;
  engine.watch('tun', () => {
    for (let round = 0; round < 2; round++) {
      const done = engine.readTun(0, count);
      for (let index = 0; index < done; index++) {
        const at = get(engine.arena, index, OFFSET);
        if (get(engine.arena, index, LENGTH) > 1304) throw new Error('a packet is longer than the MTU');
        const source = bytes.slice(at + 8, at + 24);
        bytes.copyWithin(at + 8, at + 24, at + 40);
        bytes.set(source, at + 24);
      }
      engine.writeTun(0, done);
      if (done < count) return;
    }
  });
}

/** Sends `data` over TCP through the mirror, writes of random sizes; gives what arrived. */
async function throughTcp(t: { teardown: (run: () => void) => unknown }, data: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, own, resolve));
  const arrived = new Promise<void>((resolve, reject) => {
    server.once('connection', (socket) => {
      socket.on('data', (part) => parts.push(part));
      socket.once('error', reject);
      socket.once('end', () => {
        socket.end();
        resolve();
      });
    });
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  const client = connect({ host: other, port: at.port });
  await new Promise<void>((resolve, reject) => client.once('connect', resolve).once('error', reject));
  for (let done = 0; done < data.length; ) {
    const part = data.subarray(done, done + 1 + (randomBytes(3).readUIntBE(0, 3) % 100_000));
    if (!client.write(part)) await new Promise<void>((resolve) => client.once('drain', resolve));
    done += part.length;
  }
  client.end();
  await arrived;
  client.destroy();
  return Buffer.concat(parts);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

for (const { title, without, count } of [
  { title: 'a TCP stream survives splitting and joining', without: [], count: 128 },
  { title: 'the same where the kernel cannot join datagrams', without: ['tunUdpOffload'], count: 128 },
  { title: 'vectors smaller than a frame are continued, also when nothing more arrives', without: [], count: 7 },
  { title: 'without offload each packet goes alone', without: ['tunOffload'], count: 128 },
] as const satisfies readonly { title: string; without: readonly Offload[]; count: number }[]) {
  t.test(title, { skip: needsTun }, async (t) => {
    const offload = !without.some((one) => one === 'tunOffload');
    const engine = anEngine(t, { arena, without });
    engine.openTun(options);
    mirror(engine, count);
    const data = randomBytes(offload ? 6_000_000 : 1_000_000);
    t.equal(sha256(await throughTcp(t, data)), sha256(data));
    const { tunOffload, tunUdpOffload, tunSplit, tunSplitRefused, tunJoined, tunTooLong, tunRead, tunWritten } =
      engine.describe();
    t.equal(tunOffload, offload);
    if (without.length > 0) t.equal(tunUdpOffload, false);
    t.same([tunSplitRefused, tunTooLong], [0, 0]);
    t.equal(tunRead, tunWritten);
    if (offload) {
      t.ok(Number(tunSplit) > 2000, `${tunSplit} packets came in larger frames`);
      t.ok(Number(tunJoined) > 1000, `${tunJoined} went in larger frames`);
    } else {
      t.same([tunSplit, tunJoined], [0, 0]);
    }
  });
}

t.test('datagrams pass the device one by one, whatever it joins', { skip: needsTun }, async (t) => {
  const engine = anEngine(t, { arena });
  engine.openTun(options);
  mirror(engine, 128);
  const [sender, receiver] = [createSocket('udp6'), createSocket('udp6')];
  t.teardown(() => [sender, receiver].map((socket) => socket.close()));
  await new Promise<void>((resolve) => receiver.bind(0, own, resolve));
  await new Promise<void>((resolve) => sender.bind(0, own, resolve));
  const got: string[] = [];
  receiver.on('message', (message) => got.push(message.toString('hex')));
  const sent = Array.from({ length: 60 }, (_, index) => randomBytes(index % 10 === 9 ? 100 : 1000));
  // The kernel may drop datagrams of a burst on a busy machine; it may not change, join or reorder what it lets through.
  for (let tries = 0; tries < 5 && got.length < sent.length; tries++) {
    got.length = 0;
    for (const message of sent) sender.send(message, receiver.address().port, other);
    await eventually(() => (got.length === sent.length ? true : null)).catch(() => undefined);
  }
  t.same(
    got,
    sent.map((message) => message.toString('hex')),
  );
});

/** Sets up `count` packets of `length(index)` bytes for `endpoint`. */
function fill(engine: Engine, count: number, endpoint: number, length: (index: number) => number): void {
  for (let index = 0; index < count; index++) {
    const offset = engine.arena.outputStart + index * 2048;
    engine.arena.bytes.fill(index + 1, offset, offset + length(index));
    set(engine.arena, index, { [OFFSET]: offset, [LENGTH]: length(index), [ENDPOINT]: endpoint });
  }
}

for (const at of ['127.0.0.1', '::1']) {
  t.test(`trains over ${at} arrive packet by packet, in order`, { skip: notBuilt }, async (t) => {
    const engine = anEngine(t, { arena });
    const from = await engine.openUdp({ host: at, port: 0 });
    const to = await engine.openUdp({ host: at, port: 0 });
    const endpoint = engine.endpoint(from, { host: at, port: engine.boundPort(to) }) ?? -1;
    if (!engine.describe().udpOffload) return t.comment('this kernel has no UDP_SEGMENT or UDP_GRO');
    const length = (index: number) => [1300, 1300, 1300, 700, 700, 64][Math.floor(index / 20)] ?? 1;
    for (const vector of [128, 5, 1]) {
      fill(engine, 128, endpoint, length);
      t.equal(engine.send(0, 128), 128);
      let seen = 0;
      await eventually(() => {
        for (let done = -1; done !== 0; ) {
          done = engine.recv(to, 128, vector);
          for (let index = 0; index < done; index++, seen++) {
            const packet = packetOf(engine.arena, 128 + index);
            if (packet.length !== length(seen)) throw new Error(`packet ${seen} has another length`);
            if (packet.some((byte) => byte !== seen + 1)) throw new Error(`packet ${seen} is wrong`);
          }
        }
        return seen === 128 ? true : null;
      });
    }
    const { sent, sentJoined, recvJoined, recvTooLong } = engine.describe();
    t.equal(sent, 3 * 128);
    t.ok(Number(sentJoined) > 300, `${sentJoined} were sent in trains`);
    t.ok(Number(recvJoined) > 300, `${recvJoined} were received in trains`);
    t.equal(recvTooLong, 0);
  });
}

t.test('what is left of a train is reported though the socket is empty', { skip: notBuilt }, async (t) => {
  const engine = anEngine(t, { arena });
  const from = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const to = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const endpoint = engine.endpoint(from, { host: '127.0.0.1', port: engine.boundPort(to) }) ?? -1;
  if (!engine.describe().udpOffload) return t.comment('this kernel has no UDP_SEGMENT or UDP_GRO');
  fill(engine, 40, endpoint, () => 1000);
  let seen = 0;
  let calls = 0;
  engine.watch(to, () => {
    calls++;
    seen += engine.recv(to, 128, 8);
    if (seen === 16) engine.pause(to, true);
  });
  engine.send(0, 40);
  await eventually(() => (seen === 16 ? true : null));
  await sleep(20);
  t.equal(seen, 16, 'and held back while it is paused');
  engine.pause(to, false);
  await eventually(() => (seen === 40 ? true : null));
  await sleep(20);
  t.ok(calls <= 7, `${calls} calls`);
});

t.test('two sockets with trains left over do not overwrite each other', { skip: notBuilt }, async (t) => {
  const engine = anEngine(t, { arena: { ...arena, receiveSlots: 4 } });
  const from = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const sockets = [
    await engine.openUdp({ host: '127.0.0.1', port: 0 }),
    await engine.openUdp({ host: '127.0.0.1', port: 0 }),
  ];
  for (const [number, to] of sockets.entries()) {
    const endpoint = engine.endpoint(from, { host: '127.0.0.1', port: engine.boundPort(to) }) ?? -1;
    fill(engine, 100, endpoint, () => 600);
    for (let index = 0; index < 100; index++) {
      const offset = engine.arena.outputStart + index * 2048;
      engine.arena.bytes[offset] = number;
    }
    t.equal(engine.send(0, 100), 100);
  }
  const seen = [0, 0];
  await eventually(() => {
    for (let step = 0; step < 20; step++) {
      for (const [number, to] of sockets.entries()) {
        const done = engine.recv(to, 128, 7);
        for (let index = 0; index < done; index++) {
          const packet = packetOf(engine.arena, 128 + index);
          const wanted = (seen[number] ?? 0) + 1;
          if (packet[0] !== number || packet[1] !== wanted || packet[599] !== wanted) throw new Error('overwritten');
          seen[number] = wanted;
        }
      }
    }
    return seen[0] === 100 && seen[1] === 100 ? true : null;
  });
  t.same(seen, [100, 100]);
});

t.test('where a train is refused its packets go alone', { skip: needsTun }, async (t) => {
  const engine = anEngine(t, { arena });
  engine.openTun({ ...options, mtu: 1280 });
  const from = await engine.openUdp({ host: own, port: 0 });
  const endpoint = engine.endpoint(from, { host: other, port: 9 }) ?? -1;
  // Longer than the MTU: as one message they cannot be cut for this device, alone they are sent as fragments.
  fill(engine, 10, endpoint, () => 1400);
  t.equal(engine.send(0, 10), 10);
  const { sent, sentJoined, sendErrors, sendTrainsRefused } = engine.describe();
  t.same(
    { sent, sentJoined, sendErrors, sendTrainsRefused },
    { sent: 10, sentJoined: 0, sendErrors: 0, sendTrainsRefused: 1 },
  );
  t.equal(engine.send(0, 10), 10);
  t.equal(engine.describe().sendTrainsRefused, 1, 'and it is not tried again at once');
});
