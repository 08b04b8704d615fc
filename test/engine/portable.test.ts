import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import fc from 'fast-check';
import t from 'tap';
import { createPortableEngine } from '../../src/engine/index.ts';
import { descriptor, type Engine } from '../../src/packet/index.ts';
import { eventually, get, packetOf, set } from './native-setup.ts';

const { OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT, FRAME_OVERHEAD } = descriptor;
const LOCAL = { host: '127.0.0.1', port: 0 };

async function anEngine(t: { teardown: (run: () => void) => unknown }): Promise<Engine> {
  const engine = await createPortableEngine({ tunSlots: 2, receiveSlots: 4, outputSlots: 16, descriptors: 96 });
  t.teardown(() => engine.close());
  return engine;
}

/** The frame by another implementation (protocol 02 §2.2). */
function sealed(key: Uint8Array, data: Uint8Array, counter: number, nonceOffset: number): Uint8Array {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(nonceOffset, counter, true);
  const out = new Uint8Array(FRAME_OVERHEAD + data.length);
  new DataView(out.buffer).setUint32(0, counter);
  out.set(xsalsa20poly1305(key, nonce).encrypt(data), 4);
  return out;
}

t.test('random vectors are sealed as protocol 02 has it, and opened again', async (t) => {
  const engine = await anEngine(t);
  const { arena } = engine;
  const frame = fc.record({
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    data: fc.uint8Array({ maxLength: 1500 }),
    counter: fc.nat(0xffffffff),
    nonceOffset: fc.constantFrom<0 | 4>(0, 4),
  });
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 16 }), (vector) => {
      vector.forEach(({ key, data, counter, nonceOffset }, index) => {
        const offset = arena.outputStart + index * 2048 + 64;
        engine.setKey(index, key, nonceOffset);
        arena.bytes.set(data, offset + FRAME_OVERHEAD);
        const length = data.length + FRAME_OVERHEAD;
        set(arena, index, { [OFFSET]: offset, [LENGTH]: length, [KEY]: index, [NONCE]: counter | 0, [RESULT]: 9 });
      });
      engine.seal(0, vector.length);
      vector.forEach(({ key, data, counter, nonceOffset }, index) => {
        assert.equal(get(arena, index, RESULT), 0);
        assert.deepEqual(packetOf(arena, index), sealed(key, data, counter, nonceOffset));
        set(arena, index, { [NONCE]: 0, [RESULT]: 9 });
      });
      engine.open(0, vector.length);
      vector.forEach(({ data, counter }, index) => {
        assert.equal(get(arena, index, RESULT), 0);
        assert.equal(get(arena, index, NONCE) >>> 0, counter);
        assert.deepEqual(packetOf(arena, index).subarray(FRAME_OVERHEAD), data);
      });
    }),
    { numRuns: 20 },
  );
  t.pass();
});

t.test('a frame with one changed bit is refused and stays as it is', async (t) => {
  const engine = await anEngine(t);
  const { arena } = engine;
  const key = new Uint8Array(32).fill(7);
  const frame = sealed(key, new Uint8Array(50).fill(3), 5, 0);
  engine.setKey(0, key, 0);
  for (let byte = 0; byte < frame.length; byte++) {
    const changed = frame.slice();
    changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8));
    arena.bytes.set(changed, arena.outputStart);
    set(arena, 0, { [OFFSET]: arena.outputStart, [LENGTH]: changed.length, [KEY]: 0, [RESULT]: 0 });
    engine.open(0, 1);
    assert(get(arena, 0, RESULT) < 0);
    assert.deepEqual(packetOf(arena, 0), changed);
  }
  t.pass();
});

t.test('an empty descriptor is skipped, a short frame and a cleared key are refused', async (t) => {
  const engine = await anEngine(t);
  const { arena } = engine;
  engine.setKey(0, new Uint8Array(32), 0);
  for (const work of [engine.seal, engine.open]) {
    for (let length = 0; length < FRAME_OVERHEAD; length++) {
      set(arena, 0, { [OFFSET]: 0, [LENGTH]: length, [KEY]: 0, [RESULT]: 1 });
      work(0, 1);
      assert(length === 0 ? get(arena, 0, RESULT) === 1 : get(arena, 0, RESULT) < 0);
    }
  }
  set(arena, 0, { [OFFSET]: 0, [LENGTH]: 40, [KEY]: 0 });
  engine.clearKey(0);
  engine.clearKey(77);
  engine.seal(0, 1);
  t.ok(get(arena, 0, RESULT) < 0);
  t.notOk(arena.bytes.some((byte) => byte !== 0));
});

t.test('the engine keeps a copy of a key', async (t) => {
  const engine = await anEngine(t);
  const key = new Uint8Array(32).fill(9);
  engine.setKey(0, key, 0);
  key.fill(0);
  set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: 30, [KEY]: 0, [NONCE]: 4 });
  engine.seal(0, 1);
  t.same(packetOf(engine.arena, 0), sealed(new Uint8Array(32).fill(9), new Uint8Array(10), 4, 0));
});

t.test('packets go over loopback, strangers have slot -1 and an address, known ones their slot', async (t) => {
  const engine = await anEngine(t);
  const { arena } = engine;
  const [a, b] = [await engine.openUdp(LOCAL), await engine.openUdp(LOCAL)];
  const toB = engine.endpoint(a, { ...LOCAL, port: engine.boundPort(b) });
  assert(toB !== null);
  t.equal(engine.endpoint(a, { ...LOCAL, port: engine.boundPort(b) }), toB);
  const send = (text: string) => {
    arena.bytes.set(Buffer.from(text), arena.outputStart);
    set(arena, 0, { [OFFSET]: arena.outputStart, [LENGTH]: text.length, [ENDPOINT]: toB });
    return engine.send(0, 1);
  };
  t.equal(send('first'), 1);
  t.equal(await eventually(() => engine.recv(b, 5, 3) || null), 1);
  t.equal(Buffer.from(packetOf(arena, 5)).toString(), 'first');
  t.same([get(arena, 5, ENDPOINT), get(arena, 5, SOCKET)], [-1, b]);
  t.same(engine.sender(5), { host: '127.0.0.1', port: engine.boundPort(a) });
  const fromA = engine.endpoint(b, engine.sender(5));
  send('second');
  await eventually(() => engine.recv(b, 5, 3) || null);
  t.equal(get(arena, 5, ENDPOINT), fromA);
  assert(fromA !== null);
  engine.forgetEndpoint(fromA);
  engine.forgetEndpoint(fromA);
  send('third');
  await eventually(() => engine.recv(b, 5, 3) || null);
  t.equal(get(arena, 5, ENDPOINT), -1);
  t.equal(engine.endpoint(b, { ...LOCAL, port: 9 }), fromA, 'the number is given out again');
});

t.test('an IPv6 peer is known by its address however it was written', async (t) => {
  const engine = await anEngine(t);
  const [a, b] = [await engine.openUdp({ host: '::1', port: 0 }), await engine.openUdp({ host: '::1', port: 0 })].map(
    Number,
  );
  assert(a !== undefined && b !== undefined);
  const port = engine.boundPort(b);
  const slot = engine.endpoint(a, { host: '0:0:0:0:0:0:0:1', port });
  t.equal(engine.endpoint(a, { host: '::1', port }), slot);
  t.equal(engine.endpoint(a, { host: '::0001', port }), slot);
  const back = engine.endpoint(b, { host: '0::1', port: engine.boundPort(a) });
  set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: 10, [ENDPOINT]: slot ?? -1 });
  engine.send(0, 1);
  await eventually(() => engine.recv(b, 5, 1) || null);
  t.equal(get(engine.arena, 5, ENDPOINT), back);
});

t.test('what is no address of the socket has no slot', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  for (const to of [
    { host: '::1', port: 1 },
    { host: 'example.net', port: 1 },
    { host: '', port: 1 },
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 65_536 },
  ]) {
    t.equal(engine.endpoint(socket, to), null, `${to.host} ${to.port}`);
  }
  t.equal(engine.endpoint(9, { host: '127.0.0.1', port: 1 }), null);
});

t.test('a port in use and a foreign address are said in one sentence with a remedy', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  const port = engine.boundPort(socket);
  await t.rejects(engine.openUdp({ ...LOCAL, port }), { code: 'ERR_PORT_IN_USE', message: /in use/ });
  await t.rejects(engine.openUdp({ host: '203.0.113.7', port: 0 }), {
    code: 'ERR_NO_ADDRESS',
    message: /203\.0\.113\.7/,
  });
  t.throws(() => engine.openTun({ name: 'x', address: new Uint8Array(16), prefixLength: 8, mtu: 1304 }), {
    code: 'ERR_UNSUPPORTED',
  });
  t.same([engine.readTun(0, 1), engine.writeTun(0, 1), engine.kind], [0, 0, 'portable']);
});

t.test('readiness is told once there is something, not while paused, and again until all is read', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  let calls = 0;
  let received = 0;
  engine.watch(socket, (readable) => {
    calls++;
    assert(readable);
    received += engine.recv(socket, 0, 2);
  });
  engine.pause(socket, true);
  for (let i = 0; i < 5; i++) sender.send(Uint8Array.of(i), engine.boundPort(socket), '127.0.0.1');
  await sleep(50);
  t.equal(calls, 0);
  engine.pause(socket, false);
  await eventually(() => (received === 5 ? true : null));
  t.ok(calls >= 3, 'two at a time');
  engine.watch('tun', () => t.fail('there is no TUN'));
  engine.pause('tun', true);
  t.equal(engine.recv(99, 0, 1), 0);
});

t.test('what nobody reads is dropped beyond a bound', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  const port = engine.boundPort(socket);
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 50; i++) sender.send(Uint8Array.of(i), port, '127.0.0.1');
    await sleep(2);
  }
  await eventually(() => (Number(engine.describe().queue_full ?? 0) > 0 ? true : null));
  let waiting = 0;
  for (let got = engine.recv(socket, 0, 4); got > 0; got = engine.recv(socket, 0, 4)) waiting += got;
  t.ok(waiting <= 1_024 && waiting > 900, `${waiting}`);
});

t.test('hostile descriptors never throw', async (t) => {
  const engine = await anEngine(t);
  const { arena } = engine;
  await engine.openUdp(LOCAL);
  engine.setKey(0, new Uint8Array(32), 0);
  const edges = fc.constantFrom(-(2 ** 31), -1, 0, 1, 19, 20, arena.bytes.length - 1, arena.bytes.length, 2 ** 31 - 1);
  const field = fc.oneof(edges, fc.integer());
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 8, maxLength: 8 }), { minLength: 96, maxLength: 96 }),
      (table) => {
        arena.descriptors.set(table.flat());
        engine.seal(0, 96);
        arena.descriptors.set(table.flat());
        engine.open(0, 96);
        engine.send(0, 96);
        engine.recv(0, 0, 96);
      },
    ),
    { numRuns: 20 },
  );
  t.pass();
});

t.test('a packet that cannot be sent is counted, and the vector goes on', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  const to = engine.endpoint(socket, { ...LOCAL, port: engine.boundPort(socket) });
  set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: 65_536, [ENDPOINT]: to ?? -1 });
  set(engine.arena, 1, { [OFFSET]: 0, [LENGTH]: 10, [ENDPOINT]: 1_000 });
  set(engine.arena, 2, { [OFFSET]: 0, [LENGTH]: 12, [ENDPOINT]: to ?? -1 });
  t.equal(engine.send(0, 3), 3);
  t.equal(await eventually(() => engine.recv(socket, 5, 3) || null), 1);
  t.equal(get(engine.arena, 5, LENGTH), 12);
  t.match(engine.describe(), { crypto: 'noble', send_refused: 1, send_error: 1 });
});

t.test('closing twice is harmless, and nothing is received afterwards', async (t) => {
  const engine = await anEngine(t);
  const socket = await engine.openUdp(LOCAL);
  engine.close();
  engine.close();
  t.equal(engine.recv(socket, 0, 1), 0);
  t.equal(engine.boundPort(socket), 0);
});
