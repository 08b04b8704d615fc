/**
 * What moves and encrypts packets: vectors of descriptors go in, the number done comes out (ARCHITECTURE.md, "How a packet travels").
 * `engine/native.ts` implements it with the addon, `engine/portable.ts` with dgram and noble, `sim/` with nothing.
 *
 * In all vector calls `first` is the index of the first descriptor and `count` how many follow. A descriptor with
 * LENGTH 0 is skipped. No call throws because of what a packet contains.
 */
import type { HostPort, NetworkDevice } from '../underlay/index.ts';
import type { Arena } from './arena.ts';
import type { Ethernet } from './ethernet.ts';

/** What a TUN device needs. */
export type TunOptions = {
  /** Device name, 1 to 15 bytes. */
  readonly name: string;
  /** The node's own address, 16 bytes. */
  readonly address: Uint8Array;
  /** Bits of `address` that are routed to the device; 8 for fc00::/8. */
  readonly prefixLength: number;
  /** Bytes. */
  readonly mtu: number;
};

/** What `watch` reports on: the TUN device or a socket number. */
export type Source = 'tun' | number;

/** What the operating system says of the network of this machine. */
export type NetworkSource = {
  /** All devices as they are now. */
  readonly devices: () => readonly NetworkDevice[];
  /**
   * Calls `onChange` when devices or addresses may have changed, or the way out of this network did; then is silent until
   * `devices` was called.
   */
  readonly watch: (onChange: (what: 'devices' | 'way out') => void) => void;
};

/** Moves and encrypts vectors of packets. */
export type Engine = {
  readonly kind: 'native' | 'portable' | 'simulated';
  readonly arena: Arena;

  /**
   * Installs a data key: 32 bytes, and where the counter lies in the 24-byte box nonce (protocol 02 §2.2: 0 when the
   * responder sealed, 4 when the initiator did). Slots are small integers given out by `cryptoauth/`.
   */
  readonly setKey: (slot: number, key: Uint8Array, nonceOffset: 0 | 4) => void;
  /** Wipes a key; packets that still name the slot fail. */
  readonly clearKey: (slot: number) => void;

  /**
   * Encrypts each frame in place: `[counter | tag | data]` at OFFSET, LENGTH bytes in all. Writes NONCE into the first
   * four bytes (big endian). RESULT is 0, or negative (bad slot or bounds) and the frame is untouched.
   */
  readonly seal: (first: number, count: number) => void;
  /** The reverse: NONCE is read from the frame. RESULT is negative when the tag is wrong, and then the frame is untouched. */
  readonly open: (first: number, count: number) => void;

  /**
   * Opens a UDP socket bound to `at`, a numeric address, and returns its number (0, 1, ...).
   * @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION
   */
  readonly openUdp: (at: HostPort) => Promise<number>;
  /** The port a socket is bound to (for port 0); 0 for raw Ethernet. */
  readonly boundPort: (socket: number) => number;
  /** Raw Ethernet; null where the engine has none. Its socket takes part in all that follows, with `MAC@DEVICE` and port 0. */
  readonly ethernet: Ethernet | null;
  /** The slot that stands for `to` as seen from `socket`; the same again for the same address. null: not an address. */
  readonly endpoint: (socket: number, to: HostPort) => number | null;
  /** Forgets a slot; its number may be given out again. */
  readonly forgetEndpoint: (slot: number) => void;
  /**
   * Tells the kernel that the path to an endpoint carries IP packets of so many bytes (1 to 65535) and no longer ones, as a router
   * would: for ten minutes they go there in fragments.
   * @returns whether it was told: only the native engine can, where the process might open raw sockets when it began
   */
  readonly tellPathMtu: (slot: number, bytes: number) => boolean;
  /** Who sent the packet of descriptor `index`, when its ENDPOINT is -1. Good until the next `recv`. */
  readonly sender: (index: number) => HostPort;
  /**
   * Receives into the receive slots; fills OFFSET, LENGTH, ENDPOINT, SOCKET.
   * @returns descriptors filled; 0 when nothing waits, or nothing of what did was for us: `watch` tells of the rest
   */
  readonly recv: (socket: number, first: number, count: number) => number;
  /**
   * Sends frames in order, each to its ENDPOINT, and from the address that its SOCKET names: one that is ours no more is
   * passed over, and the kernel chooses. A packet that can never be sent (too large, no route) is counted and
   * passed over.
   * @returns packets dealt with; fewer than `count` when a socket is full: `watch` tells when to go on
   */
  readonly send: (first: number, count: number) => number;

  /**
   * Opens and configures the TUN device; returns its name.
   * @throws MeshError ERR_NO_TUN, ERR_PERMISSION, ERR_TUN_BUSY, ERR_UNSUPPORTED
   */
  readonly openTun: (options: TunOptions) => string;
  /** Reads IPv6 packets into the TUN slots, OFFSET past the headroom; returns how many. */
  readonly readTun: (first: number, count: number) => number;
  /** Writes IPv6 packets to the TUN; returns how many were taken (a full queue drops the rest, as a network card does). */
  readonly writeTun: (first: number, count: number) => number;

  /** Calls `onReady` when `source` can be read, and once when it can be written again after a short `send`. */
  readonly watch: (source: Source, onReady: (readable: boolean, writable: boolean) => void) => void;
  /** Stops or resumes reading from `source` (backpressure). */
  readonly pause: (source: Source, paused: boolean) => void;
  /** The network below; null where there is none but what a test makes. */
  readonly network: NetworkSource | null;
  /** Which accelerations are on and counters of calls, for `status`. */
  readonly describe: () => Readonly<Record<string, string | number | boolean>>;
  /** Closes everything; the TUN device disappears with its addresses and routes. Idempotent. */
  readonly close: () => void;
};
