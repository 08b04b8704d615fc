// Sends as much as it can over many TCP streams, for scripts/bench --scale:
//
//   sender.mjs JSON      JSON: { addresses, port, streams, seconds }; streams are dealt to the addresses in turn
//
// Prints `begin` when all are connected and `end` when the time is over.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const CHUNK = Buffer.alloc(1 << 17);
/** A session that is not there yet is told as "unreachable": tried again until then. */
const CONNECT_SECONDS = 40;
const AGAIN_MS = 500;

const { addresses, port, streams, seconds } = JSON.parse(process.argv[2]);

const startedMs = performance.now();

async function open(i) {
  for (;;) {
    try {
      return await connected(addresses[i % addresses.length]);
    } catch (error) {
      if (performance.now() - startedMs > CONNECT_SECONDS * 1000) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

function connected(address) {
  return new Promise((done, failed) => {
    const socket = connect(port, address, () => done(socket));
    socket.on('error', failed);
  });
}

const sockets = await Promise.all(Array.from({ length: streams }, (_, i) => open(i)));
console.log('begin');
for (const socket of sockets) {
  const fill = () => {
    while (socket.write(CHUNK));
  };
  socket.on('drain', fill);
  fill();
}
setTimeout(() => {
  console.log('end');
  process.exit(0);
}, seconds * 1000);
