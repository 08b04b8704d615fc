import t from 'tap';
import { silent } from '../../src/base/index.ts';
import { generateIdentity, type Identity, loadNobleBackend } from '../../src/crypto/index.ts';
import { createPortableEngine } from '../../src/engine/index.ts';
import { createNode, NODE_ARENA } from '../../src/node/index.ts';
import { descriptor, type Engine, HEADROOM_BYTES, SLOT_BYTES } from '../../src/packet/index.ts';
import type { FirewallRule } from '../../src/tun/index.ts';
import { STANDING_MS } from '../../src/tun/limits.ts';
import { ipv6Header } from '../../src/wire/index.ts';
import { seededRng } from '../cryptoauth/support.ts';
import { clock, until } from './support.ts';

const { STRIDE, OFFSET, LENGTH } = descriptor;
const alice = { login: 'alice', password: 'secret of alice', name: 'alice' };
type Teardown = { teardown: (run: () => void) => unknown };

/** A portable engine with a TUN made of two lists, and a socket that can be full. */
async function engineWithTun() {
  const base = await createPortableEngine(NODE_ARENA);
  const { arena } = base;
  const tun = { toRead: [] as Uint8Array[], written: [] as Uint8Array[], onReady: () => {}, paused: false };
  const socket = { isFull: false, onReady: (_readable: boolean, _writable: boolean) => {} };
  const engine: Engine = {
    ...base,
    watch: (source, onReady) => {
      if (source === 'tun') tun.onReady = () => onReady(true, false);
      else {
        socket.onReady = onReady;
        base.watch(source, onReady);
      }
    },
    pause: (source, paused) => {
      if (source === 'tun') tun.paused = paused;
      else base.pause(source, paused);
    },
    readTun: (first, count) => {
      const packets = tun.toRead.splice(0, count);
      packets.forEach((packet, index) => {
        const offset = arena.tunStart + index * SLOT_BYTES + HEADROOM_BYTES;
        arena.bytes.set(packet, offset);
        arena.descriptors[(first + index) * STRIDE + OFFSET] = offset;
        arena.descriptors[(first + index) * STRIDE + LENGTH] = packet.length;
      });
      return packets.length;
    },
    writeTun: (first, count) => {
      for (let index = first; index < first + count; index++) {
        const offset = arena.descriptors[index * STRIDE + OFFSET] ?? 0;
        const length = arena.descriptors[index * STRIDE + LENGTH] ?? 0;
        if (length > 0) tun.written.push(arena.bytes.slice(offset, offset + length));
      }
      return count;
    },
    send: (first, count) => (socket.isFull ? 0 : base.send(first, count)),
  };
  return { engine, tun, socket };
}

async function host(t: Teardown, name: string, firewall: readonly FirewallRule[] | null, itsClock = clock) {
  const crypto = await loadNobleBackend();
  const { engine, tun, socket } = await engineWithTun();
  const rng = seededRng(name);
  const identity = generateIdentity(crypto, rng);
  const node = createNode({ identity, clock: itsClock, rng, engine, crypto, log: silent, firewall, users: [alice] });
  const number = await engine.openUdp({ host: '127.0.0.1', port: 0 });
  node.useSocket(number, 'udp');
  node.useTun();
  t.teardown(() => {
    node.close();
    engine.close();
  });
  const sends = (...packets: Uint8Array[]) => {
    tun.toRead.push(...packets);
    tun.onReady();
  };
  return { node, engine, tun, socket, identity, number, port: engine.boundPort(number), sends };
}

/** Two hosts with a link between them; B refuses what it did not ask for, but UDP port 7. */
async function hosts(t: Teardown) {
  const a = await host(t, 'a', null);
  const b = await host(t, 'b', [{ protocol: 'udp', ports: { first: 7, last: 7 } }]);
  const endpoint = { host: '127.0.0.1', port: b.port };
  a.node.addPeer({ endpoint: { ...endpoint, socket: a.number }, key: b.identity.publicKey, ...alice });
  await until(() => [a, b].every(({ node }) => node.inspect().peers[0]?.state === 'established'));
  return { a, b };
}

/** A UDP packet. */
function udp(from: Identity, to: Identity, fromPort: number, toPort: number, tag: number): Uint8Array {
  const payload = Uint8Array.of(fromPort >> 8, fromPort, toPort >> 8, toPort, 0, 12, 0, 0, tag, 0, 0, 0);
  const packet = new Uint8Array(40 + payload.length);
  const fields = { trafficClass: 3, flowLabel: 5, payloadLength: payload.length, nextHeader: 17, hopLimit: 64 };
  ipv6Header.emit({ ...fields, source: from.address, destination: to.address }, packet);
  packet.set(payload, 40);
  return packet;
}

/** What the other TUN shows of a packet. */
function asReceived(packet: Uint8Array): Uint8Array {
  const out = packet.slice();
  out.set([0x60, 0, 0, 0], 0);
  out[7] = 42;
  return out;
}

t.test('what the kernel answers while it takes a packet leaves at once', async (t) => {
  const { a, b } = await hosts(t);
  a.sends(udp(a.identity, b.identity, 5_000, 7, 1));
  await until(() => b.tun.written.length === 1);
  // A program's socket answers inside the write; no event says that the TUN can be read.
  const write = b.engine.writeTun;
  (b.engine as { writeTun: Engine['writeTun'] }).writeTun = (first, count) => {
    b.tun.toRead.push(udp(b.identity, a.identity, 7, 5_000, 2));
    return write(first, count);
  };
  a.sends(udp(a.identity, b.identity, 5_000, 7, 3));
  await until(() => a.tun.written.length === 1);
  t.equal(b.tun.toRead.length, 0);
});

t.test('packets wait for the session, come out whole and in order, and are answered', async (t) => {
  const { a, b } = await hosts(t);
  const sent = [1, 2, 3].map((tag) => udp(a.identity, b.identity, 5_000, 7, tag));
  a.sends(...sent);
  t.ok(await until(() => b.tun.written.length === 3));
  t.same(b.tun.written, sent.map(asReceived));
  const reply = udp(b.identity, a.identity, 7, 5_000, 9);
  b.sends(reply);
  t.ok(await until(() => a.tun.written.length === 1));
  t.same(a.tun.written, [asReceived(reply)]);
  const fast = [4, 5].map((tag) => udp(a.identity, b.identity, 5_000, 7, tag));
  a.sends(...fast);
  t.ok(await until(() => b.tun.written.length === 5));
  t.same(b.tun.written.slice(3), fast.map(asReceived));
});

t.test('what nobody asked for is refused at the receiver, the answer to a question is not', async (t) => {
  const { a, b } = await hosts(t);
  a.sends(udp(a.identity, b.identity, 5_000, 7, 1));
  await until(() => b.tun.written.length === 1);
  a.sends(udp(a.identity, b.identity, 5_000, 8, 2));
  t.ok(await until(() => b.node.counters.get('tun.firewall') > 0));
  b.sends(udp(b.identity, a.identity, 9_000, 53, 3));
  await until(() => a.tun.written.length === 1);
  a.sends(udp(a.identity, b.identity, 53, 9_000, 4));
  t.ok(await until(() => b.tun.written.length === 2));
  t.equal(b.tun.written[1]?.[48], 4);
});

t.test(
  'a wrong source, a foreign destination and a broken packet stay here; one to ourselves comes back',
  async (t) => {
    const { a, b } = await hosts(t);
    const spoofed = udp(b.identity, b.identity, 1, 7, 1);
    const foreign = udp(a.identity, b.identity, 1, 7, 1);
    foreign[24] = 0x20;
    const own = udp(a.identity, a.identity, 1, 2, 3);
    a.sends(spoofed, foreign, new Uint8Array(0), new Uint8Array(39), own);
    t.equal(a.node.counters.get('tun.not_ours'), 4);
    t.same(a.tun.written[0], own, 'unchanged');
    const told = a.tun.written.slice(1).map((packet) => [packet[40], packet[41], packet[8] === 0xfc]);
    t.same(
      told,
      [
        [1, 5, true],
        [1, 0, false],
      ],
      'and whoever sent what is not carried hears why',
    );
    t.equal(b.tun.written.length, 0);
  },
);

t.test('when the socket is full the TUN is not read, until it can be written again; nothing is lost', async (t) => {
  const { a, b } = await hosts(t);
  a.sends(udp(a.identity, b.identity, 5_000, 7, 0));
  await until(() => b.tun.written.length === 1);
  a.socket.isFull = true;
  a.sends(udp(a.identity, b.identity, 5_000, 7, 1), udp(a.identity, b.identity, 5_000, 7, 2));
  t.ok(a.tun.paused);
  a.sends(udp(a.identity, b.identity, 5_000, 7, 3));
  t.equal(a.tun.toRead.length, 1, 'left where it is');
  a.socket.onReady(false, true);
  t.ok(a.tun.paused, 'still full');
  a.socket.isFull = false;
  a.socket.onReady(false, true);
  t.notOk(a.tun.paused);
  a.tun.onReady();
  t.ok(await until(() => b.tun.written.length === 4));
  t.same(
    b.tun.written.map((packet) => packet[48]),
    [0, 1, 2, 3],
  );
});

t.test('of a queue that is not read to its end for a while a large packet is dropped, and no small one', async (t) => {
  let nowMs = 1_000;
  const a = await host(t, 'a', null, { ...clock, nowMs: () => nowMs });
  const small = udp(a.identity, a.identity, 1, 7, 1); // what a node sends to itself comes back
  const large = new Uint8Array(600);
  large.set(small);
  const both = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? small : large));
  a.sends(...both);
  t.equal(a.node.counters.get('tun.queue'), 0);
  nowMs += STANDING_MS;
  a.sends(...both);
  t.equal(a.node.counters.get('tun.queue'), 1);
  while (a.tun.toRead.length > 0) a.tun.onReady();
  const lengths = a.tun.written.map((packet) => packet.length);
  t.equal(lengths.filter((length) => length === small.length).length, 300);
  t.equal(lengths.filter((length) => length === large.length).length, 299);
});

t.test('without its peer nothing leaves, and the peer is told to routing as gone', async (t) => {
  const { a, b } = await hosts(t);
  a.sends(udp(a.identity, b.identity, 5_000, 7, 0));
  await until(() => b.tun.written.length === 1);
  t.ok(a.node.removePeer(b.identity.publicKey));
  a.sends(udp(a.identity, b.identity, 5_000, 7, 1));
  t.ok(a.node.counters.get('node.first_hop_down') > 0 || a.node.inspect().sessions[0]?.label === null);
  t.same(
    a.node.inspect().routes.filter(({ hops }) => hops > 0),
    [],
  );
  t.equal(b.tun.written.length, 1);
});
