/**
 * Node lists in router messages: two strings, one with keys and labels, one with versions. Source: protocol 08 §2.1.
 *
 *   n  = entries of 40 bytes: public key (32), label (8)
 *   np = width w (1), then w bytes a version, big endian, in the same order
 */
import { copy, type Label, readU64, writeU64 } from '../base/index.ts';
import { asPublicKey, type Ip6, type PublicKey } from '../crypto/index.ts';

/** Bytes of an entry of `n`. */
export const ENTRY_SIZE = 40;

const LABEL_OFFSET = 32;
const MAX_WIDTH = 4;

/** A node named by another; nothing of it is verified. */
export type ListedNode = {
  readonly key: PublicKey;
  /** Filled in by `route/` once the key proved to give an fc address; not on the wire. */
  readonly address?: Ip6;
  /** From the node that sent the list, first director widened for the receiver. */
  readonly label: Label;
  readonly protocol: number;
};

/** Reads both strings. Entries with the zero key are left out; null if the strings do not fit each other. */
export function parse(n: Uint8Array, np: Uint8Array): readonly ListedNode[] | null {
  const versions = parseVersions(np);
  const count = n.length / ENTRY_SIZE;
  if (count === 0 || versions === null || versions.length !== count) return null;
  const nodes: ListedNode[] = [];
  for (const [index, protocol] of versions.entries()) {
    const start = index * ENTRY_SIZE;
    const key = asPublicKey(n.subarray(start, start + LABEL_OFFSET));
    if (key !== null) nodes.push({ key, label: readU64(n, start + LABEL_OFFSET), protocol });
  }
  return nodes;
}

/** Reads `np`; null for a width outside 1 to 4 or a length that is no multiple of it. */
export function parseVersions(np: Uint8Array): readonly number[] | null {
  const width = np[0] ?? 0;
  if (width < 1 || width > MAX_WIDTH || (np.length - 1) % width !== 0) return null;
  const versions: number[] = [];
  for (let at = 1; at < np.length; at += width) {
    versions.push(copy(np, at, at + width).reduce((value, byte) => value * 256 + byte, 0));
  }
  return versions;
}

/** Writes `n`. */
export function emitNodes(nodes: readonly ListedNode[]): Uint8Array {
  const n = new Uint8Array(nodes.length * ENTRY_SIZE);
  nodes.forEach((node, index) => {
    n.set(node.key, index * ENTRY_SIZE);
    writeU64(n, index * ENTRY_SIZE + LABEL_OFFSET, node.label);
  });
  return n;
}

/** Writes `np` with the smallest width that stock nodes take for these versions: all ones do not count as fitting. */
export function emitVersions(versions: readonly number[]): Uint8Array {
  const largest = Math.max(0, ...versions);
  let width = 1;
  while (width < MAX_WIDTH && largest >= 256 ** width - 1) width++;
  const np = new Uint8Array(1 + versions.length * width);
  np[0] = width;
  versions.forEach((version, index) => {
    for (let i = 0; i < width; i++) np[1 + index * width + i] = Math.floor(version / 256 ** (width - 1 - i));
  });
  return np;
}
