import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { makeNode, type TestNode, until, Wiretap } from './support.ts';

const alice = { login: 'alice', password: 'secret of alice', name: 'alice' };

/** A dialler and an acceptor with a wiretap between them, established. */
async function linked(t: { teardown: (run: () => void) => unknown }) {
  const a = await makeNode(t);
  const b = await makeNode(t, [alice]);
  const tap = new Wiretap(t, b.port);
  const endpoint = { host: '127.0.0.1', port: await tap.open() };
  a.node.addPeer({ endpoint: { ...endpoint, socket: a.socket }, key: b.identity.publicKey, ...alice, name: 'bob' });
  const isUp = () => [a, b].every(({ node }) => node.inspect().peers[0]?.state === 'established');
  if (!(await until(isUp, 20_000))) throw new Error('no link');
  return { a, b, tap, isUp };
}

function total({ node }: TestNode): number {
  return [...node.inspect().counters].reduce((sum, [name, count]) => sum + (name.startsWith('link.') ? count : 0), 0);
}

/** Injects in portions that a socket takes. */
async function injectAll(tap: Wiretap, packets: readonly Uint8Array[]): Promise<void> {
  for (let at = 0; at < packets.length; at += 40) {
    for (const packet of packets.slice(at, at + 40)) tap.inject(packet);
    await sleep(4);
  }
}

t.test('every prefix of captured packets is refused and counted; the link and the way through it stay', async (t) => {
  const { a, b, tap, isUp } = await linked(t);
  const samples = [tap.toAcceptor[0], tap.toAcceptor.at(-1)].filter((sample) => sample !== undefined);
  const prefixes = samples.flatMap((sample) => Array.from(sample, (_, length) => sample.subarray(0, length)));
  const before = total(b);
  await injectAll(tap, prefixes);
  await until(() => total(b) - before >= prefixes.length * 0.9);
  t.ok(total(b) - before >= prefixes.length * 0.9, `${total(b) - before} of ${prefixes.length} counted`);
  t.ok(isUp());
  t.ok(await a.node.ping(b.identity.address, 10_000));
  t.equal(b.node.inspect().peers.length, 1);
});

t.test('every packet with one bit flipped is refused; the link stays', async (t) => {
  const { a, b, tap, isUp } = await linked(t);
  const data = tap.toAcceptor.filter((packet) => packet.length < 120).at(-1) ?? new Uint8Array(0);
  const flips = Array.from({ length: 8 * data.length }, (_, bit) => {
    const changed = Uint8Array.from(data);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return changed;
  });
  const hello = tap.toAcceptor[0] ?? new Uint8Array(0);
  for (let byte = 0; byte < hello.length; byte++) {
    const changed = Uint8Array.from(hello);
    changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8));
    flips.push(changed);
  }
  const before = total(b);
  const received = b.node.inspect().peers[0]?.received ?? 0;
  await injectAll(tap, flips);
  await until(() => total(b) - before >= flips.length * 0.9);
  t.ok(total(b) - before >= flips.length * 0.9, `${total(b) - before} of ${flips.length} counted`);
  t.ok(isUp());
  t.ok(await a.node.ping(b.identity.address, 10_000));
  t.ok((b.node.inspect().peers[0]?.received ?? 0) - received < 100, 'none of them counts as received');
});

t.test('captured packets once more, and with bytes behind them, are refused', async (t) => {
  const { a, b, tap, isUp } = await linked(t);
  const all = [...tap.toAcceptor];
  await injectAll(tap, [
    ...all,
    ...all.map((packet) => Uint8Array.of(...packet, ...randomBytes(1 + (packet[20] ?? 0)))),
  ]);
  t.ok(isUp());
  t.ok(await until(() => (b.node.inspect().peers[0]?.duplicates ?? 0) > 0));
  t.ok(await until(() => (b.node.inspect().counters.get('link.forged') ?? 0) > 0));
  t.ok(await a.node.ping(b.identity.address, 10_000));
  t.ok(await b.node.ping(a.identity.address, 10_000));
});

t.test('random bytes from the address of a peer and from strangers cost nothing but a counter', async (t) => {
  const { a, b, tap, isUp } = await linked(t);
  const noise = Array.from({ length: 400 }, (_, index) => Uint8Array.from(randomBytes((index * 37) % 1_500)));
  for (const bytes of noise.slice(0, 100)) bytes.fill(0, 0, 3);
  const before = total(b);
  await injectAll(tap, noise);
  const stranger = createSocket('udp4');
  t.teardown(() => stranger.close());
  for (const bytes of [...noise.slice(0, 100), new Uint8Array(65_000)]) stranger.send(bytes, b.port, '127.0.0.1');
  await until(() => total(b) - before >= 450);
  t.ok(total(b) - before >= 450, `${total(b) - before} of 501 counted`);
  t.equal(b.node.inspect().peers.length, 1);
  t.ok(
    b.node.inspect().refused.every(({ reason }) => reason === 'wrong password or key'),
    'what looks like a hello',
  );
  t.ok(isUp());
  t.ok(await a.node.ping(b.identity.address, 10_000));
});
