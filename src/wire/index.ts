/**
 * One file per header or message: layout, `parse`, `emit`, and `format` where people read it.
 *
 * Promises: `parse` is total: a value, or null for what must be refused; never a throw, never a read past the end.
 * Values hold copies, not views of the packet. What was written is read back; unknown code points stay numbers.
 * Refuses: to decide anything. Whether a key, version or label is acceptable is for the layers to say.
 * Follows protocol 02 §2, 04 §9, 05 §1, 06, 07 §1, §2, §4, 08 §2, 09 §2, §3.
 */

export type { Announcement, AnnouncementBody } from './announcement.ts';
export * as announcement from './announcement.ts';
export type { AnnouncementItem, LinkSlot } from './announcement-item.ts';
export * as announcementItem from './announcement-item.ts';
export type { Beacon, BeaconContent } from './beacon.ts';
export * as beacon from './beacon.ts';
export type { ControlFrame } from './control.ts';
export * as control from './control.ts';
export type { AuthenticationDetail, ControlError } from './control-error.ts';
export * as controlError from './control-error.ts';
export type { GetSnode } from './control-get-snode.ts';
export * as controlGetSnode from './control-get-snode.ts';
export type { KeyPing } from './control-key-ping.ts';
export * as controlKeyPing from './control-key-ping.ts';
export type { LinkAddress, LlAddr } from './control-ll-addr.ts';
export * as controlLlAddr from './control-ll-addr.ts';
export type { Ping } from './control-ping.ts';
export * as controlPing from './control-ping.ts';
export type { Rpath } from './control-rpath.ts';
export * as controlRpath from './control-rpath.ts';
export type { HandshakeHeader } from './crypto-auth-header.ts';
export * as cryptoAuthHeader from './crypto-auth-header.ts';
export type { DataHeader } from './data-header.ts';
export * as dataHeader from './data-header.ts';
export type { DhtMessage, DhtQuery, DhtReply, DhtSupernodeQuery } from './dht-message.ts';
export * as dhtMessage from './dht-message.ts';
export type { Ipv6Header } from './ipv6-header.ts';
export * as ipv6Header from './ipv6-header.ts';
export { formatLabel, type Label, parseLabel } from './label.ts';
export type { ListedNode } from './node-list.ts';
export * as nodeList from './node-list.ts';
export type { SessionWord } from './session-word.ts';
export * as sessionWord from './session-word.ts';
export type { SupernodeQuery, SupernodeReply } from './supernode-message.ts';
export * as supernodeMessage from './supernode-message.ts';
export type { SwitchHeader } from './switch-header.ts';
export * as switchHeader from './switch-header.ts';
export * as varint from './varint.ts';
export { isCompatible, OLDEST_COMPATIBLE, PROTOCOL_VERSION } from './version.ts';
