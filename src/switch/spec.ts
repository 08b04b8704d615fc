/** What the wire prescribes for switches. Our own choices are in limits.ts. */
import { controlError } from '../wire/index.ts';

/** The interface that is the node itself (protocol 05 §2). */
export const SELF_INTERFACE = 1;

/** Highest interface number that a v358 director can name (protocol 05 §2). */
export const MAX_INTERFACE = 256;

/** Interface numbers there are: 0..256. */
export const INTERFACE_COUNT = MAX_INTERFACE + 1;

/** Highest log2 of a label that may be handed on: 60 usable bits (protocol 05 §3). */
export const MAX_LABEL_LOG2 = 59;

/** Bits a packet may consume on its whole way, the director back at the last node included (protocol 05 §4.1). */
export const MAX_SHIFT = 63;

/** Shortest packet about which an error is sent: switch header and session word (protocol 05 §4.3). */
export const MIN_ERROR_CAUSE_BYTES = 16;

/** Error codes by name; other numbers are carried through (protocol 05 §6). */
export const ERROR_CODE = controlError.CODE;

/** The codes a switch makes (protocol 05 §4.1). */
export type SwitchErrorCode =
  | typeof ERROR_CODE.malformedAddress
  | typeof ERROR_CODE.undeliverable
  | typeof ERROR_CODE.returnPathInvalid;

/** A sane encoding scheme has so many forms, and a director of one so many bits, at most (protocol 05 §6). */
export const MAX_FORMS = 31;
export const MAX_FORM_BITS = 59;
