/** ERROR frames: hints, not proofs. What they may break is narrowed down first. Source: protocol 06 §2.6, 08 §9. */
import { firstDirector, isUsable, log2, routesThrough } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import type { Link } from '../map/map.ts';
import type { Context } from './context.ts';

/** What an ERROR frame says, if it is true. */
export type BrokenStretch = {
  /** Whether the report is about a packet with this label: who was not on its way can hardly know it. */
  readonly isAbout: (label: Label) => boolean;
  /** Whether a label goes over the link reported. */
  readonly contains: (label: Label) => boolean;
  /** The link reported; null if we do not know it. */
  readonly link: Link | null;
};

/**
 * Reads a report. The label of an error frame, mirrored, is the whole label of the packet it is about: what the switches on
 * the way ate is put back on the way home.
 * @param path that label
 * @param cause the label as the reporting switch received it: low bits still to go, high bits the way back
 * @returns null if the two do not fit together
 */
export function brokenStretch(context: Context, path: Label, cause: Label): BrokenStretch | null {
  if (!isUsable(path)) return null;
  const consumed = consumedBits(path, cause);
  if (consumed === null) return null;
  const isAbout = (label: Label): boolean => label === path;
  let link: Link | null = null;
  let at = 0;
  for (const candidate of context.map.decode(path).links) {
    if (at === consumed) link = candidate;
    at += firstDirector(path >> BigInt(at), candidate.from.scheme)?.bits ?? 64;
  }
  const director = firstDirector(path >> BigInt(consumed), link?.from.scheme);
  const bits = consumed + (director?.bits ?? 0);
  // The last switch says that the way back does not fit: then the label as a whole is of no use.
  if (director === null || bits > log2(path)) return { isAbout, contains: isAbout, link: null };
  const prefix = BigInt.asUintN(bits, path) | (1n << BigInt(bits));
  return { isAbout, contains: (label) => routesThrough(label, prefix), link };
}

/** How much of `path` the switches before the reporting one have consumed. */
function consumedBits(path: Label, cause: Label): number | null {
  for (let bits = 0; bits <= log2(path); bits++) {
    if (path >> BigInt(bits) === BigInt.asUintN(64 - bits, cause)) return bits;
  }
  return null;
}
