import { readFileSync } from 'node:fs';
import t from 'tap';
import { createCounters, fromHex, toHex, utf8, writeU64 } from '../../../src/base/index.ts';
import { asIp6, asPublicKey, compareDistance } from '../../../src/crypto/index.ts';
import { createRouter, type Effect, type Router } from '../../../src/route/index.ts';
import { emitQuery, emitReply, newTxid, readMessage } from '../../../src/route/query/messages.ts';
import { formNumber, labelOfInterface, SELF_LABEL } from '../../../src/switch/index.ts';
import { type DhtReply, dhtMessage, type Label } from '../../../src/wire/index.ts';
import { grid, hashesOnly, line, MiniWorld, makeKey, PROTOCOL, seededRng } from '../mini-world.ts';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/dht.json', import.meta.url), 'utf8'));
const TXID = utf8('0ABCDEFGHIJKL');

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}

type Known = {
  readonly publicKey: ReturnType<typeof makeKey>['publicKey'];
  readonly address: ReturnType<typeof makeKey>['address'];
};

/** A router with peers at the interfaces named. */
function routerWith(
  interfaces: readonly number[],
  seed = 1,
): { router: Router; peers: Map<number, Known>; self: Known } {
  const rng = seededRng(seed);
  const self = makeKey(rng);
  const router = createRouter({
    identity: self,
    crypto: hashesOnly,
    rng,
    counters: createCounters(),
    protocol: PROTOCOL,
  });
  const peers = new Map<number, Known>();
  for (const interfaceNumber of interfaces) {
    const { publicKey: key, address } = makeKey(rng);
    peers.set(interfaceNumber, { publicKey: key, address });
    const label = labelOfInterface(interfaceNumber);
    router.handle(
      { type: 'peerUp', key, address, label, interfaceNumber, protocol: 20 + (interfaceNumber % 3), costMs: 1 },
      0,
    );
  }
  return { router, peers, self };
}

/** Asks as `asker` would over `returnLabel`; the reply, with what else was sent left out. */
function ask(
  router: Router,
  asker: Known,
  returnLabel: Label,
  content: Uint8Array,
  nowMs = 1,
): { reply: DhtReply; effect: Effect } | null {
  const event = { type: 'message', key: asker.publicKey, address: asker.address, returnLabel, content } as const;
  for (const effect of router.handle(event, nowMs)) {
    if (effect.type !== 'send') continue;
    const message = dhtMessage.parse(effect.content);
    if (message?.kind === 'reply') return { reply: message, effect };
  }
  return null;
}

function labelBytes(label: Label): Uint8Array {
  const target = new Uint8Array(8);
  writeU64(target, 0, label);
  return target;
}

t.test('queries and replies have the bytes of stock ones, but for the padding of the first length', async (t) => {
  for (const made of vectors.made) {
    const label = made.askerPath === undefined ? 0x13n : BigInt(`0x${made.askerPath}`);
    const expected = dhtMessage.parse(bytes(made.msg));
    if (expected === null) throw new Error(made.name);
    const ours =
      expected.kind === 'reply'
        ? emitReply(20, expected.txid, expected.nodes, label)
        : emitQuery(
            20,
            expected.txid,
            expected.query as 'pn',
            expected.kind === 'query' ? expected.target : null,
            label,
          );
    t.equal(toHex(ours), made.msg.replace(/^64(30)+32(?=3a)/, '6432'), made.name);
  }
});

t.test('labels are widened for the asker as stock does', async (t) => {
  const replies = vectors.made.filter((made: { askerPath?: string }) => made.askerPath !== undefined);
  for (const made of replies) {
    const rng = seededRng(3);
    const self = makeKey(rng);
    const router = createRouter({ identity: self, crypto: hashesOnly, rng, counters: createCounters(), protocol: 20 });
    const interfaces = [0, 2, 8];
    for (const [index, node] of vectors.nodes.entries()) {
      const key = asPublicKey(bytes(node.key));
      const address = asIp6(bytes(node.ip6));
      const interfaceNumber = interfaces[index];
      if (key === null || address === null || interfaceNumber === undefined) throw new Error('vector');
      const label = labelOfInterface(interfaceNumber);
      router.handle({ type: 'peerUp', key, address, label, interfaceNumber, protocol: 20 + index, costMs: 1 }, 0);
    }
    const wanted = dhtMessage.parse(bytes(made.msg));
    // From label 2 on, so that we do not list ourselves; the vector has its entries in another order.
    const content = emitQuery(20, TXID, 'gp', labelBytes(0x13n), 0x13n);
    const answer = ask(router, makeKey(rng), BigInt(`0x${made.askerPath}`), content);
    const order = (nodes: DhtReply['nodes']): string[] =>
      nodes.map((node) => `${toHex(node.key)} ${node.label.toString(16)} ${node.protocol}`).sort();
    t.same(order(answer?.reply.nodes ?? []), order(wanted?.kind === 'reply' ? wanted.nodes : []));
    t.equal(answer?.reply.formNumber, formNumber(BigInt(`0x${made.askerPath}`)));
  }
});

t.test('captured messages of stock nodes are all accepted', async (t) => {
  for (const group of Object.values<{ message: string }[]>(vectors.captured)) {
    for (const { message } of group) t.ok(readMessage(bytes(message).subarray(4)));
  }
});

t.test('distances decide as in stock', async (t) => {
  for (const { target, a, b, result } of vectors.closest) {
    const [to, first, second] = [target, a, b].map((hex) => asIp6(bytes(hex)));
    if (!to || !first || !second) throw new Error('vector');
    t.equal(Math.sign(compareDistance(to, first, second)), result);
  }
});

t.test('pn, unknown queries and targets of a wrong length get a reply without nodes', async (t) => {
  const { router } = routerWith([0, 2]);
  const asker = makeKey(seededRng(9));
  for (const [query, target] of [
    ['pn', null],
    ['xy', null],
    ['gp', 16],
    ['fn', 8],
    ['nh', 0],
    ['fn', null],
    ['sq', null],
  ] as const) {
    const content = emitQuery(20, TXID, query as 'pn', target === null ? null : new Uint8Array(target), 0x15n);
    const answer = ask(router, asker, 0x13n, content);
    t.same(answer?.reply.nodes, [], query);
    t.same(answer?.reply.txid, TXID);
  }
});

t.test('replies go back by the way the query came, with its txid and our scheme', async (t) => {
  const { router } = routerWith([0]);
  const asker = makeKey(seededRng(9));
  for (const txid of [utf8('1abc'), utf8(''), seededRng(1).bytes(64)]) {
    const answer = ask(router, asker, 0x533n, emitQuery(20, txid, 'pn', null, 0x13n));
    t.match(answer?.effect, { type: 'send', label: 0x533n, key: asker.publicKey, protocol: 20 });
    t.same(answer?.reply.txid, txid);
    t.equal(toHex(answer?.reply.scheme ?? TXID), '6114458100');
    t.equal(answer?.reply.protocol, PROTOCOL);
  }
});

t.test('queries for a supernode are not answered', async (t) => {
  const { router } = routerWith([0]);
  const content = dhtMessage.emit({
    kind: 'supernodeQuery',
    query: 'gr',
    txid: TXID,
    protocol: 20,
    scheme: null,
    formNumber: 0,
  });
  t.equal(ask(router, makeKey(seededRng(9)), 0x13n, content), null);
});

t.test('gp lists ourselves and the asker, nearest label last, and pages through all peers', async (t) => {
  const interfaces = [0, 2, 3, 4, 5, 6, 7, 8, 9, 32, 33, 100];
  const { router, peers, self } = routerWith(interfaces);
  const asker = peers.get(2);
  if (asker === undefined) throw new Error('peer');
  const first = ask(router, asker, 0x15n, emitQuery(20, TXID, 'gp', labelBytes(1n), 0x13n));
  t.same(
    first?.reply.nodes.map((node) => node.label),
    [0x1fn, 0x1dn, 0x1bn, 0x19n, 0x17n, 0x15n, 0x13n, SELF_LABEL],
  );
  t.same(first?.reply.nodes.at(-1)?.key, self.publicKey);
  t.ok(first?.reply.nodes.some((node) => toHex(node.key) === toHex(asker.publicKey)));
  const seen = new Set<Label>();
  for (let from = 0; from <= 256; ) {
    const answer = ask(router, asker, 0x15n, emitQuery(20, TXID, 'gp', labelBytes(labelOfInterface(from)), 0x13n));
    const labels = answer?.reply.nodes.map((node) => node.label) ?? [];
    for (const label of labels) seen.add(label);
    if (labels.length < 8) break;
    const last = interfaces.find((number) => labelOfInterface(number) === labels[0]) ?? 256;
    from = last + 1;
  }
  t.equal(seen.size, interfaces.length);
});

t.test(
  'gp for a next hop of a path, the rest of the path included, lists it last, also for a wide label',
  async (t) => {
    const { router, peers } = routerWith([0, 2, 3, 9]);
    const asker = makeKey(seededRng(9));
    // Interface 3 as 4 and as 7 bits, with more directors behind.
    for (const target of [0x17n | 0x1500n, 0xan | (0x15n << 7n)]) {
      const answer = ask(router, asker, 0x13n, emitQuery(20, TXID, 'gp', labelBytes(target), 0x13n));
      t.same(answer?.reply.nodes.at(-1)?.key, peers.get(3)?.publicKey);
    }
  },
);

t.test('fn lists the nodes closest to the target, closest last, never the asker or ourselves', async (t) => {
  const world = new MiniWorld();
  grid(world, 4, 4);
  world.run(5_000);
  const asker = world.node(1);
  const target = world.node(15);
  const answer = ask(world.node(0).router, asker, 0x13n, emitQuery(20, TXID, 'fn', target.address, 0x13n), world.nowMs);
  const others = world.nodes.filter((node) => node.index > 1);
  others.sort((a, b) => compareDistance(target.address, b.address, a.address));
  t.same(
    answer?.reply.nodes.map((node) => toHex(node.key)),
    others.slice(-8).map((node) => toHex(node.publicKey)),
  );
  for (const { label, key } of answer?.reply.nodes ?? []) {
    const end = world.node(world.walk(0, label).at(-1) ?? 0);
    t.same(end.publicKey, key, 'the label leads there');
  }
});

t.test('nh names the target itself, or somebody nearer to it', async (t) => {
  const world = new MiniWorld();
  line(world, 5);
  world.run(5_000);
  const asker = world.node(1);
  const far = world.node(4);
  const known = ask(world.node(0).router, asker, 0x13n, emitQuery(20, TXID, 'nh', far.address, 0x13n), world.nowMs);
  t.same(
    known?.reply.nodes.map((node) => node.key),
    [far.publicKey],
  );
  const { address: own, router } = world.node(0);
  const ourselves = ask(router, asker, 0x13n, emitQuery(20, TXID, 'nh', own, 0x13n), world.nowMs);
  t.match(ourselves?.reply.nodes, [{ key: world.node(0).publicKey, label: 1n }], 'ourselves, as stock does');
  const stranger = makeKey(seededRng(5)).address;
  const nearer = ask(world.node(0).router, asker, 0x13n, emitQuery(20, TXID, 'nh', stranger, 0x13n), world.nowMs);
  for (const { key } of nearer?.reply.nodes ?? []) {
    const node = world.nodes.find((other) => toHex(other.publicKey) === toHex(key));
    t.ok(compareDistance(stranger, node?.address ?? stranger, world.node(0).address) < 0);
  }
});

t.test('nobody is listed whom we have not heard ourselves', async (t) => {
  const { router } = routerWith([0]);
  const peer = makeKey(seededRng(9));
  // A query alone, from a stranger, teaches nothing that others would be told.
  ask(router, peer, 0x133n, emitQuery(20, TXID, 'pn', null, 0x13n));
  const answer = ask(router, makeKey(seededRng(8)), 0x13n, emitQuery(20, TXID, 'fn', peer.address, 0x13n));
  t.notOk(answer?.reply.nodes.some((node) => toHex(node.key) === toHex(peer.publicKey)));
});

t.test('one asker gets 50 answers a second, the next one is not disturbed', async (t) => {
  const { router } = routerWith([0]);
  const flooder = makeKey(seededRng(9));
  let answers = 0;
  for (let i = 0; i < 1_000; i++) {
    if (ask(router, flooder, 0x13n, emitQuery(20, newTxid(seededRng(i)), 'pn', null, 0x13n), 5_000) !== null) answers++;
  }
  t.equal(answers, 50);
  t.ok(ask(router, makeKey(seededRng(8)), 0x13n, emitQuery(20, TXID, 'pn', null, 0x13n), 5_000));
});

t.test('messages that cannot be used are dropped and counted', async (t) => {
  const counters = createCounters();
  const rng = seededRng(1);
  const router = createRouter({ identity: makeKey(rng), crypto: hashesOnly, rng, counters, protocol: PROTOCOL });
  const asker = makeKey(rng);
  const base = { kind: 'query', query: 'pn', target: null, txid: TXID, scheme: null } as const;
  const bad = [
    new Uint8Array(0),
    utf8('d1:qe'),
    dhtMessage.emit({ ...base, protocol: 15, formNumber: 0 }),
    dhtMessage.emit({ ...base, protocol: 20, formNumber: 3 }),
    dhtMessage.emit({ ...base, protocol: 20, formNumber: 0, scheme: Uint8Array.of(1, 2, 3) }),
  ];
  for (const content of bad) t.equal(ask(router, asker, 0x13n, content), null);
  t.equal(counters.get('route.badMessage'), bad.length);
  t.equal(router.gauges().nodes, 0);
});

t.test('txids begin with 0 and are followed by twelve random bytes', async (t) => {
  const rng = seededRng(4);
  const [first, second] = [newTxid(rng), newTxid(rng)];
  t.equal(first.length, 13);
  t.equal(first[0], 0x30);
  t.not(toHex(first), toHex(second));
});
