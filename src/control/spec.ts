/** What the wire prescribes for control frames beyond their layout, which is in `wire/`. */

/** Random bytes in the data of a ping (protocol 06 §2.1). */
export const COOKIE_BYTES = 8;

/** Handle and cookie in front of the user data (protocol 06 §2.1). */
export const PING_DATA_PREFIX_BYTES = 4 + COOKIE_BYTES;

/** Packet of a PING without user data: switch header, mark, checksum and type, magic and version, prefix (protocol 06 §1, §2.1). */
export const PING_PACKET_BYTES = 12 + 4 + 4 + 8 + PING_DATA_PREFIX_BYTES;

/** Most user data in a PING, before the prefix (protocol 06 §2.1). */
export const MAX_USER_DATA_BYTES = 256;
