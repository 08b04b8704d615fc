/** The engine of the daemon: the addon behind the `Engine` type. The only file that loads the addon. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  type ArenaSize,
  createArena,
  type Engine,
  HEADROOM_BYTES,
  RECEIVE_SLOT_BYTES,
  SLOT_BYTES,
} from '../packet/index.ts';
import { createNativeEthernet } from './ethernet.ts';
import { TUN_QUEUE_PACKETS } from './limits.ts';
import { type Addon, type Features, NO_ENDPOINT, OFFLOADS, type Offload, TUN_SOURCE } from './native-addon.ts';
import { loadError, mapped, tunError, udpError } from './native-errors.ts';
import { createNativeNetwork } from './network.ts';

/** Two directions of a full vector, and room for what is made on the way; 64 KiB receive slots are mostly untouched. */
const DEFAULT_ARENA: ArenaSize = { tunSlots: 256, receiveSlots: 128, outputSlots: 256, descriptors: 1024 };
/**
 * What comes in 3 ms at 1 Gbit/s, or of 200 000 small packets a second (the kernel doubles it, and counts up to twice what
 * a packet has), while JavaScript is busy elsewhere. What waits here is delay, and TCP fills it: with four times as much
 * a ping beside a full stream took four times as long, timers were late twice as much, and the stream was no faster.
 */
const RECEIVE_BUFFER_BYTES = 1 << 18;
/**
 * Smaller than a queue of the kernel, so that a slow link shows as a full socket and not as loss; and what waits here is
 * delay for everybody: 40 ms at 50 Mbit/s (the kernel doubles it), 2 ms at 1 Gbit/s.
 */
const SEND_BUFFER_BYTES = 1 << 17;

/** Sizes that may differ from the defaults. */
export type NativeEngineOptions = {
  readonly arena?: Partial<ArenaSize>;
  /** What the kernel may hold for each socket, in bytes; it may give less. */
  readonly receiveBufferBytes?: number;
  readonly sendBufferBytes?: number;
  /** Packets the kernel keeps for us in the TUN device. */
  readonly tunQueuePackets?: number;
  /** Who encrypts: the fastest that this machine has, or libsodium. The others are for tests and benchmarks. */
  readonly crypto?: 'auto' | Features['crypto'];
  /** What is left out although the kernel may have it (TSO, USO, UDP_SEGMENT, UDP_GRO): for tests of what is done then. */
  readonly without?: readonly Offload[];
};

/**
 * Loads the addon of this package, built by scripts/build-native; works from src and from dist.
 * @throws MeshError ERR_ADDON (not built, or not for this system), ERR_LIBSODIUM
 */
export function loadAddon(): Addon {
  const path = fileURLToPath(new URL('../../native/build/Release/fcmesh.node', import.meta.url));
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    throw loadError(error, path);
  }
}

/**
 * An engine over the addon: vectors of real packets. After `close` vector calls do nothing and return 0.
 *
 * Packets lie in slots by descriptor: descriptor d uses TUN slot d % tunSlots, and the message that brings descriptor d
 * receive slot d % receiveSlots or one soon after it, so vectors on other descriptors leave a packet alone (as long as
 * they are within about that many of it). What the kernel gave joined and does not fit into a vector begins the next.
 */
export function createNativeEngine(addon: Addon, options: NativeEngineOptions = {}): Engine {
  const arena = createArena({ ...DEFAULT_ARENA, ...options.arena }, addon.memory);
  const receiveBufferBytes = options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES;
  const sendBufferBytes = options.sendBufferBytes ?? SEND_BUFFER_BYTES;
  const tunQueuePackets = options.tunQueuePackets ?? TUN_QUEUE_PACKETS;
  const engine = addon.createEngine(arena.bytes, arena.descriptors, {
    tunStart: arena.tunStart,
    tunSlots: arena.tunSlots,
    slotBytes: SLOT_BYTES,
    headroomBytes: HEADROOM_BYTES,
    receiveStart: arena.receiveStart,
    receiveSlots: arena.receiveSlots,
    receiveSlotBytes: RECEIVE_SLOT_BYTES,
  });
  const without = (options.without ?? []).reduce((bits, offload) => bits | (1 << OFFLOADS.indexOf(offload)), 0);
  addon.configure(engine, options.crypto ?? 'auto', without);
  let isOpen = true;
  // Found once: looking up a property of the addon costs as much as the call itself while this code is not compiled yet.
  const { seal, open, recv, send, readTun, writeTun } = addon;
  return {
    kind: 'native',
    arena,
    setKey: (slot, key, nonceOffset) => addon.setKey(engine, slot, key, nonceOffset),
    clearKey: (slot) => {
      if (isOpen) addon.clearKey(engine, slot);
    },
    seal: (first, count) => seal(engine, first, count),
    open: (first, count) => open(engine, first, count),
    openUdp: async (at) =>
      mapped(
        () => addon.openUdp(engine, at.host, at.port, receiveBufferBytes, sendBufferBytes),
        (error) => udpError(error, at),
      ),
    ethernet: createNativeEthernet(addon, engine, { receiveBufferBytes, sendBufferBytes }, () => isOpen),
    boundPort: (socket) => addon.boundPort(engine, socket),
    endpoint: (socket, to) => {
      const slot = addon.endpoint(engine, socket, to.host, to.port);
      return slot === NO_ENDPOINT ? null : slot;
    },
    forgetEndpoint: (slot) => {
      if (isOpen) addon.forgetEndpoint(engine, slot);
    },
    tellPathMtu: (slot, bytes) => isOpen && addon.tellPathMtu(engine, slot, bytes),
    sender: (index) => addon.sender(engine, index),
    recv: (socket, first, count) => recv(engine, first, count, socket),
    send: (first, count) => send(engine, first, count),
    openTun: (tun) =>
      mapped(
        () => addon.openTun(engine, tun.name, tun.address, tun.prefixLength, tun.mtu, tunQueuePackets),
        (error) => tunError(error, tun),
      ),
    readTun: (first, count) => readTun(engine, first, count),
    writeTun: (first, count) => writeTun(engine, first, count),
    watch: (source, onReady) => addon.watch(engine, source === 'tun' ? TUN_SOURCE : source, onReady),
    pause: (source, paused) => {
      if (isOpen) addon.pause(engine, source === 'tun' ? TUN_SOURCE : source, paused);
    },
    network: createNativeNetwork(addon, engine, () => isOpen),
    describe: () => {
      if (!isOpen) return {};
      const features = addon.features(engine);
      const udpOffload = features.udpSend && features.udpReceive;
      return { ...features, udpOffload, ...addon.counters(engine) };
    },
    close: () => {
      isOpen = false;
      addon.close(engine);
    },
  };
}
