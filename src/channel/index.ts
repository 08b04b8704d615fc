/**
 * Secure channels: what links and sessions know of encryption, whatever handshake agreed on the keys.
 *
 * Promises: each data packet is accepted once at most; a counter is never used twice under a key; a row that is given
 * back keeps no key. `Handshake` and `SecureChannel` are all that links and sessions see: another handshake is a folder
 * beside `cryptoauth/` that makes them.
 * Refuses: counters beyond the limit, packets that come later than the window is long.
 * Follows protocol 02 §2.2 (data frames), §9 (replay window).
 */
export type { ChannelOptions, Credentials, Delivered, Opened, SecureChannel, Via } from './channel.ts';
export {
  createDataTable,
  type DataTable,
  type KeySlots,
  openSlot,
  type Row,
  type RowStats,
  sealSlot,
  type WindowKind,
} from './data-table.ts';
export { CREDENTIAL_REFUSALS, type CredentialRefusal, type FirstPacket, type Handshake } from './handshake.ts';
export { WINDOW_PLACES } from './limits.ts';
export { type MirrorKeys, mirrorKeys } from './mirror.ts';
export { COUNTER_LIMIT, FIRST_COUNTER, NONCE_OFFSET } from './spec.ts';
