/** What the wire prescribes for clients of supernodes. Our own choices are in limits.ts. */

/** First byte of a query's txid: tells replies of a supernode from those to the router's `0` (protocol 08 §2.2). */
export const TXID_FIRST_BYTE = 0x31;

/** Random bytes behind it (protocol 08 §2.2). */
export const TXID_RANDOM_BYTES = 12;

/** A query is given up after this time (protocol 09 §2). */
export const QUERY_TIMEOUT_MS = 6_000;

/** While there is no supernode, one peer is asked for one this often (protocol 09 §1). */
export const HUNT_MS = 3_000;

/** Only nodes of this version on are asked, and taken as supernodes or targets (protocol 09 §1, §2). */
export const MIN_PROTOCOL = 20;

/** Peers from this version on say by RPATH how they reach us, older ones by `gp` (protocol 06 §2.4). */
export const RPATH_PROTOCOL = 21;

/** Bytes of a `stateHash`, and the value before the first message (protocol 09 §3). */
export const STATE_HASH_BYTES = 64;

/** A message that has more bytes of items is full (protocol 09 §3). */
export const FULL_BYTES = 700;

/** Both sides keep announcements this long, counted back from the newest (protocol 09 §3). */
export const KEPT_MS = 20 * 60_000;

/** An item is said again after a time between these (protocol 09 §3). */
export const REPEAT_MS = { min: 9 * 60_000, max: 19 * 60_000 } as const;

/** Whether there is something to say is looked at this often (protocol 09 §3). */
export const CHECK_MS = 250;

/** Time since the last reply before the next announcement, by what there is to say (protocol 09 §3). */
export const DELAY_MS = { full: 500, firstPeer: 1_000, lostPeer: 6_000, newPeer: 12_000 } as const;

/** ... and without news: at most, the step after each small message, and at least (protocol 09 §3). */
export const INTERVAL_MS = { max: 60_000, step: 100, min: 500 } as const;

/** A link is measured over slots of this length, and this many of them are kept (protocol 09 §3). */
export const SLOT_MS = 10_000;
export const SLOTS = 18;

/** Drops are a share of the packets in units of 2^-18, and never more than this (protocol 09 §3). */
export const DROPS_UNIT = 2 ** 18;
export const MAX_DROPS = 0xfffe;

/** A clock that moved further than this begins anew (protocol 09 §3). */
export const CLOCK_JUMP_MS = 5_000;
