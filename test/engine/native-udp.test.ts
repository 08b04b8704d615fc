import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { descriptor, type Engine } from '../../src/packet/index.ts';
import { anEngine, eventually, get, packetOf, set, skip } from './native-setup.ts';

const { OFFSET, LENGTH, ENDPOINT, SOCKET, SOCKET_NUMBER, OWN_ADDRESS } = descriptor;

const isRoot = process.getuid?.() === 0;

/** Fills descriptor `index` with a packet of `length` bytes for `endpoint`. */
function put(engine: Engine, index: number, length: number, endpoint: number): void {
  const offset = engine.arena.outputStart + (index % 64) * 2048;
  engine.arena.bytes.fill(index + 1, offset, offset + length);
  set(engine.arena, index, { [OFFSET]: offset, [LENGTH]: length, [ENDPOINT]: endpoint });
}

/** Receives until `wanted` packets are there, from descriptor 0 on. */
async function receive(engine: Engine, socket: number, wanted: number): Promise<void> {
  let done = 0;
  await eventually(() => {
    done += engine.recv(socket, done, wanted - done);
    return done === wanted ? done : null;
  });
}

for (const address of ['127.0.0.1', '::1']) {
  t.test(`two sockets on ${address} exchange vectors, and know each other`, { skip }, async (t) => {
    const engine = anEngine(t);
    const a = await engine.openUdp({ host: address, port: 0 });
    const b = await engine.openUdp({ host: address, port: 0 });
    const toB = engine.endpoint(a, { host: address, port: engine.boundPort(b) });
    const fromA = engine.endpoint(b, { host: address, port: engine.boundPort(a) });
    if (toB === null) throw new Error('no endpoint');
    t.equal(engine.endpoint(a, { host: address, port: engine.boundPort(b) }), toB, 'the same address has one slot');
    for (let index = 0; index < 16; index++) put(engine, index, 100 + index, toB);
    t.equal(engine.send(0, 16), 16);
    await receive(engine, b, 16);
    for (let index = 0; index < 16; index++) {
      t.equal(get(engine.arena, index, ENDPOINT), fromA);
      t.equal(get(engine.arena, index, SOCKET), b);
      t.same(packetOf(engine.arena, index), new Uint8Array(100 + index).fill(index + 1));
    }
    t.equal(engine.recv(b, 0, 16), 0);
  });
}

t.test('an unknown sender has no slot until it gets one, and none after it is forgotten', { skip }, async (t) => {
  const engine = anEngine(t);
  const other = anEngine(t);
  const at = { host: '127.0.0.1', port: 0 };
  const [here, there] = [await engine.openUdp(at), await other.openUdp(at)];
  const to = other.endpoint(there, { host: '127.0.0.1', port: engine.boundPort(here) });
  const from = { host: '127.0.0.1', port: other.boundPort(there) };
  put(other, 0, 5, to ?? -1);
  const arrive = async () => {
    t.equal(other.send(0, 1), 1);
    await receive(engine, here, 1);
    return get(engine.arena, 0, ENDPOINT);
  };
  t.equal(await arrive(), -1);
  t.same(engine.sender(0), from);
  const slot = engine.endpoint(here, from);
  t.equal(await arrive(), slot);
  engine.forgetEndpoint(slot ?? -1);
  engine.forgetEndpoint(slot ?? -1);
  engine.forgetEndpoint(12345);
  t.equal(await arrive(), -1);
  t.throws(() => engine.sender(50), { code: 'ERR_ARGUMENT' });
  t.throws(() => engine.sender(-1), { code: 'ERR_ARGUMENT' });
});

for (const isTrain of [false, true])
  t.test(
    `an answer leaves from the address that was asked${isTrain ? ', in trains, too' : ''}`,
    { skip },
    async (t) => {
      const engine = anEngine(t);
      const everywhere = await engine.openUdp({ host: '0.0.0.0', port: 0 });
      const port = engine.boundPort(everywhere);
      // A connected socket hears nobody else; the kernel would answer 127.0.0.1 from 127.0.0.1.
      const asking = createSocket('udp4').bind(0, '127.0.0.1');
      t.teardown(() => asking.close());
      await once(asking, 'listening');
      asking.connect(port, '127.0.0.2');
      await once(asking, 'connect');
      let heard = 0;
      asking.on('message', () => void heard++);
      asking.send('question');
      await receive(engine, everywhere, 1);
      const field = get(engine.arena, 0, SOCKET);
      t.equal(field & SOCKET_NUMBER, everywhere);
      t.not(field & OWN_ADDRESS, 0);
      const to = engine.endpoint(everywhere, engine.sender(0)) ?? -1;
      const count = isTrain ? 32 : 1;
      const answer = (own: number): void => {
        for (let index = 0; index < count; index++) {
          put(engine, index, 100, to);
          set(engine.arena, index, { [SOCKET]: own });
        }
        t.equal(engine.send(0, count), count);
      };
      answer(0);
      answer(field & OWN_ADDRESS);
      await eventually(() => (heard >= count ? true : null));
      await sleep(20);
      t.equal(heard, count, 'those from elsewhere are not for it');
      answer(200 << 8);
      t.equal(engine.describe().sendErrors, 0, 'a number that stands for nothing leaves it to the kernel');
    },
  );

t.test('the kernel is told of a path where that is possible, and of nothing that is none', { skip }, async (t) => {
  const engine = anEngine(t);
  for (const [address, least] of [
    ['127.0.0.1', 576],
    ['::1', 1_280],
  ] as const) {
    const socket = await engine.openUdp({ host: address, port: 0 });
    const to = engine.endpoint(socket, { host: address, port: engine.boundPort(socket) }) ?? -1;
    // What loopback carries: the kernel knows it already, so nothing changes on this machine.
    t.equal(engine.tellPathMtu(to, 65_535), isRoot);
    t.notOk(engine.tellPathMtu(to, least - 1), 'the kernel would take no less');
    t.notOk(engine.tellPathMtu(to + 50, 1_400), 'nobody is there');
    t.notOk(engine.tellPathMtu(-1, 1_400));
    for (const bytes of [0, -1, 65_536, Number.NaN])
      t.throws(() => engine.tellPathMtu(to, bytes), { code: 'ERR_ARGUMENT' });
    put(engine, 0, 1_500, to);
    t.equal(engine.send(0, 1), 1);
    await receive(engine, socket, 1);
    t.equal(get(engine.arena, 0, LENGTH), 1_500);
  }
  engine.close();
  t.notOk(engine.tellPathMtu(0, 1_400));
});

t.test('slots behave like a map, however they come and go', { skip }, async (t) => {
  const engine = anEngine(t);
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const steps = fc.array(fc.record({ host: fc.nat(300), forget: fc.boolean() }), { maxLength: 400 });
  const known = new Map<string, number>();
  fc.assert(
    fc.property(steps, (history) => {
      for (const { host, forget } of history) {
        const address = `10.1.${host >> 8}.${host & 255}`;
        const before = known.get(address);
        const slot = engine.endpoint(socket, { host: address, port: 1000 + (host % 7) });
        if (slot === null) throw new Error('refused');
        if (before === undefined && [...known.values()].includes(slot)) throw new Error('slot given out twice');
        if (before !== undefined && before !== slot) throw new Error('slot changed');
        known.set(address, slot);
        if (!forget) continue;
        engine.forgetEndpoint(slot);
        known.delete(address);
      }
    }),
    { numRuns: 30 },
  );
  t.pass();
});

t.test('what is no address of the socket’s family has no slot', { skip }, async (t) => {
  const engine = anEngine(t);
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  for (const address of ['', 'example.org', '1.2.3', '1.2.3.4%lo', '::1', 'fe80::1%nosuch', '1'.repeat(500)]) {
    t.equal(engine.endpoint(socket, { host: address, port: 1 }), null, address.slice(0, 20));
  }
  for (const port of [0, -1, 65536]) t.equal(engine.endpoint(socket, { host: '127.0.0.1', port }), null);
  t.throws(() => engine.endpoint(7, { host: '127.0.0.1', port: 1 }), { code: 'ERR_ARGUMENT' });
  t.throws(() => engine.recv(7, 0, 1), { code: 'ERR_ARGUMENT' });
});

t.test('the table of endpoints is bounded, and a forgotten slot is given out again', { skip }, async (t) => {
  const engine = anEngine(t);
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const at = (n: number) => ({ host: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, port: 9 });
  for (let n = 0; n < 65536; n++) engine.endpoint(socket, at(n));
  t.equal(engine.endpoint(socket, at(65536)), null);
  t.equal(engine.describe().endpointsFull, 1);
  const slot = engine.endpoint(socket, at(4711));
  engine.forgetEndpoint(slot ?? -1);
  t.equal(engine.endpoint(socket, at(65536)), slot);
});

t.test('packets that cannot be sent are passed over and counted', { skip }, async (t) => {
  const engine = anEngine(t);
  const a = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const b = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const toB = engine.endpoint(a, { host: '127.0.0.1', port: engine.boundPort(b) }) ?? -1;
  const nowhere = engine.endpoint(a, { host: '255.255.255.255', port: 9 }) ?? -1;
  put(engine, 0, 10, nowhere);
  put(engine, 1, 11, toB);
  put(engine, 2, 12, 4000);
  put(engine, 3, 0, toB);
  set(engine.arena, 4, { [OFFSET]: engine.arena.receiveStart, [LENGTH]: 65536, [ENDPOINT]: toB });
  put(engine, 5, 13, toB);
  t.equal(engine.send(0, 6), 6);
  await receive(engine, b, 2);
  t.same([get(engine.arena, 0, LENGTH), get(engine.arena, 1, LENGTH)], [11, 13]);
  const { sent, sendErrors, sendRefused } = engine.describe();
  t.same({ sent, sendErrors, sendRefused }, { sent: 2, sendErrors: 2, sendRefused: 1 });
});

t.test('a vector may mix sockets and families', { skip }, async (t) => {
  const engine = anEngine(t);
  const four = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const six = await engine.openUdp({ host: '::1', port: 0 });
  const to4 = engine.endpoint(four, { host: '127.0.0.1', port: engine.boundPort(four) }) ?? -1;
  const to6 = engine.endpoint(six, { host: '::1', port: engine.boundPort(six) }) ?? -1;
  for (let index = 0; index < 20; index++) put(engine, index, 10, index % 2 ? to6 : to4);
  t.equal(engine.send(0, 20), 20);
  await receive(engine, four, 10);
  await receive(engine, six, 10);
  t.same(engine.sender(0), { host: '::1', port: engine.boundPort(six) });
});

t.test('a port in use is named, with a remedy', { skip }, async (t) => {
  const engine = anEngine(t);
  const port = engine.boundPort(await engine.openUdp({ host: '127.0.0.1', port: 0 }));
  const error = await engine.openUdp({ host: '127.0.0.1', port }).catch((error: unknown) => error);
  t.match(error, { name: 'MeshError', code: 'ERR_PORT_IN_USE', message: new RegExp(`${port}`), remedy: /ss -ulpn/ });
});

t.test('addresses that are not ours or none are refused', { skip }, async (t) => {
  const engine = anEngine(t);
  for (const address of ['localhost', ''])
    await t.rejects(engine.openUdp({ host: address, port: 0 }), { code: 'ERR_ADDRESS' });
  // They may come later: another code, for which a service manager tries again.
  for (const address of ['192.0.2.77', '2001:db8::77'])
    await t.rejects(engine.openUdp({ host: address, port: 0 }), { code: 'ERR_NO_ADDRESS' });
  await t.rejects(engine.openUdp({ host: '127.0.0.1', port: 65536 }), { code: 'ERR_ADDRESS' });
});

t.test('watch reports what can be read, and pause holds it back', { skip }, async (t) => {
  const engine = anEngine(t);
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const port = engine.boundPort(socket);
  const calls: [boolean, boolean][] = [];
  let received = 0;
  engine.watch(socket, (readable, writable) => {
    calls.push([readable, writable]);
    received += engine.recv(socket, 0, 16);
  });
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  sender.send('one', port, '127.0.0.1');
  await eventually(() => (received === 1 ? true : null));
  t.same(calls, [[true, false]]);
  engine.pause(socket, true);
  sender.send('two', port, '127.0.0.1');
  await sleep(50);
  t.equal(received, 1);
  engine.pause(socket, false);
  await eventually(() => (received === 2 ? true : null));
});

t.test('closing inside a callback is fine', { skip }, async (t) => {
  const engine = anEngine(t);
  const socket = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  let calls = 0;
  engine.watch(socket, () => {
    calls++;
    engine.close();
    engine.recv(socket, 0, 1);
  });
  sender.send('x', engine.boundPort(socket), '127.0.0.1');
  await eventually(() => (calls > 0 ? true : null));
  await sleep(20);
  t.equal(calls, 1);
});
