/** Numbers and texts that the protocol prescribes. Source: protocol 10 §1. */

/** Requests above this are refused (v22). */
export const MAX_REQUEST_BYTES = 2048;
/** A reply must fit one datagram of the stock buffer. */
export const MAX_REPLY_BYTES = 65_000;
/** A cookie is good for this long (§1.1). */
export const COOKIE_SECONDS = 20;
/** Characters of a hash in hex (§1.1). */
export const HASH_LENGTH = 64;
/** Asynchronous messages stop for a client that is silent for this long (§1.2). */
export const ASYNC_SILENCE_MS = 30_000;

export const ERROR = {
  tooBig: 'Request too big.',
  authFailed: 'Auth failed.',
  noFunction: 'No functions matched your request, try Admin_availableFunctions()',
} as const;

/** Entries per page (§1.3). */
export const PER_PAGE = {
  availableFunctions: 8,
  peerStats: 6,
  interfaces: 6,
  dumpTable: 4,
  getHandles: 64,
  passwords: 16,
  snodes: 8,
  peerInfo: 8,
} as const;

/** Wait of SwitchPinger_ping when none is named (§2), and the most user data of a PING and a KEYPING (protocol 06 §2.1). */
export const SWITCH_PING_TIMEOUT_MS = 2_000;
export const MAX_PING_DATA = 256;
export const MAX_KEY_PING_DATA = 52;
/** What stock's table counts for a hop whose pings are answered, the share by which a lost one raises it, and the most (§2). */
export const HOP_COST = 1024;
export const LOST_PING_FACTOR = 8 / 7;
export const MAX_COST = 0xffff_ffff;
/** Stock's classes of what a session knows its way from, the best first; those that mean the same in v20 and v22 (§2). */
export const METRIC = {
  supernode: 0xff30_0000,
  peer: 0xff40_0000,
  /** The 20 lowest bits are the cost. */
  route: 0xff60_0000,
  incoming: 0xff70_0000,
  dead: 0xffff_ffff,
} as const;
export const METRIC_COST_MASK = 0x000f_ffff;
/** Threads that send and receive for one socket or the TUN: none, one thread does everything (ARCHITECTURE.md, "Fairness"). */
export const NO_WORKERS = { send: {}, recv: {} } as const;
/** How long a neighbour may take to say by which label it reaches us. */
export const ASK_NEIGHBOUR_MS = 1_000;
/** Nodes in one answer to a router query (protocol 08 §3). */
export const MAX_LISTED_NODES = 8;
/** Requests of a search when none are named, and at most (protocol 08 §6). */
export const SEARCH_REQUESTS = 8;
export const MAX_SEARCH_REQUESTS = 20;
