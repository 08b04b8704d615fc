/**
 * The switch: source routes ("labels") and the forwarding of packets along them.
 *
 * Promises: the checks of stock, in stock's order, with stock's error codes, and one more: no packet leaves by the
 * interface it came in by more than once; our own scheme is v358 and nothing else; `forwardOne` decides as the oracle `forward` does, without allocation; an error is never answered with an error, and
 * the errors made for one interface are bounded.
 * Refuses: to know who sits behind an interface, to change an interface's number, to read the unused header fields
 * (congestion, version, traffic class).
 * Follows protocol 05.
 */
export {
  type Director,
  directorOf,
  firstDirector,
  formNumber,
  isInterfaceNumber,
  smallestBits,
  smallestDirector,
} from './director.ts';
export { errorFrame, mayReport } from './error-frame.ts';
export { createErrorLimiter, type ErrorLimiter } from './error-limiter.ts';
export { type Forwarded, forward, type InterfaceState } from './forward.ts';
export {
  createForwarder,
  DROP_RUNT,
  DROP_SHIFT,
  DROP_U_TURN,
  ERROR_MALFORMED,
  ERROR_RETURN_PATH,
  ERROR_UNDELIVERABLE,
  type FirstHop,
  type Forwarder,
  firstHop,
  writeFirstHop,
} from './forward-vector.ts';
export { ABSENT, allocate, createInterfaceTable, DOWN, type InterfaceTable, release, UP } from './interfaces.ts';
export {
  CANONICAL,
  convert,
  hopsOf,
  INVALID,
  isOneHop,
  isSelfRoute,
  isUsable,
  labelFor,
  labelOfInterface,
  log2,
  reverse64,
  routesThrough,
  SELF_LABEL,
  splice,
  unsplice,
} from './labels.ts';
export { canonical, composeLabel, extend, type Hop } from './path.ts';
export {
  type EncodingForm,
  type EncodingScheme,
  emitScheme,
  formBits,
  isSane,
  isV358,
  parseScheme,
  V358,
  V358_BYTES,
} from './scheme.ts';
export {
  ERROR_CODE,
  INTERFACE_COUNT,
  MAX_INTERFACE,
  MAX_LABEL_LOG2,
  MAX_SHIFT,
  SELF_INTERFACE,
  type SwitchErrorCode,
} from './spec.ts';
