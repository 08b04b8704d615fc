/** Why a packet was refused: the numbers go on the wire in error reports of inner sessions. Source: protocol 02 §11. */

/** Error numbers by name. */
export const ERROR = {
  NONE: 0,
  RUNT: 1,
  NO_SESSION: 2,
  FINAL_SHAKE_FAIL: 3,
  FAILED_DECRYPT_RUN_MSG: 4,
  KEY_PKT_ESTABLISHED_SESSION: 5,
  WRONG_PERM_PUBKEY: 6,
  IP_RESTRICTED: 7,
  AUTH_REQUIRED: 8,
  UNRECOGNIZED_AUTH: 9,
  STRAY_KEY: 10,
  HANDSHAKE_DECRYPT_FAILED: 11,
  WISEGUY: 12,
  INVALID_PACKET: 13,
  REPLAY: 14,
  DECRYPT: 15,
  /** Ours: the data table is full. Never sent. */
  INTERNAL: 16,
  /** Ours: too many new hellos of this peer in a short time. Never sent. */
  BUSY: 17,
} as const;

/** A number of the table. */
export type ErrorNumber = (typeof ERROR)[keyof typeof ERROR];

const NAMES = new Map<number, string>(Object.entries(ERROR).map(([name, number]) => [number, name]));

/** `REPLAY` for 14; `ERROR_n` for numbers that the protocol does not name (v22 with Noise sends some). */
export function errorName(error: number): string {
  return NAMES.get(error) ?? `ERROR_${error}`;
}
