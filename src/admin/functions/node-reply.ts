/** Pieces of replies, and nodes meant by arguments, that several families of functions share. */

import ipaddr from 'ipaddr.js';
import { getText } from '../../base/index.ts';
import {
  addressOf,
  formatIp6,
  formatNodeAddress,
  type Ip6,
  isMeshAddress,
  type PublicKey,
  parseIp6,
  parseNodeAddress,
} from '../../crypto/index.ts';
import type { AdminAnswer, NodeSnapshot } from '../../node/index.ts';
import { type EncodingScheme, isUsable, parseScheme, SELF_LABEL, splice, V358 } from '../../switch/index.ts';
import { type Label, type LinkAddress, PROTOCOL_VERSION, parseLabel } from '../../wire/index.ts';
import type { Call } from '../function.ts';
import type { ReplyValue } from '../reply.ts';

/** A node, and one way to it. */
export type Reached = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly label: Label;
  readonly protocol: number;
};

/** An encoding scheme as stock lists it (protocol 10 §2, Core_nodeInfo). */
export function schemeReply(scheme: EncodingScheme = V358): readonly ReplyValue[] {
  return scheme.map(({ bitCount, prefixLen, prefix }) => ({
    bitCount,
    prefixLen,
    prefix: prefix.toString(16).padStart(2, '0'),
  }));
}

/** The scheme that a node announced; v358 where it announced none or nonsense. */
export function schemeOf(answer: AdminAnswer): EncodingScheme {
  return (answer.scheme === null ? null : parseScheme(answer.scheme)) ?? V358;
}

/** `v20.LABEL.KEY`. */
export function addressText({ key, label, protocol }: Omit<Reached, 'address'>): string {
  return formatNodeAddress({ protocol, label, publicKey: key });
}

/** `192.0.2.7:21000`, `[2001:db8::7]:21000`; null for an address that is none of UDP. */
export function linkAddressText(link: LinkAddress): string | null {
  if (link.kind !== 'udp') return null;
  const host = ipaddr.fromByteArray([...link.address]).toString();
  return link.address.length === 16 ? `[${host}]:${link.port}` : `${host}:${link.port}`;
}

/** The nodes of an answer as addresses. @param via label to who answered; absent: labels stay as they came */
export function listedNodes(answer: AdminAnswer, via: Label | null): readonly string[] {
  return answer.nodes
    .map((node) => ({ ...node, label: via === null ? node.label : splice(node.label, via) }))
    .filter(({ label }) => isUsable(label))
    .map(addressText);
}

/** The way to a node that is known already, ourselves included; null if there is none. */
export function known(snapshot: NodeSnapshot, address: Ip6): Reached | null {
  const text = formatIp6(address);
  if (formatIp6(snapshot.address) === text) {
    return { key: snapshot.key, address, label: SELF_LABEL, protocol: snapshot.protocol };
  }
  return snapshot.routes.find((route) => formatIp6(route.address) === text) ?? null;
}

/**
 * Who is meant by a label, a full address or an IPv6 address; who sits at the end of an unknown label is asked.
 * @returns null for nonsense, and for somebody who is not known
 */
export async function reach(call: Call, argument: string, timeoutMs: number): Promise<Reached | null> {
  const { node, crypto } = call.context;
  const text = getText(call.args, argument) ?? '';
  const full = parseNodeAddress(crypto, text);
  if (full !== null) return { key: full.publicKey, ...full };
  const address = parseIp6(text);
  if (address !== null) return isMeshAddress(address) ? known(node.inspect(), address) : null;
  const label = parseLabel(text);
  if (label === null) return null;
  const snapshot = node.inspect();
  if (label === SELF_LABEL) return known(snapshot, snapshot.address);
  const there = snapshot.routes.find((route) => route.label === label);
  if (there !== undefined) return there;
  const answer = await node.pingLabel(label, timeoutMs, true);
  const owner = answer?.key == null ? null : addressOf(crypto, answer.key);
  if (answer?.key == null || owner === null) return null;
  return { key: answer.key, address: owner, label, protocol: answer.protocol || PROTOCOL_VERSION };
}
