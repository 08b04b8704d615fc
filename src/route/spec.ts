/** What the wire prescribes for router messages. Our own choices are in limits.ts. */

/** First byte of a query's txid: stock nodes give such queries to the finder that answers `fn` (protocol 08 §2.2). */
export const TXID_FIRST_BYTE = 0x30;

/** First byte of a v20 node's queries that only serve its own sessions, and its version; v22 writes `0` first everywhere (protocol 08 §2.2). */
export const SESSION_HALF_FIRST_BYTE = 0x31;
export const SESSION_HALF_PROTOCOL = 20;

/** Random bytes behind it; stock uses 12 (protocol 08 §2.2). */
export const TXID_RANDOM_BYTES = 12;

/** Nodes in one reply, at most (protocol 08 §3). */
export const LIST_LIMIT = 8;

/** Oldest protocol version whose messages are taken (protocol 08 §2, v20's rule). */
export const MIN_PROTOCOL = 16;

/** Bytes of the target of `gp` and of `fn`, `nh` (protocol 08 §2). */
export const TARGET_BYTES = { label: 8, address: 16 } as const;

/** Highest log2 of a label that may be handed on (protocol 05 §3). */
export const MAX_LABEL_BITS = 59;

/** Bits a packet may consume, the director back at the last node included (protocol 05 §4.1). */
export const MAX_SHIFT_BITS = 63;

/** Error code of the session layer, which says nothing about the path (protocol 05 §8, 07 §6). */
export const AUTHENTICATION_ERROR = 6;
