/**
 * The engine without native code: `dgram` and noble, no TUN. Good for a relay, for tests and where no compiler is;
 * about a tenth of the native one's speed. Same contract, same tests.
 */

import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv6, SocketAddress } from 'node:net';
import { createCounters, MeshError, readU32, writeU32 } from '../base/index.ts';
import {
  type ArenaSize,
  createArena,
  descriptor,
  type Engine,
  RECEIVE_SLOT_BYTES,
  type Source,
} from '../packet/index.ts';
import type { HostPort } from '../underlay/index.ts';
import { portableNetwork } from './network.ts';

const { STRIDE, OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT, FRAME_OVERHEAD } = descriptor;

/** Datagrams that wait in a socket until they are read; more are dropped, as a full kernel buffer does. */
const QUEUE_DATAGRAMS = 1024;

type Datagram = { readonly bytes: Uint8Array; readonly from: HostPort };
type OpenSocket = {
  readonly socket: Socket;
  readonly family: 4 | 6;
  readonly waiting: Datagram[];
  onReady: ((readable: boolean, writable: boolean) => void) | null;
  scheduled: boolean;
  paused: boolean;
};
type Endpoint = { readonly socket: number; readonly to: HostPort };
type Key = { readonly bytes: Uint8Array; readonly nonceOffset: 0 | 4 };

/** Makes a portable engine; loads noble on the way. */
export async function createPortableEngine(size: ArenaSize): Promise<Engine> {
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const arena = createArena(size);
  const { bytes, descriptors } = arena;
  const counters = createCounters();
  const keys = new Map<number, Key>();
  const sockets: OpenSocket[] = [];
  const endpoints: (Endpoint | null)[] = [];
  const slots = new Map<string, number>();
  const senders = new Map<number, HostPort>();
  const nonce = new Uint8Array(24);

  const cipher = (key: Key, counter: number) => {
    nonce.fill(0);
    new DataView(nonce.buffer).setUint32(key.nonceOffset, counter, true);
    return xsalsa20poly1305(key.bytes, nonce);
  };

  /** Calls `work` for each frame that names a key and lies within the arena; others get a negative RESULT. */
  const eachFrame = (
    first: number,
    count: number,
    work: (at: number, offset: number, length: number, key: Key) => void,
  ) => {
    for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
      const offset = descriptors[at + OFFSET] ?? -1;
      const length = descriptors[at + LENGTH] ?? 0;
      if (length === 0) continue;
      const key = keys.get(descriptors[at + KEY] ?? -1);
      const inside = offset >= 0 && length >= FRAME_OVERHEAD && offset + length <= bytes.length;
      if (key === undefined || !inside) descriptors[at + RESULT] = -1;
      else work(at, offset, length, key);
    }
  };

  const ready = (socket: OpenSocket): void => {
    if (socket.scheduled || socket.paused || socket.onReady === null || socket.waiting.length === 0) return;
    socket.scheduled = true;
    setImmediate(() => {
      socket.scheduled = false;
      if (!socket.paused) socket.onReady?.(true, false);
      ready(socket);
    });
  };

  return {
    kind: 'portable',
    arena,
    setKey: (slot, key, nonceOffset) => void keys.set(slot, { bytes: Uint8Array.from(key), nonceOffset }),
    clearKey: (slot) => {
      keys.get(slot)?.bytes.fill(0);
      keys.delete(slot);
    },
    seal: (first, count) =>
      eachFrame(first, count, (at, offset, length, key) => {
        const counter = (descriptors[at + NONCE] ?? 0) >>> 0;
        const sealed = cipher(key, counter).encrypt(bytes.slice(offset + FRAME_OVERHEAD, offset + length));
        writeU32(bytes, offset, counter);
        bytes.set(sealed, offset + 4);
        descriptors[at + RESULT] = 0;
      }),
    open: (first, count) =>
      eachFrame(first, count, (at, offset, length, key) => {
        const counter = readU32(bytes, offset);
        descriptors[at + NONCE] = counter | 0;
        try {
          const plain = cipher(key, counter).decrypt(bytes.slice(offset + 4, offset + length));
          bytes.set(plain, offset + FRAME_OVERHEAD);
          descriptors[at + RESULT] = 0;
        } catch {
          // noble throws on a wrong tag, and only on that: the lengths are right here.
          descriptors[at + RESULT] = -2;
        }
      }),
    openUdp: async (at) => {
      const family = isIPv6(at.host.split('%')[0] ?? '') ? 6 : 4;
      const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', ipv6Only: family === 6 });
      const open: OpenSocket = { socket, family, waiting: [], onReady: null, scheduled: false, paused: false };
      await bound(socket, at);
      socket.on('error', () => counters.add('socket_error'));
      socket.on('message', (message, from) => {
        if (open.waiting.length >= QUEUE_DATAGRAMS) return counters.add('queue_full');
        open.waiting.push({ bytes: message, from: { host: from.address, port: from.port } });
        ready(open);
      });
      sockets.push(open);
      return sockets.length - 1;
    },
    boundPort: (socket) => sockets[socket]?.socket.address().port ?? 0,
    ethernet: null,
    endpoint: (socket, to) => {
      const family = isIP(to.host.split('%')[0] ?? '');
      if (family === 0 || sockets[socket]?.family !== family || to.port < 1 || to.port > 65535) return null;
      const address = asReceived(to.host);
      const name = `${socket} ${address} ${to.port}`;
      const known = slots.get(name);
      if (known !== undefined) return known;
      let slot = endpoints.indexOf(null);
      if (slot < 0) slot = endpoints.length;
      endpoints[slot] = { socket, to: { host: address, port: to.port } };
      slots.set(name, slot);
      return slot;
    },
    forgetEndpoint: (slot) => {
      const endpoint = endpoints[slot] ?? null;
      if (endpoint === null) return;
      slots.delete(`${endpoint.socket} ${endpoint.to.host} ${endpoint.to.port}`);
      endpoints[slot] = null;
    },
    // It takes a raw socket, which Node.js has not.
    tellPathMtu: () => false,
    sender: (index) => senders.get(index) ?? { host: '0.0.0.0', port: 0 },
    recv: (number, first, count) => {
      const socket = sockets[number];
      if (socket === undefined) return 0;
      let done = 0;
      while (done < Math.min(count, size.receiveSlots)) {
        const datagram = socket.waiting.shift();
        if (datagram === undefined) break;
        const offset = arena.receiveStart + done * RECEIVE_SLOT_BYTES;
        bytes.set(datagram.bytes, offset);
        const at = (first + done) * STRIDE;
        const slot = slots.get(`${number} ${datagram.from.host} ${datagram.from.port}`) ?? -1;
        descriptors[at + OFFSET] = offset;
        descriptors[at + LENGTH] = datagram.bytes.length;
        descriptors[at + ENDPOINT] = slot;
        descriptors[at + SOCKET] = number;
        if (slot < 0) senders.set(first + done, datagram.from);
        done++;
      }
      return done;
    },
    send: (first, count) => {
      for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
        const offset = descriptors[at + OFFSET] ?? -1;
        const length = descriptors[at + LENGTH] ?? 0;
        const endpoint = endpoints[descriptors[at + ENDPOINT] ?? -1] ?? null;
        if (length === 0) continue;
        if (endpoint === null || offset < 0 || offset + length > bytes.length) {
          counters.add('send_refused');
          continue;
        }
        // dgram keeps the buffer until it is sent, so it gets a copy of its own.
        const copy = bytes.slice(offset, offset + length);
        sockets[endpoint.socket]?.socket.send(copy, endpoint.to.port, endpoint.to.host, (error) => {
          if (error) counters.add('send_error');
        });
      }
      return count;
    },
    openTun: () => {
      throw new MeshError(
        'ERR_UNSUPPORTED',
        'the portable engine has no TUN device',
        'build the native engine with scripts/build-native, or set tun.enabled to false',
      );
    },
    readTun: () => 0,
    writeTun: () => 0,
    watch: (source, onReady) => {
      const socket = source === 'tun' ? undefined : sockets[source];
      if (socket === undefined) return;
      socket.onReady = onReady;
      ready(socket);
    },
    pause: (source: Source, paused) => {
      const socket = source === 'tun' ? undefined : sockets[source];
      if (socket === undefined) return;
      socket.paused = paused;
      ready(socket);
    },
    network: portableNetwork,
    describe: () => ({ crypto: 'noble', ...Object.fromEntries(counters.all()) }),
    close: () => {
      for (const open of sockets.splice(0)) open.socket.close();
      for (const key of keys.values()) key.bytes.fill(0);
      keys.clear();
    },
  };
}

/** An address as `dgram` reports senders: IPv6 in its short form, so that a peer is known however it was written. */
function asReceived(address: string): string {
  const [plain = '', scope] = address.split('%');
  if (!isIPv6(plain)) return address;
  const short = new SocketAddress({ address: plain, family: 'ipv6' }).address;
  return scope === undefined ? short : `${short}%${scope}`;
}

function bound(socket: Socket, at: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(bindError(error, at));
    });
    socket.bind(at.port, at.host, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function bindError(error: NodeJS.ErrnoException, at: HostPort): MeshError {
  if (error.code === 'EADDRINUSE') {
    return new MeshError(
      'ERR_PORT_IN_USE',
      `UDP port ${at.port} is in use`,
      'choose another port in `listen`, or stop the program that has it',
    );
  }
  if (error.code === 'EACCES') {
    return new MeshError('ERR_PERMISSION', `UDP port ${at.port} needs root`, 'run as root or choose a port above 1023');
  }
  return new MeshError(
    error.code === 'EADDRNOTAVAIL' ? 'ERR_NO_ADDRESS' : 'ERR_ADDRESS',
    `cannot listen on ${at.host}: ${error.code ?? error.message}`,
    'give an address of this machine in `listen`',
  );
}
