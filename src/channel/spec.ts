/** Numbers that the wire prescribes for data frames: counter, tag, ciphertext. Source: protocol 02 §2.2. */

/** First counter of the initiator's data packets; what is below marks a packet of a handshake (§4). */
export const FIRST_COUNTER = 4;

/** A channel that would send this counter begins a new handshake instead (protocol 02 §5 step 2). */
export const COUNTER_LIMIT = 0xffff_fff0;

/** Where the counter lies in the box nonce of data packets, by who sealed them (§2.2). */
export const NONCE_OFFSET = { responder: 0, initiator: 4 } as const;
