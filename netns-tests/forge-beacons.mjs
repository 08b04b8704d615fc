// Sends forged beacons to a broadcast address: forge-beacons.mjs BROADCAST PORT SECONDS PER_SECOND KEY...
// Keys, as 64 hex digits, are used in turn with random ones; ports, versions and lengths are good and absurd ones in turn.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const [broadcast, port, seconds, perSecond, ...keys] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.bind(0, () => {
  socket.setBroadcast(true);
  const begun = Date.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(((Date.now() - begun) / 1000) * Number(perSecond), Number(seconds) * Number(perSecond));
    while (sent < due) socket.send(beacon(sent++), Number(port), broadcast);
    if (sent < Number(seconds) * Number(perSecond)) return;
    clearInterval(timer);
    setTimeout(() => socket.close(), 200);
    console.log(`${sent} sent in ${Date.now() - begun} ms`);
  }, 5);
});

/** One of many kinds. */
function beacon(number) {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(number % 97 === 0 ? 0 : 0xfffffffc, 0);
  bytes.writeUInt16BE([21000, 0, Number(port), 65535, 7][number % 5], 6);
  bytes.writeUInt32BE([21, 21, 20, 0, 0xffffffff][number % 5], 8);
  randomBytes(20).copy(bytes, 12);
  const key = keys[number % (keys.length + 4)];
  (key === undefined ? randomBytes(32) : Buffer.from(key, 'hex')).copy(bytes, 32);
  return number % 89 === 0 ? bytes.subarray(0, number % 64) : bytes;
}
