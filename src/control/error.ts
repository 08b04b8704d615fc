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
