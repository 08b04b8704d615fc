/**
 * The network below the mesh, as text: hosts and ports, endpoints with their transport, and which of them a peer can have.
 *
 * Promises: one type, one parser and one form for each; readers are total; what is no address of a peer is so for everybody.
 * A transport is a file in `transports/`; which of them a text means is decided in `endpoint.ts`.
 * Refuses: to resolve names, to open anything.
 */
export * from './device.ts';
export * from './endpoint.ts';
export * from './host-port.ts';
export * from './ip.ts';
export { MAX_DEVICE_NAME_BYTES } from './limits.ts';
