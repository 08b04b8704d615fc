/** A line of real nodes that find each other through a supernode only: relays that answer no question but pings. */
import t from 'tap';
import { createRouter } from '../../src/route/index.ts';
import { World } from '../../src/sim/index.ts';
import { loadSigner } from '../../src/supernode/index.ts';
import { dhtMessage } from '../../src/wire/index.ts';
import { realBackend, realIdentities } from '../sim/mesh.ts';
import { RouteServer, servingRouter, wrapped } from './route-server.ts';

/** 0 - 1 - 2 - 3 - 4, the last one the supernode. */
const SIZE = 5;
const SERVER = SIZE - 1;

/** As a cjdns built for supernodes alone: without one, nothing is found beyond direct peers (protocol 08 §0). */
const quietRouter: typeof createRouter = (options, nowMs) =>
  wrapped(createRouter(options, nowMs), (event) => {
    const message = event.type === 'message' ? dhtMessage.parse(event.content) : null;
    return message?.kind === 'query' && message.query !== 'pn' ? [] : null;
  });

async function makeWorld() {
  const crypto = await realBackend();
  const identities = realIdentities(crypto, SIZE);
  const edges = Array.from({ length: SIZE - 1 }, (_, a) => ({ a, b: a + 1, latencyMs: 5 }));
  const serverIdentity = identities[SERVER];
  if (serverIdentity === undefined) throw new Error('no server');
  const serverKey = serverIdentity.publicKey;
  const server = new RouteServer(crypto, serverKey);
  const routerOf = (host: number) => (host === SERVER ? servingRouter(() => server) : quietRouter);
  const world = new World({ seed: 1, graph: { size: SIZE, edges }, crypto, identities, routerOf });
  world.startAll();
  t.teardown(() => world.stopAll());
  const configure = async (): Promise<void> => {
    for (let host = 0; host < SERVER; host++) world.node(host).setSupernodes([serverKey]);
    // The code for signatures is loaded in real time, not in that of the world: ours is ready after theirs.
    await loadSigner(serverIdentity.privateKey, crypto, { bytes: (count) => new Uint8Array(count) });
  };
  const arrived = new Set<number>();
  world.onUserPacket = (host) => arrived.add(host);
  /** How long until what node 0 sends every 100 ms arrives at node 3, null if it does not within `limitMs`. */
  const reach = (limitMs: number) => {
    arrived.clear();
    let sentMs = 0;
    return world.until(() => {
      if (world.clock.nowMs() - sentMs >= 100) {
        sentMs = world.clock.nowMs();
        world.sendUser(0, SERVER - 1, Uint8Array.of(1));
      }
      return arrived.has(SERVER - 1);
    }, limitMs);
  };
  return { world, server, configure, reach };
}

t.test('a supernode spreads along a line, learns its links, and gives the route that nobody else knows', async (t) => {
  const { world, server, configure, reach } = await makeWorld();
  t.equal(await reach(10_000), null, 'without a supernode the far end is not found');
  await configure();
  const everybody = [0, 1, 2, 3];
  const found = () => everybody.every((host) => world.node(host).supernodes().inUse !== null);
  t.not(await world.until(found, 30_000), null, 'each node hears of it from the next one');
  const told = () => everybody.slice(1).every((host) => world.node(host).supernodes().announcedLinks >= 2);
  t.not(await world.until(told, 30_000), null, 'all links are announced');
  t.same(server.refused, [], 'and every signature is right');
  const tookMs = await reach(5_000);
  t.not(tookMs, null, 'data arrives over the route of the supernode');
  t.comment(`first packet after ${tookMs} ms`);
  const { counters } = world.node(0);
  t.ok(counters.get('supernode.routeVerified') >= 1, 'the route was verified before it was used');
  t.equal(counters.get('supernode.stateMismatch'), 0, 'both sides agree on what was said');
});

t.test('a command asks the supernode where the mesh knows no answer', async (t) => {
  const { world, configure } = await makeWorld();
  await configure();
  await world.run(40_000);
  const finding = world.node(0).find(world.identity(3).address, 5_000);
  await world.run(6_000);
  t.match(await finding, { found: true, hops: 3 });
  const ping = world.node(1).ping(world.identity(3).address, 5_000);
  await world.run(6_000);
  t.match(await ping, { hops: 2 });
});

t.test('a supernode that dies is given up, and used again when it is back', async (t) => {
  const { world, configure } = await makeWorld();
  await configure();
  const inUse = (host: number) => world.node(host).supernodes().inUse !== null;
  t.not(await world.until(() => inUse(0) && inUse(3), 30_000), null);
  await world.run(20_000);
  world.stop(SERVER);
  t.not(await world.until(() => !inUse(3), 10_000), null, 'its peer sees it at once');
  t.not(await world.until(() => !inUse(0), 90_000), null, 'others when they announce something');
  world.start(SERVER);
  t.not(await world.until(() => [0, 1, 2, 3].every(inUse), 120_000), null);
  await world.run(65_000);
  t.ok([0, 1, 2, 3].every((host) => world.node(host).supernodes().announcedLinks >= 1));
});
