/**
 * Engines: what moves and encrypts packets in the real world. `native` with the addon, `portable` without.
 *
 * Promises: both implement the `Engine` type of `packet/` and pass the same tests; nothing is loaded before it is asked for.
 * Refuses: to know the protocol beyond the sealed frame; to start without saying what is missing and how to get it.
 * Follows design "The packet path"; protocol 02 §2.2 for the frame.
 */
export { createNativeEngine, loadAddon, type NativeEngineOptions } from './native.ts';
export { type Addon, OFFLOADS, type Offload } from './native-addon.ts';
export { createPortableEngine } from './portable.ts';
