// Nodes with the native engine and TUN devices of their own, all in one namespace, for scripts/bench --scale: the far ends
// of streams that are spread over many sessions. They route nothing: what is measured is the way of packets.
//
//   endpoints.mjs ROOT JSON      JSON: { hub: {host, port, key, address}, logins: [{login, password}], count, port }
//
// Prints their addresses as a line of JSON when their devices are there. Takes TCP connections at `port` and counts what
// arrives; for each line on stdin it prints the count. Ends with stdin.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { quietRouters } from './quiet-router.mjs';

/** The addon makes 64 engines for a thread. */
const PER_WORKER = 50;
const MTU_BYTES = 1304;
/** Tables of routes of ours, one a node. */
const FIRST_TABLE = 1000;

/** One thread: its nodes, whose addresses and devices it tells. */
async function work({ root, hub, logins, from, to }) {
  const load = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
  const { silent } = await load('base/index.js');
  const crypto = await load('crypto/index.js');
  const { createNativeEngine } = await load('engine/index.js');
  const { createNode, NODE_ARENA } = await load('node/index.js');
  const { realClock, realRng } = await load('daemon/clock.js');
  const addon = createRequire(import.meta.url)(join(root, 'native/build/Release/fcmesh.node'));
  const backend = crypto.createNativeBackend(addon);
  const hubKey = crypto.parsePublicKey(hub.key);
  const hubAddress = crypto.parseIp6(hub.address);
  const quietRouter = await quietRouters(load);
  /** Their neighbour. */
  const wayOf = (node) => {
    const link = node.peers().find((peer) => peer.state === 'established');
    return link === undefined ? null : { address: hubAddress, key: hubKey, label: link.label, hops: 1 };
  };
  for (let i = from; i < to; i++) {
    const identity = crypto.generateIdentity(backend, realRng);
    const engine = createNativeEngine(addon, { arena: NODE_ARENA });
    const options = { identity, clock: realClock, rng: realRng, engine, crypto: backend, log: silent, firewall: null, users: [] };
    const node = createNode({ ...options, createRouter: quietRouter(() => wayOf(node)) });
    const socket = await engine.openUdp({ host: '0.0.0.0', port: 0 });
    node.useSocket(socket, 'udp');
    const device = engine.openTun({ name: `e${i}`, address: identity.address, prefixLength: 128, mtu: MTU_BYTES });
    node.useTun();
    const endpoint = { host: hub.host, port: hub.port, socket };
    node.addPeer({ endpoint, key: hubKey, ...logins[i % logins.length], name: null });
    parentPort.postMessage({ address: crypto.formatIp6(identity.address), device, table: FIRST_TABLE + i });
  }
}

async function main() {
  const [root, said] = process.argv.slice(2);
  const { hub, logins, count, port } = JSON.parse(said);
  const ends = [];
  for (let from = 0; from < count; from += PER_WORKER) {
    const range = { from, to: Math.min(count, from + PER_WORKER) };
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { root, hub, logins, ...range } });
    worker.on('message', (end) => {
      ends.push(end);
      // What comes from this address goes out by its own device, although all devices lead to the hub.
      execFileSync('ip', ['-6', 'route', 'add', `${hub.address}/128`, 'dev', end.device, 'table', String(end.table)]);
      execFileSync('ip', ['-6', 'rule', 'add', 'from', `${end.address}/128`, 'lookup', String(end.table)]);
      if (ends.length === count) console.log(JSON.stringify(ends.map(({ address }) => address)));
    });
  }
  let bytes = 0;
  const server = createServer((connection) => {
    connection.on('data', (chunk) => {
      bytes += chunk.length;
    });
    connection.on('error', () => undefined); // the sender breaks off when its time is over
  });
  server.listen(port, '::');
  createInterface({ input: process.stdin })
    .on('line', () => console.log(String(bytes)))
    .on('close', () => process.exit(0));
}

await (isMainThread ? main() : work(workerData));
