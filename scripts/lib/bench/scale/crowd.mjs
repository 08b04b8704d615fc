// Many nodes in one process, for scripts/bench --scale: those who have links and sessions with the daemon (the hub). They
// are the real node with real keys and real encryption; only their operating system is that of the simulator, driven by
// the clock of the machine, and whoever has a link to the hub has a UDP socket.
//
//   crowd.mjs ROOT JSON      JSON: { hub: {host, port, key, address}, logins: [{login, password}] }
//
// Reads orders from stdin, one a line: `links N` makes nodes until N are linked to the hub; `sessions N` makes nodes until
// N have opened a session with the hub, from behind gateways that have links to it. They leave then, as thousands that
// stay would take more than a core, and the hub keeps their sessions for two minutes. Orders only add, and only one kind
// is given to a process. It ends with stdin.
import { createSocket } from 'node:dgram';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { keyMaker } from './keys.mjs';
import { quietRouters } from './quiet-router.mjs';

/** Gateways, and nodes behind one at a time: one login lets in half as many links as there are places. */
const GATEWAYS = 4;
const PER_GATEWAY = 100;
/** Links to the hub of one login. */
const PER_LOGIN = 120;
/** New nodes a second: the hub makes 100 sessions for strangers a second. */
const STARTS_PER_SECOND = 80;
/** Whoever wants a session sends a packet this often, until it works ... */
const KNOCK_MS = 500;
/** ... and stays this long afterwards, for what the hub asks a newcomer. */
const STAY_MS = 2_000;
const CATCH_UP_MS = 200;
const PUMP_MS = 2;
const LOGIN = { login: 'crowd', password: 'a crowd of the benchmark' };
const PAYLOAD = new Uint8Array(32);

const [root, said] = process.argv.slice(2);
const { hub, logins } = JSON.parse(said);
const load = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
const { equal, silent } = await load('base/index.js');
const crypto = await load('crypto/index.js');
const { composeLabel } = await load('switch/index.js');
const { smallestBits } = await load('switch/director.js');
const { createNode, NODE_ARENA } = await load('node/index.js');
const { createArena } = await load('packet/index.js');
const { VirtualClock } = await load('sim/virtual-clock.js');
const { SimulatedEngine } = await load('sim/simulated-engine.js');
const { hostAddress } = await load('sim/simulated-sockets.js');
const { goodLink, Underlay } = await load('sim/underlay.js');
const { UNDERLAY_PORT } = await load('sim/limits.js');
const { createSeededRng } = await load('sim/seeded-rng.js');
const { userPacket } = await load('sim/user-packet.js');
const { realRng } = await load('daemon/clock.js');

const backend = crypto.createNativeBackend(createRequire(import.meta.url)(join(root, 'native/build/Release/fcmesh.node')));
const clock = new VirtualClock(performance.now());
const underlay = new Underlay(clock, createSeededRng(1, 1));
const arena = createArena(NODE_ARENA);
const hubKey = crypto.parsePublicKey(hub.key);
const hubAddress = crypto.parseIp6(hub.address);
const newIdentity = keyMaker(crypto, backend, await import('@noble/curves/ed25519.js'));
const quietRouter = await quietRouters(load);

/** Of the simulated underlay: the hub is host 0, and who sends there sends into its own real socket. */
const HUB = 0;
const sockets = new Map();
underlay.attach(HUB, ({ buffer, length, fromHost }) => {
  sockets.get(fromHost)?.send(buffer.slice(0, length), hub.port, hub.host);
  return false; // copied: it can go back at once
});

/** Lets what is due happen, up to now. */
function pump() {
  clock.runUntil(performance.now());
}

let hosts = HUB;
const neighbours = [];
/** Nodes that opened a session or are about to. */
let talkers = 0;
/** Nodes behind each gateway now. */
const guests = new Array(GATEWAYS).fill(0);

/** A node that runs; nobody is its peer yet. @param way to the hub, for a node that routes nothing */
function newcomer(way) {
  const host = ++hosts;
  const identity = newIdentity();
  const node = { host, identity };
  node.engine = new SimulatedEngine({ host, clock, underlay, arena, backend, onUserPacket: () => undefined });
  const options = { identity, clock, rng: realRng, engine: node.engine, crypto: backend, log: silent };
  const quiet = way === undefined ? {} : { createRouter: quietRouter(way) };
  node.mesh = createNode({ ...options, ...quiet, firewall: null, users: [{ ...LOGIN, name: null }] });
  node.socket = node.engine.openSocket(UNDERLAY_PORT);
  node.mesh.useSocket(node.socket, 'udp');
  node.engine.openTun();
  node.mesh.useTun();
  return node;
}

function dial(node, host, key, { login, password }) {
  underlay.connect(node.host, host, goodLink(0));
  node.mesh.addPeer({ endpoint: { ...hostAddress(host), socket: node.socket }, key, login, password, name: null });
}

/** A node with a link to the hub. @param way for one that routes nothing */
async function neighbour(way) {
  const node = newcomer(way);
  const socket = createSocket('udp4');
  await new Promise((done) => socket.bind(0, done));
  sockets.set(node.host, socket);
  socket.on('message', (bytes) => {
    pump();
    underlay.send(HUB, UNDERLAY_PORT, node.host, UNDERLAY_PORT, bytes, 0, bytes.length);
    pump();
  });
  dial(node, HUB, hubKey, logins[Math.floor(neighbours.length / PER_LOGIN)]);
  neighbours.push(node);
}

/** A node behind a gateway, with something to say to the hub. */
function talker() {
  const place = guests.indexOf(Math.min(...guests));
  const gateway = neighbours[place];
  const node = newcomer(() => wayThrough(node, gateway));
  dial(node, gateway.host, gateway.identity.publicKey, LOGIN);
  talkers++;
  guests[place]++;
  const leave = () => {
    node.mesh.close();
    node.engine.close();
    gateway.mesh.removePeer(node.identity.publicKey);
    guests[place]--;
  };
  const speak = () => {
    if (isHeard(node)) return clock.after(STAY_MS, leave);
    node.engine.injectTun(userPacket(node.identity.address, hubAddress, PAYLOAD));
    return clock.after(KNOCK_MS, speak);
  };
  clock.after(KNOCK_MS, speak);
}

/** Has it a session with the hub that works? */
function isHeard(node) {
  return node.mesh.inspect().sessions.some(({ key, received }) => received > 0 && equal(key, hubKey));
}

/** From a talker over its gateway; null while a link is not up. */
function wayThrough(node, gateway) {
  const link = (from, key) => from.mesh.peers().find((peer) => peer.state === 'established' && equal(peer.key, key));
  const [first, back] = [link(node, gateway.identity.publicKey), link(gateway, node.identity.publicKey)];
  const second = link(gateway, hubKey);
  if ([first, back, second].includes(undefined)) return null;
  const hops = [{ out: first.interfaceNumber, back: smallestBits(back.interfaceNumber) }];
  hops.push({ out: second.interfaceNumber, back: null });
  return { address: hubAddress, key: hubKey, label: composeLabel(hops), hops: hops.length };
}

const wanted = { links: 0, sessions: 0 };

/** When the next node may start; what was missed lately is made up for. */
let nextMs = performance.now();

/** One more node of those that are wanted. */
async function grow() {
  if (neighbours.length < wanted.links) await neighbour();
  else if (wanted.sessions > 0 && neighbours.length < GATEWAYS) await neighbour(() => null);
  else if (talkers < wanted.sessions && Math.min(...guests) < PER_GATEWAY) talker();
  nextMs = Math.max(nextMs, performance.now() - CATCH_UP_MS) + 1000 / STARTS_PER_SECOND;
  setTimeout(grow, nextMs - performance.now());
}

setInterval(pump, PUMP_MS);
await grow();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [what, count] = line.split(' ');
  wanted[what] = Math.max(wanted[what], Number(count));
});
lines.on('close', () => process.exit(0));
