import t from 'tap';
import { loadNodeBackend } from '../../src/crypto/index.ts';
import { createArena, descriptor } from '../../src/packet/index.ts';
import { createSeededRng } from '../../src/sim/seeded-rng.ts';
import { createSimulatedBackend } from '../../src/sim/simulated-backend.ts';
import { SimulatedEngine } from '../../src/sim/simulated-engine.ts';
import { hostAddress } from '../../src/sim/simulated-sockets.ts';
import { goodLink, Underlay } from '../../src/sim/underlay.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const { STRIDE, OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT } = descriptor;

function twoHosts(backend = createSimulatedBackend()) {
  const clock = new VirtualClock(0);
  const underlay = new Underlay(clock, createSeededRng(1));
  const arena = createArena({ tunSlots: 4, receiveSlots: 1, outputSlots: 2, descriptors: 16 });
  const toTun: Uint8Array[] = [];
  const make = (host: number) =>
    new SimulatedEngine({ host, clock, underlay, arena, backend, onUserPacket: (packet) => toTun.push(packet) });
  const [a, b] = [make(0), make(1)];
  underlay.connect(0, 1, goodLink(10));
  const put = (index: number, at: number, text: string, slot: number) => {
    arena.bytes.set(Buffer.from(text), arena.outputStart + at);
    arena.descriptors[index * STRIDE + OFFSET] = arena.outputStart + at;
    arena.descriptors[index * STRIDE + LENGTH] = text.length;
    arena.descriptors[index * STRIDE + ENDPOINT] = slot;
  };
  const text = (index: number) => {
    const offset = arena.descriptors[index * STRIDE + OFFSET] ?? 0;
    return Buffer.from(
      arena.bytes.slice(offset, offset + (arena.descriptors[index * STRIDE + LENGTH] ?? 0)),
    ).toString();
  };
  return { clock, underlay, arena, a, b, put, text, toTun };
}

t.test('datagrams arrive in order after the latency, and their sender is named', async (t) => {
  const { clock, arena, a, b, put, text } = twoHosts();
  const from = await a.openUdp({ host: '0.0.0.0', port: 5 });
  const at = await b.openUdp({ host: '0.0.0.0', port: 6 });
  const slot = a.endpoint(from, hostAddress(1, 6)) ?? -1;
  t.equal(a.endpoint(from, hostAddress(1, 6)), slot, 'the same slot again');
  let woken = 0;
  b.watch(at, () => woken++);
  put(0, 0, 'first', slot);
  put(1, 100, 'second', slot);
  t.equal(a.send(0, 2), 2);
  clock.runUntil(9);
  t.equal(woken, 0);
  clock.runUntil(10);
  t.ok(woken > 0);
  t.equal(b.recv(at, 4, 8), 2);
  t.same([text(4), text(5)], ['first', 'second']);
  t.equal(arena.descriptors[4 * STRIDE + ENDPOINT], -1);
  t.equal(arena.descriptors[4 * STRIDE + SOCKET], at);
  t.same(b.sender(4), hostAddress(0, 5));
  t.equal(b.recv(at, 4, 8), 0);
  const known = b.endpoint(at, b.sender(4));
  a.send(0, 1);
  clock.runFor(10);
  b.recv(at, 4, 8);
  t.equal(arena.descriptors[4 * STRIDE + ENDPOINT], known);
});

t.test('a paused socket does not wake, and does when it is resumed', async (t) => {
  const { clock, a, b, put } = twoHosts();
  const slot = a.endpoint(a.openSocket(5), hostAddress(1, 6)) ?? -1;
  const at = b.openSocket(6);
  let got = 0;
  b.watch(at, () => {
    got += b.recv(at, 4, 1);
  });
  b.pause(at, true);
  put(0, 0, 'x', slot);
  a.send(0, 1);
  a.send(0, 1);
  clock.runFor(20);
  t.equal(got, 0);
  b.pause(at, false);
  clock.runFor(0);
  t.equal(got, 2, 'what one call leaves wakes again');
});

t.test('a port is given out once; foreign text is no address; forgotten slots are used again', async (t) => {
  const { a } = twoHosts();
  const socket = a.openSocket(5);
  t.equal(a.boundPort(socket), 5);
  t.throws(() => a.openSocket(5), { code: 'ERR_PORT_IN_USE' });
  t.equal(a.endpoint(socket, { host: '::1', port: 1 }), null);
  t.equal(a.endpoint(socket, { host: '10.0.0.256', port: 1 }), null);
  const slot = a.endpoint(socket, hostAddress(3)) ?? -1;
  a.forgetEndpoint(slot);
  t.equal(a.endpoint(socket, hostAddress(4)), slot);
});

t.test('what one end sealed the other opens; forged frames, empty slots and bad bounds are refused', async (t) => {
  for (const backend of [createSimulatedBackend(), await loadNodeBackend()]) {
    const { arena, a, b, put, text } = twoHosts(backend);
    const key = new Uint8Array(32).fill(7);
    a.setKey(40, key, 4);
    b.setKey(3, key, 4);
    put(0, 0, `${' '.repeat(20)}hello`, -1);
    const at = arena.descriptors;
    at[KEY] = 40;
    at[NONCE] = -2;
    a.seal(0, 1);
    t.equal(at[RESULT], 0);
    t.equal(arena.view.getUint32(arena.outputStart), 0xffff_fffe);
    const sealed = text(0);
    at[KEY] = 4;
    b.open(0, 1);
    t.ok((at[RESULT] ?? 0) < 0, 'no key');
    at[KEY] = 3;
    const last = arena.outputStart + 24;
    arena.bytes[last] = (arena.bytes[last] ?? 0) ^ 1;
    b.open(0, 1);
    t.ok((at[RESULT] ?? 0) < 0, 'forged');
    arena.bytes[last] = (arena.bytes[last] ?? 0) ^ 1;
    t.equal(text(0), sealed, 'a refused frame is untouched');
    at[NONCE] = 0;
    b.open(0, 1);
    t.equal(at[RESULT], 0);
    t.equal(at[NONCE], -2);
    t.equal(text(0).slice(20), 'hello');
    at[LENGTH] = 19;
    b.open(0, 1);
    t.ok((at[RESULT] ?? 0) < 0, 'too short');
    b.clearKey(3);
    at[LENGTH] = 25;
    b.open(0, 1);
    t.ok((at[RESULT] ?? 0) < 0, 'key wiped');
  }
});

t.test('a frame sealed here is a box of the backend, so that the slow path can open it', async (t) => {
  const backend = createSimulatedBackend();
  const { arena, a, put } = twoHosts(backend);
  const key = new Uint8Array(32).fill(9);
  a.setKey(0, key, 0);
  put(0, 0, `${' '.repeat(20)}hi`, -1);
  arena.descriptors[NONCE] = 0x0102_0304;
  a.seal(0, 1);
  const nonce = new Uint8Array(24);
  nonce.set([4, 3, 2, 1]);
  const box = arena.bytes.slice(arena.outputStart + 4, arena.outputStart + 22);
  t.equal(Buffer.from(backend.openBox(key, nonce, box) ?? []).toString(), 'hi');
});

t.test('the TUN is a queue in and a call out', async (t) => {
  const { clock, a, b, text, toTun } = twoHosts();
  t.notOk(a.injectTun(new Uint8Array(4)), 'not open yet');
  a.openTun();
  let woken = 0;
  a.watch('tun', () => {
    woken += a.readTun(0, 4);
  });
  t.ok(a.injectTun(Buffer.from('packet')));
  t.equal(woken, 1);
  t.equal(text(0), 'packet');
  b.writeTun(0, 1);
  t.equal(toTun.length, 0, 'not before the call has ended');
  clock.runFor(0);
  t.equal(Buffer.from(toTun[0] ?? []).toString(), 'packet');
});

t.test('a closed engine neither sends nor receives', async (t) => {
  const { clock, underlay, a, b, put } = twoHosts();
  const slot = a.endpoint(a.openSocket(5), hostAddress(1, 6)) ?? -1;
  b.openSocket(6);
  put(0, 0, 'x', slot);
  a.send(0, 1);
  b.close();
  b.close();
  clock.runFor(10);
  t.equal(underlay.counts.delivered, 0);
  t.equal(underlay.counts.lost, 1);
});
