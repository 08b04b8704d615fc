// Streams of random data in both directions at once, in writes of random sizes; each side ends a stream with the SHA-256
// of what it sent, and checks the other's. For 20-integrity.sh.
//
//   node random-writes.mjs serve ADDRESS PORT STREAMS BYTES
//   node random-writes.mjs dial ADDRESS PORT STREAMS BYTES
//
// BYTES: of each stream and direction. Exit code 0: all streams arrived whole and unchanged.
import { createCipheriv, createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [role, address, port, streamsText, bytesText] = process.argv.slice(2);
const [streams, bytes] = [Number(streamsText), Number(bytesText)];
const DIGEST_BYTES = 32;
const MAX_WRITE = 65_536;

/** Sends `bytes` of key stream, then their digest. */
async function send(socket) {
  const random = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(MAX_WRITE);
  const hash = createHash('sha256');
  for (let left = bytes; left > 0; ) {
    // Mostly small ones, as programs write them, and some that fill many packets.
    const size = Math.min(left, randomInt(4) === 0 ? randomInt(1, MAX_WRITE + 1) : randomInt(1, 8192));
    const data = random.update(zeros.subarray(0, size));
    hash.update(data);
    left -= size;
    if (!socket.write(data)) await once(socket, 'drain');
  }
  socket.end(hash.digest());
}

/** Reads to the end. @returns whether length and digest agree */
async function receive(socket) {
  const hash = createHash('sha256');
  const tail = [];
  let got = 0;
  // The other direction goes on after the end of this one.
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    const body = data.subarray(0, Math.max(0, bytes - got));
    hash.update(body);
    tail.push(data.subarray(body.length));
    got += data.length;
  }
  const right = got === bytes + DIGEST_BYTES && hash.digest().equals(Buffer.concat(tail));
  if (!right) console.log(`a stream of ${bytes} bytes arrived wrong: ${got - DIGEST_BYTES} bytes`);
  return right;
}

async function both(socket) {
  socket.setNoDelay(true);
  const [right] = await Promise.all([receive(socket), send(socket)]);
  return right;
}

function sockets() {
  if (role === 'dial') {
    const options = { host: address, port: Number(port), allowHalfOpen: true };
    return Array.from({ length: streams }, () => Promise.resolve(connect(options)));
  }
  const waiting = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => waiting.shift()?.(socket));
  const accepted = Array.from({ length: streams }, () => new Promise((found) => waiting.push(found)));
  server.listen(Number(port), address);
  void Promise.all(accepted).then(() => server.close());
  return accepted;
}

const results = await Promise.all(sockets().map(async (socket) => both(await socket)));
const right = results.filter(Boolean).length;
console.log(`${right} of ${streams} streams arrived unchanged, ${(right * bytes) / 1e6} MB`);
process.exitCode = right === streams ? 0 : 1;
