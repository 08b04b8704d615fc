/**
 * ERROR: a packet did not arrive. Never a proof, any node on the path can forge it. Source: protocol 06 §2.6, 05 §8.
 * Offsets count from the body.
 *
 *   0  code (4)
 *   4  cause: start of the packet in question, from its switch header (12) on
 *
 * AUTHENTICATION errors: cause header (12), 16 bytes that followed it, CryptoAuth error number (4), session state (4).
 */
import { concat, copy, readU32, writeU32 } from '../base/index.ts';
import { type ControlFrame, emit as emitControl, TYPE } from './control.ts';
import * as switchHeader from './switch-header.ts';

/** Byte offsets in the body. */
export const OFFSET = { code: 0, cause: 4 } as const;
/** Byte offsets in the cause of an AUTHENTICATION error. */
export const DETAIL_OFFSET = { packet: 12, errorNumber: 28, stateNumber: 32 } as const;

/** Most bytes of the cause that a switch sends. */
export const MAX_CAUSE = 256;
/** Stock receivers ignore errors with less of a cause. */
export const MIN_CAUSE = 32;

/** Error codes; others are carried as numbers. */
export const CODE = {
  none: 0,
  malformedAddress: 1,
  flood: 2,
  linkLimitExceeded: 3,
  oversizeMessage: 4,
  undersizeMessage: 5,
  authentication: 6,
  invalid: 7,
  undeliverable: 8,
  loopRoute: 9,
  returnPathInvalid: 10,
} as const;

/** An error report. */
export type ControlError = {
  readonly code: number;
  /** Starts with the switch header of the packet in question, when it has 12 bytes or more. */
  readonly cause: Uint8Array;
};

/** What the session layer adds to AUTHENTICATION errors. */
export type AuthenticationDetail = {
  /** 16 bytes that followed the switch header. */
  readonly packet: Uint8Array;
  /** CryptoAuth error number (protocol 02 §11). */
  readonly errorNumber: number;
  /** Session state number (protocol 02 §4); null if it was cut off, as stock receivers do. */
  readonly stateNumber: number | null;
};

/** Reads an error; null for another type. */
export function parse(frame: ControlFrame): ControlError | null {
  if (frame.type !== TYPE.error || frame.body.length < OFFSET.cause) return null;
  return { code: readU32(frame.body, OFFSET.code), cause: copy(frame.body, OFFSET.cause) };
}

/** Writes the whole control frame, from its checksum on; the cause is cut to 256 bytes. */
export function emit(error: ControlError): Uint8Array {
  const code = new Uint8Array(OFFSET.cause);
  writeU32(code, OFFSET.code, error.code);
  return emitControl({ type: TYPE.error, body: concat(code, error.cause.subarray(0, MAX_CAUSE)) });
}

/** Switch header of the packet in question; null if the cause is too short. */
export function causeHeader(error: ControlError): switchHeader.SwitchHeader | null {
  return switchHeader.parse(error.cause);
}

/** The details of an AUTHENTICATION error; null for other codes and for a cause below 32 bytes. */
export function authenticationDetail(error: ControlError): AuthenticationDetail | null {
  const { code, cause } = error;
  if (code !== CODE.authentication || cause.length < DETAIL_OFFSET.stateNumber) return null;
  return {
    packet: copy(cause, DETAIL_OFFSET.packet, DETAIL_OFFSET.errorNumber),
    errorNumber: readU32(cause, DETAIL_OFFSET.errorNumber),
    stateNumber: cause.length < DETAIL_OFFSET.stateNumber + 4 ? null : readU32(cause, DETAIL_OFFSET.stateNumber),
  };
}

/** The cause of an AUTHENTICATION error about `packet`, which starts with its switch header as it arrived. */
export function authenticationCause(packet: Uint8Array, errorNumber: number, stateNumber: number): Uint8Array {
  const cause = new Uint8Array(DETAIL_OFFSET.stateNumber + 4);
  cause.set(packet.subarray(0, DETAIL_OFFSET.errorNumber));
  writeU32(cause, DETAIL_OFFSET.errorNumber, errorNumber);
  writeU32(cause, DETAIL_OFFSET.stateNumber, stateNumber);
  return cause;
}
