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
  firstDirector,
  formNumber,
  smallestBits,
  smallestDirector,
} from './director.ts';
export { errorFrame } from './error-frame.ts';
export { createErrorLimiter, type ErrorLimiter } from './error-limiter.ts';
export { type Forwarded, forward, type InterfaceState } from './forward.ts';
export {
  createForwarder,
  DROP_RUNT,
  DROP_SHIFT,
  DROP_U_TURN,
  ERROR_MALFORMED,
  ERROR_UNDELIVERABLE,
  type FirstHop,
  type Forwarder,
  firstHop,
} from './forward-vector.ts';
export {
  allocate,
  createInterfaceTable,
  DOWN,
  type InterfaceTable,
  type PeerNumber,
  release,
  UP,
} from './interfaces.ts';
export {
  convert,
  hopsOf,
  INVALID,
  isOneHop,
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
  formBits,
  parseScheme,
  V358,
  V358_BYTES,
} from './scheme.ts';
export {
  SELF_INTERFACE,
  type SwitchErrorCode,
} from './spec.ts';
