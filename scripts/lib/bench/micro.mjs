// What one packet costs inside the process: the stages in JavaScript, sealing and opening by each engine that the machine
// has, and key exchange. Needs no root and no network. Figures are the best of several rounds: what disturbs only adds.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lanesOf } from './machine.mjs';

const VECTOR = 128;
/** Each figure is the best of so many seconds. */
const SECONDS = 0.15;
/** Of the tables below: who sends, who receives, and the interface a packet is passed on by. */
const [SENDER, RECEIVER, OTHER] = [2, 3, 4];
const [TUN, OUT, LOCAL, FORWARD] = [0, VECTOR, 2 * VECTOR, 3 * VECTOR];

/** Measures everything. @param root of the checkout, built */
export async function micro(root) {
  const load = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
  const addon = createRequire(import.meta.url)(join(root, 'native/build/Release/fcmesh.node'));
  const { createNativeEngine } = await load('engine/index.js');
  const { createPortableEngine } = await load('engine/portable.js');
  const size = { tunSlots: VECTOR, receiveSlots: 1, outputSlots: 1, descriptors: 4 * VECTOR };
  const native = (crypto) => createNativeEngine(addon, { arena: size, crypto });
  const engines = lanesOf(native('auto').describe().crypto);
  const crypto = [];
  for (const name of engines) crypto.push(...secretbox(native(name), name));
  crypto.push(...secretbox(await createPortableEngine(size), 'noble'));
  return { stages: await stages(load, native('auto')), crypto, exchange: await exchange(load, addon) };
}

/** ns per packet of sealing and opening whole vectors. */
function secretbox(engine, name) {
  const { descriptors } = engine.arena;
  // JavaScript needs its time until it is compiled.
  const seconds = name === 'noble' ? 0.6 : SECONDS;
  engine.setKey(0, new Uint8Array(32).fill(7), 0);
  const fill = (length) => {
    for (let i = 0; i < VECTOR; i++) descriptors.set([i * 2048, length, 0, 4, 0, 0, 0, 0], i * 8);
  };
  const figures = [1304, 64].map((length) => {
    fill(length);
    const seal = () => engine.seal(0, VECTOR);
    // What is open does not open again: each time it is sealed first, outside the time.
    return {
      engine: name,
      bytes: length,
      sealNs: nsPerPacket(seal, undefined, seconds),
      openNs: nsPerPacket(() => engine.open(0, VECTOR), seal, seconds),
    };
  });
  engine.close();
  return figures;
}

/** Key exchanges (X25519) per second. */
async function exchange(load, addon) {
  const { createNativeBackend } = await load('crypto/index.js');
  const { createNobleBackend } = await load('crypto/noble.js');
  const secret = new Uint8Array(32).fill(9);
  const rate = (backend) => {
    const point = backend.publicKeyOf(secret);
    return Math.round(1e9 / (nsPerPacket(() => backend.sharedPoint(secret, point)) * VECTOR));
  };
  return { libsodium: rate(createNativeBackend(addon)), noble: rate(createNobleBackend()) };
}

/** ns per packet of `call` for a whole vector. @param before each call, outside the time */
function nsPerPacket(call, before = () => undefined, seconds = SECONDS) {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + seconds * 1000;
  do {
    before();
    const begin = performance.now();
    call();
    best = Math.min(best, performance.now() - begin);
  } while (performance.now() < end);
  return (best * 1e6) / VECTOR;
}

/** ns per packet of each stage, over packets that go all the way: TUN, session, link, switch, link, session, TUN. */
async function stages(load, engine) {
  const { arena } = engine;
  const { descriptors } = arena;
  const world = await tables(load, engine);
  const spent = new Map();
  /** One stage over a vector, timed. */
  const stage = (name, work) => {
    const begin = performance.now();
    work();
    spent.set(name, Math.min(spent.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - begin));
  };
  const each = (from, work) => {
    for (let i = from; i < from + VECTOR; i++) work(i);
  };
  const { outgoing, session, link, forwarder, incoming, firewall } = world;
  const forward = (from) => each(OUT, (i) => forwarder.forwardOne(descriptors[i * 8] + 20, descriptors[i * 8 + 1] - 20, from));
  for (let round = 0; round < 2000; round++) {
    world.packets();
    stage('tun: classify', () => each(TUN, (i) => outgoing.classify(i)));
    stage('tun: firewall, note', () => each(TUN, (i) => firewall.noteOutgoing(descriptors[i * 8], descriptors[i * 8 + 1], 1)));
    stage('tun: remove header', () => each(TUN, (i) => outgoing.removeHeader(i)));
    stage('session: prepare seal', () => each(TUN, (i) => session.prepareSeal(i, 0, 1)));
    engine.seal(TUN, VECTOR);
    const frames = () =>
      each(TUN, (i) => link.prepareSeal(OUT + i, SENDER, descriptors[i * 8] - 36, descriptors[i * 8 + 1] + 36));
    stage('link: prepare seal', frames);
    engine.seal(OUT, VECTOR);
    each(OUT, (i) => {
      descriptors[i * 8 + 4] = RECEIVER;
    });
    stage('link: prepare open', () => link.prepareOpen(OUT, VECTOR, world.wrong));
    engine.open(OUT, VECTOR);
    stage('link: accept', () => link.acceptOpened(OUT, VECTOR, 1, world.wrong));
    if (round % 2 === 0) {
      world.relabel(OUT, OTHER);
      stage('switch: forward', () => forward(RECEIVER));
      world.relabel(OUT, 0);
      each(OUT, (i) => link.prepareSeal(FORWARD - OUT + i, SENDER, descriptors[i * 8], descriptors[i * 8 + 1]));
    }
    stage('switch: to self', () => forward(RECEIVER));
    stage('session: prepare open', () => each(OUT, (i) => session.prepareOpen(i, i - OUT + LOCAL) || world.wrong(i)));
    engine.open(LOCAL, VECTOR);
    stage('session: accept', () => each(LOCAL, (i) => session.acceptOpened(i, 1) === 17 || world.wrong(i)));
    stage('tun: rebuild header', () => each(LOCAL, (i) => incoming.rebuild(i, 0, 17)));
    stage('tun: firewall, admit', () =>
      each(LOCAL, (i) => firewall.admits(descriptors[i * 8], descriptors[i * 8 + 1], 1) || world.wrong(i)));
  }
  engine.close();
  return [...spent].map(([name, ms]) => ({ stage: name, ns: (ms * 1e6) / VECTOR }));
}

/** The tables of a node that has one session with itself over a link to itself. */
async function tables(load, engine) {
  const { createDataTable } = await load('channel/index.js');
  const { createLinkStages } = await load('link/stages.js');
  const { createLinkTable, bindEndpoint } = await load('link/table.js');
  const { createSessionStages } = await load('session/stages.js');
  const { createSessionTable, enter } = await load('session/table.js');
  const { createForwarder, createInterfaceTable, UP } = await load('switch/index.js');
  const { createOutgoing, createIncoming, createFirewall } = await load('tun/index.js');
  const { createCounters } = await load('base/index.js');
  const { cryptoAuthHeader } = await load('wire/index.js');
  const { arena } = engine;
  const counters = createCounters();
  const data = createDataTable(engine, 16);
  const pair = (fill) => {
    const key = new Uint8Array(32).fill(fill);
    const [from, to] = [data.install(key, true, 10, 0), data.install(key, false, 10, 0)];
    data.establish(from, 6, 0);
    data.establish(to, 4, 0);
    return [from, to];
  };
  const [linkSends, linkReceives] = pair(1);
  const [sessionSends, sessionReceives] = pair(2);
  const own = Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0xfc : i));
  const there = Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0xfc : 0x80 + i));
  const links = createLinkTable();
  links.sendRow[SENDER] = linkSends;
  links.openRow[RECEIVER] = linkReceives;
  links.endpoint[SENDER] = RECEIVER;
  bindEndpoint(links, RECEIVER, RECEIVER);
  const interfaces = createInterfaceTable();
  for (const number of [SENDER, RECEIVER, OTHER]) interfaces.state[number] = UP;
  const sessions = createSessionTable();
  const words = new DataView(there.buffer);
  for (let word = 0; word < 4; word++) sessions.address[word] = words.getInt32(word * 4);
  sessions.handle[0] = 0x1234_5678;
  sessions.sendHandle[0] = 0x1234_5678;
  sessions.firstHop[0] = SENDER;
  sessions.sendRow[0] = sessionSends;
  sessions.openRow[0] = sessionReceives;
  sessions.labelLow[0] = 1;
  enter(sessions, 0);
  const packet = Buffer.alloc(1304);
  packet.set([0x60, 0, 0, 0, (1304 - 40) >> 8, (1304 - 40) & 255, 17, 64]);
  packet.set(own, 8);
  packet.set(there, 24);
  packet.set([0x30, 0x39, 0x30, 0x39], 40); // both ports 12345: the answer has the same
  return {
    outgoing: createOutgoing(arena, sessions, own),
    incoming: createIncoming(arena, sessions, own),
    session: createSessionStages(arena, sessions, data, cryptoAuthHeader, counters),
    link: createLinkStages(arena, links, data, cryptoAuthHeader, counters),
    forwarder: createForwarder(arena, interfaces),
    firewall: createFirewall(arena, [], { bytes: (count) => new Uint8Array(count) }),
    /** Fresh packets in the TUN slots. */
    packets: () => {
      for (let i = 0; i < VECTOR; i++) {
        arena.bytes.set(packet, i * 2048 + 64);
        arena.descriptors.set([i * 2048 + 64, packet.length, 0, 0, 0, 0, 0, 0], i * 8);
      }
    },
    /** Labels that lead out by `to` (0: to this node), as they are before the switch. */
    relabel: (first, to) => {
      for (let i = first; i < first + VECTOR; i++) {
        const header = arena.descriptors[i * 8] + 20;
        arena.view.setUint32(header, 0);
        arena.view.setUint32(header + 4, to === 0 ? 1 : 1 | (to << 1));
        arena.bytes[header + 9] = 0x40;
      }
    },
    wrong: (index) => {
      throw new Error(`the packet of descriptor ${index} did not go through: ${[...counters.all()].join(' ')}`);
    },
  };
}
