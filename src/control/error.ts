/**
 * What an ERROR frame tells, as a hint for routes and sessions: never a proof, any node on the path can forge it.
 * Source: protocol 06 §2.6, 08 §9.
 *
 * An error made by a switch runs back along the directors at the top of its label, which drags the rest of the route
 * behind it. So the mirrored label at our end is the whole label we had used; where on it the switch stands follows
 * from the bits that its cause had consumed.
 */
import { log2 } from '../switch/index.ts';
import {
  type AuthenticationDetail,
  type ControlFrame,
  controlError,
  type Label,
  type SwitchHeader,
} from '../wire/index.ts';

/** Somebody reports that a packet did not get through. */
export type ErrorHint = {
  /** Mirrored label of the error packet: of a true error about a packet of ours, the label it was sent on. */
  readonly path: Label;
  /** Error code (protocol 05 §8); other numbers are carried through. */
  readonly code: number;
  /** Switch header of the packet in question as the reporting switch received it. */
  readonly cause: SwitchHeader;
  /** What CryptoAuth said, in AUTHENTICATION errors. */
  readonly authentication: AuthenticationDetail | null;
};

/**
 * Reads an error.
 * @param returnLabel mirrored label of the packet it came in
 * @returns null for another type, and, as stock, for a cause of less than 32 bytes
 */
export function parseError(frame: ControlFrame, returnLabel: Label): ErrorHint | null {
  const error = controlError.parse(frame);
  if (error === null || error.cause.length < controlError.MIN_CAUSE) return null;
  const cause = controlError.causeHeader(error);
  if (cause === null) return null;
  return { path: returnLabel, code: error.code, cause, authentication: controlError.authenticationDetail(error) };
}

/**
 * Where on `used` the reporting switch stands, if the hint can be about a packet sent on that label at all; a hint about
 * another path, or from a hop that does not fit, is to be ignored (abuse cases S3, R5).
 * @returns label from us to the switch that reports, `used` itself if it is the last one, or null
 */
export function reportedAt(hint: ErrorHint, used: Label): Label | null {
  const consumed = hint.cause.shiftBits;
  const rest = BigInt.asUintN(64 - consumed, hint.cause.label);
  if (hint.path !== used || rest !== used >> BigInt(consumed)) return null;
  if (consumed >= log2(used)) return used;
  return BigInt.asUintN(consumed, used) | (1n << BigInt(consumed));
}
