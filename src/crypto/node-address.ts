/**
 * The full address of a node as seen from another: `v20.0000.0000.0000.0013.<public key>`. Source: protocol 01 §6.
 */
import { formatLabel, type Label, parseLabel } from '../base/index.ts';
import { addressOf, type Ip6 } from './address.ts';
import type { CryptoBackend } from './backend.ts';
import { formatPublicKey, type PublicKey, parsePublicKey } from './public-key.ts';

/** Who (key, address), how to get there (label), what it speaks (protocol, 0 = unknown). */
export type NodeAddress = {
  readonly protocol: number;
  readonly label: Label;
  readonly publicKey: PublicKey;
  readonly address: Ip6;
};

/** Nine digits fit every number that a protocol version will ever be, and stay exact. */
const SHAPE = /^v([0-9]{1,9})\.(.{19})\.(.{54})$/;

/** Reads a full address; null if anything is off or the key does not give an address of the mesh. */
export function parseNodeAddress(backend: CryptoBackend, text: string): NodeAddress | null {
  const [, protocol, labelText, keyText] = SHAPE.exec(text) ?? [];
  if (protocol === undefined || labelText === undefined || keyText === undefined) return null;
  const label = parseLabel(labelText);
  const publicKey = parsePublicKey(keyText);
  const address = publicKey === null ? null : addressOf(backend, publicKey);
  if (label === null || publicKey === null || address === null) return null;
  return { protocol: Number(protocol), label, publicKey, address };
}

/** Writes the form that `parseNodeAddress` reads. */
export function formatNodeAddress(node: Pick<NodeAddress, 'protocol' | 'label' | 'publicKey'>): string {
  return `v${node.protocol}.${formatLabel(node.label)}.${formatPublicKey(node.publicKey)}`;
}
