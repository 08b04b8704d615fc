/**
 * By which label a peer reaches us, found in its list of peers: older nodes do not answer RPATH. Source: protocol 06 §2.4, 08 §3.
 */
import { equal, writeU64 } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { firstDirector, labelOfInterface, SELF_LABEL } from '../switch/index.ts';
import type { Label, ListedNode } from '../wire/index.ts';
import { MAX_PEER_PAGES } from './limits.ts';

/** Nodes on a page of peers (protocol 08 §3). */
const PAGE = 8;

/**
 * Reads the peer's list page by page until we are in it.
 * @param ask sends a `gp` with this target (8 bytes); null without an answer
 * @returns null if the peer does not answer, or does not list us
 */
export async function reverseLabel(
  ownKey: PublicKey,
  ask: (target: Uint8Array) => Promise<readonly ListedNode[] | null>,
): Promise<Label | null> {
  let from = SELF_LABEL;
  for (let page = 0; page < MAX_PEER_PAGES; page++) {
    const target = new Uint8Array(8);
    writeU64(target, 0, from);
    const nodes = (await ask(target)) ?? [];
    const own = nodes.find((node) => equal(node.key, ownKey));
    if (own !== undefined) return own.label;
    if (nodes.length < PAGE) return null;
    const numbers = nodes.map(({ label }) => (label === SELF_LABEL ? 0 : (firstDirector(label)?.number ?? 0)));
    const next = labelOfInterface(Math.max(...numbers) + 1);
    // A list that does not advance is no list.
    if (next <= from) return null;
    from = next;
  }
  return null;
}
