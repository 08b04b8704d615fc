/** Our own bounds for messages, each with its reason. What the wire prescribes is in the files of the messages. */
import type { BencodeLimits } from '../base/index.ts';

/** Stock messages have 1500 bytes at most (protocol 08 §1), 40 values, and do not nest; 8 levels are asked for. */
export const DHT_LIMITS: BencodeLimits = { maxDepth: 8, maxItems: 256, maxBytes: 4096 };

/** Stock transaction ids have 12 to 14 bytes, those with user text a few more (protocol 08 §2.2). */
export const MAX_TXID_BYTES = 64;

/** An encoding scheme of at most 64 bits cannot describe more forms (protocol 05 §6); more is nonsense. */
export const MAX_FORM_NUMBER = 255;
