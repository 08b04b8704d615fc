// A TCP connection whose far end speaks last: a server that sends a line once a file is there, and a client that waits.
//   node late-word.mjs serve PORT FILE       node late-word.mjs wait HOST PORT       the client prints the line
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const [, , what, ...rest] = process.argv;
if (what === 'serve') {
  const [port, file] = rest;
  createServer((socket) => {
    socket.write('hello\n');
    const look = setInterval(() => {
      if (!existsSync(file)) return;
      clearInterval(look);
      socket.end('late\n');
    }, 50);
    socket.on('error', () => clearInterval(look));
  }).listen(Number(port), '::');
} else {
  const [host, port] = rest;
  const attempt = () => {
    const socket = connect({ host, port: Number(port) });
    let isOpen = false;
    socket.on('connect', () => {
      isOpen = true;
      socket.pipe(process.stdout);
    });
    socket.on('end', () => process.exit(0));
    // The server may not be there yet.
    socket.on('error', () => (isOpen ? process.exit(1) : setTimeout(attempt, 100)));
  };
  attempt();
}
