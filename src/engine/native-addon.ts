/**
 * What the addon exports. `engine` is the number `createEngine` gave; vectors are (engine, first, count).
 * Wrong arguments throw an Error with code ERR_ARGUMENT, failed system calls one whose code is the errno's name and
 * whose `syscall` is the step. What packets and descriptors contain never throws.
 */
import type { NativeCrypto } from '../crypto/index.ts';
import type { EthernetBeacon } from '../packet/index.ts';

/** Values of RESULT that `seal`, `open` and `writeTun` give. */
export const GOOD = 0;
/** The frame is not inside the arena, or shorter than its overhead. */
export const BAD_BOUNDS = -1;
/** No key in this slot. */
export const BAD_KEY = -2;
/** Not sealed with this key, or changed on the way. */
export const BAD_TAG = -3;
/** The TUN device did not take the packet. */
export const NOT_WRITTEN = -4;

/** `source` of the TUN device in `watch` and `pause`. */
export const TUN_SOURCE = -1;
/** `source` of changes of the network. */
export const NETWORK_SOURCE = -2;
/** And of beacons. */
export const BEACON_SOURCE = -3;
/** What `endpoint` answers for what is no address of the socket's family, and when 65536 are known already. */
export const NO_ENDPOINT = -1;

/** Where the slots lie in the arena, in bytes. */
export type Layout = {
  readonly tunStart: number;
  readonly tunSlots: number;
  readonly slotBytes: number;
  readonly headroomBytes: number;
  readonly receiveStart: number;
  readonly receiveSlots: number;
  readonly receiveSlotBytes: number;
};

/** Calls for the daemon around the engine. */
export type NativeSystem = {
  /**
   * Becomes `uid` and `gid` in all threads, without supplementary groups, capabilities (but CAP_NET_ADMIN, for the
   * main thread, if kept) and the means to gain any. After an error the process may be half way and should end.
   */
  readonly dropPrivileges: (to: { readonly uid: number; readonly gid: number; readonly keepNetAdmin: boolean }) => void;
  /**
   * Refuses what a running daemon never needs, in all threads and for good: other programs, other processes, mounts,
   * modules; and core dumps. @returns false where the kernel has no filter of system calls
   */
  readonly confine: () => boolean;
  /**
   * Keeps other devices from carrying packets of the mesh to this machine, until the process ends.
   * @param address 16 bytes, ours
   * @returns false where the kernel would leave the rules behind (before Linux 5.12)
   * @throws Error of the kernel: no nftables, no right
   */
  readonly guard: (device: string, address: Uint8Array) => boolean;
  /** Tells systemd (`READY=1`). @returns false when nobody listens */
  readonly sdNotify: (text: string) => boolean;
  /** Names of the capabilities in effect (`CAP_NET_ADMIN`). */
  readonly capabilities: () => string[];
};

/** What of the machine is in use. */
export type Features = {
  /** Who seals and opens vectors: libsodium, or code with one packet per SIMD lane. */
  readonly crypto: 'libsodium' | 'avx2' | 'avx512' | 'neon';
  /** The TUN device gives and takes frames of up to 64 KiB of TCP. */
  readonly tunOffload: boolean;
  /** And of UDP. */
  readonly tunUdpOffload: boolean;
  /** All sockets send several packets as one message. */
  readonly udpSend: boolean;
  /** All sockets receive several packets as one message. */
  readonly udpReceive: boolean;
};

/** Features by which packets cross to the kernel joined; any of them may be left out. */
export const OFFLOADS = [
  'tunOffload',
  'tunUdpOffload',
  'udpSend',
  'udpReceive',
] as const satisfies readonly (keyof Features)[];
export type Offload = (typeof OFFLOADS)[number];

/** The functions behind `Ethernet`. */
export type NativeEthernet = {
  /** @throws Error of the kernel: no right */
  readonly openEthernet: (engine: number, receiveBufferBytes: number, sendBufferBytes: number) => number;
  readonly welcomeDevices: (engine: number, names: readonly string[]) => void;
  readonly openBeacons: (engine: number, receiveBufferBytes: number) => void;
  readonly sendBeacon: (engine: number, deviceIndex: number, content: Uint8Array) => boolean;
  readonly receiveBeacons: (engine: number) => EthernetBeacon[];
};

/** The functions behind `Engine`. */
export type NativeVectors = {
  /** Memory that engines can be made over: it stays where it is for as long as anybody uses it. All bytes are 0. */
  readonly memory: (bytes: number) => ArrayBuffer;
  /** @throws Error for arrays that do not begin in `memory` */
  readonly createEngine: (arena: Uint8Array, descriptors: Int32Array, layout: Layout) => number;
  /**
   * Before sockets and TUN are opened. What this machine lacks is not taken, but the fastest that it has.
   * @param without offloads that are not to be used: bit n stands for OFFLOADS[n]
   */
  readonly configure: (engine: number, crypto: 'auto' | Features['crypto'], without: number) => void;
  readonly features: (engine: number) => Features;
  readonly close: (engine: number) => void;
  readonly counters: (engine: number) => Record<string, number>;
  readonly setKey: (engine: number, slot: number, key: Uint8Array, nonceOffset: number) => void;
  readonly clearKey: (engine: number, slot: number) => void;
  readonly seal: (engine: number, first: number, count: number) => void;
  readonly open: (engine: number, first: number, count: number) => void;
  readonly openUdp: (
    engine: number,
    address: string,
    port: number,
    receiveBufferBytes: number,
    sendBufferBytes: number,
  ) => number;
  readonly boundPort: (engine: number, socket: number) => number;
  readonly endpoint: (engine: number, socket: number, address: string, port: number) => number;
  readonly forgetEndpoint: (engine: number, slot: number) => void;
  readonly tellPathMtu: (engine: number, slot: number, bytes: number) => boolean;
  readonly sender: (engine: number, index: number) => { host: string; port: number };
  readonly recv: (engine: number, first: number, count: number, socket: number) => number;
  readonly send: (engine: number, first: number, count: number) => number;
  readonly openTun: (
    engine: number,
    name: string,
    address: Uint8Array,
    prefixLength: number,
    mtu: number,
    queueLength: number,
  ) => string;
  readonly readTun: (engine: number, first: number, count: number) => number;
  readonly writeTun: (engine: number, first: number, count: number) => number;
  /** From now on changes of devices, addresses and routes wait in `NETWORK_SOURCE`. @throws Error of the kernel */
  readonly openNetwork: (engine: number) => void;
  /** Messages of rtnetlink that wait; null when the kernel had more of them than it keeps. */
  readonly networkChanges: (engine: number) => Uint8Array | null;
  /** All links (0) or all addresses (1), as messages of rtnetlink. @throws Error of the kernel */
  readonly dumpNetwork: (what: 0 | 1) => Uint8Array;
  readonly watch: (engine: number, source: number, onReady: (readable: boolean, writable: boolean) => void) => void;
  readonly pause: (engine: number, source: number, paused: boolean) => void;
};

/** The addon. */
export type Addon = NativeVectors & NativeEthernet & NativeCrypto & NativeSystem;
