/** Nodes that are there, but farther away than a label reaches: what people are told of them. */
import { type BencodeMap, getMap } from '../base/index.ts';
import { plural, printable } from '../text/index.ts';
import { countOf } from './fields.ts';

/** As in JSON: hops of the shortest way known, and by how many bits it does not fit into a label. */
export type TooFar = { readonly hops: number; readonly missingBits: number };

/** The reason in a reply of the daemon; null where there is none. */
export function tooFarOf(reply: BencodeMap): TooFar | null {
  const map = getMap(reply, 'tooFar');
  return map === null ? null : { hops: countOf(map, 'hops'), missingBits: countOf(map, 'missingBits') };
}

/** The sentences for one node. @param name as the user gave it */
export function tooFarText(name: string, { hops }: TooFar): string {
  return printable(
    `${name} exists, but is ${plural(hops, 'hop')} away: a label holds about 14. A peering in between would bring it into reach.`,
  );
}
