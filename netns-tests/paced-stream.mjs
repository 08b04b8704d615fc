// A TCP stream of steady pace, and how long it stood still: node paced-stream.mjs serve ADDRESS PORT SECONDS | fetch ADDRESS PORT LOG
// The server prints the SHA-256 of all that it sent, the client of all that it got; LOG gets a line `UNTIL_MS GAP_MS` for each gap.
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const EVERY_MS = 20;
const CHUNK_BYTES = 20_000;
const GAP_MS = 100;
const [mode, address, port, last] = process.argv.slice(2);
const sum = createHash('sha256');

function serve(socket) {
  const endMs = Date.now() + Number(last) * 1000;
  const timer = setInterval(() => {
    if (Date.now() > endMs) {
      clearInterval(timer);
      socket.end(() => process.stdout.write(`${sum.digest('hex')}\n`, () => process.exit(0)));
    } else if (!socket.writableNeedDrain) {
      const chunk = randomBytes(CHUNK_BYTES);
      sum.update(chunk);
      socket.write(chunk);
    }
  }, EVERY_MS);
}

if (mode === 'serve') createServer(serve).listen(Number(port), address);
else {
  let beforeMs = Date.now();
  const socket = connect(Number(port), address);
  const note = () => {
    const nowMs = Date.now();
    if (nowMs - beforeMs >= GAP_MS) appendFileSync(last, `${nowMs} ${nowMs - beforeMs}\n`);
    return nowMs;
  };
  socket.on('data', (bytes) => {
    sum.update(bytes);
    beforeMs = note();
  });
  // One that has not ended counts as well.
  const timer = setInterval(note, GAP_MS);
  socket.on('end', () => {
    clearInterval(timer);
    process.stdout.write(`${sum.digest('hex')}\n`);
  });
}
