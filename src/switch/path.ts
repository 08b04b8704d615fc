/**
 * Paths to labels: what a router needs to extend a known route and to write a chosen one. Source: protocol 05 §3.4, §4.1.
 *
 * Each relay replaces the director it eats by an equally wide one for the way back, so the director of a relay has to
 * be as wide as the wider of the two: max(in, out).
 */
import type { Label } from '../wire/index.ts';
import { directorOf, formNumber, smallestBits } from './director.ts';
import { CANONICAL, convert, INVALID, SELF_LABEL, splice } from './labels.ts';
import { type EncodingScheme, formBits, V358 } from './scheme.ts';
import { MAX_LABEL_LOG2, MAX_SHIFT, SELF_INTERFACE } from './spec.ts';

/** One link of a path between v358 switches. */
export type Hop = {
  /** Interface number at the node where the hop starts. */
  readonly out: number;
  /** Bits (4, 7 or 10) of the smallest form of the interface through which the next node sees us; null if unknown. */
  readonly back: number | null;
};

/**
 * The label of a path, each director written as narrow as the way back allows. Where `back` is unknown, 4 bits are
 * assumed: most interfaces have low numbers, and a wrong guess shows at once as a ping without answer.
 * @param hops from our own switch on; none gives the path to oneself
 * @returns null if an interface cannot be written so, or the path is too long for a label
 */
export function composeLabel(hops: readonly Hop[]): Label | null {
  let bits = 0;
  let label = 0n;
  let back = 4;
  for (const hop of hops) {
    const width = Math.max(smallestBits(hop.out) ?? 0, back);
    const director = hop.out === SELF_INTERFACE ? null : directorOf(hop.out, width);
    if (director === null || bits + width > MAX_LABEL_LOG2) return null;
    label |= director << BigInt(bits);
    bits += width;
    back = hop.back ?? 4;
    if (!V358.some((form) => formBits(form) === back)) return null;
  }
  if (bits + back > MAX_SHIFT) return null;
  return label | (SELF_LABEL << BigInt(bits));
}

/**
 * The route over a link of a node we have a route to (protocol 05 §3.4).
 * @param parentPath label from us to the parent
 * @param parentScheme the scheme the parent publishes (`es`)
 * @param ei number of the form of the parent's interface back toward the grandparent
 * @param link label from the parent to the child, as the parent gave it or canonical
 * @returns null if the link cannot be written wide enough or the route is too long
 */
export function extend(parentPath: Label, parentScheme: EncodingScheme, ei: number, link: Label): Label | null {
  const form = formNumber(link, parentScheme);
  if (form === null || link === INVALID || parentPath === INVALID || parentPath === 0n || link === 0n) return null;
  const widened = form < ei ? convert(parentScheme, link, ei) : link;
  if (widened === INVALID) return null;
  const path = splice(widened, parentPath);
  return path === INVALID ? null : path;
}

/** A label with its first director as narrow as possible, the form in which links are stored; null if it has none. */
export function canonical(scheme: EncodingScheme, link: Label): Label | null {
  const label = convert(scheme, link, CANONICAL);
  return label === INVALID ? null : label;
}
