/**
 * The network below the mesh, as text: hosts and ports, endpoints with their transport, and which of them a peer can have.
 *
 * Promises: one type, one parser and one form for each; readers are total; what is no address of a peer is so for everybody.
 * Refuses: to resolve names, to open anything, to know which transports are built.
 */
export * from './dialable.ts';
export * from './endpoint.ts';
export * from './host-port.ts';
export * from './ip.ts';
export { MAX_DEVICE_NAME_BYTES } from './limits.ts';
