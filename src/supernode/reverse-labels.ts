/** By which label each direct peer reaches us: what an announcement says of a link. Source: protocol 09 §3, 06 §2.4. */
import { equal } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { isOneHop } from '../switch/index.ts';
import type { Label } from '../wire/index.ts';
import type { Context } from './context.ts';
import { REVERSE_AGAIN_MS, REVERSE_RETRY_MS } from './limits.ts';
import { MIN_PROTOCOL, RPATH_PROTOCOL } from './spec.ts';

/** The same label may be another peer's later: `key` tells whose it is. */
type Known = { readonly key: PublicKey; label: number | null; nextMs: number };

/** Labels of peers to us, by ours to them; as many as there are peers. */
export class ReverseLabels {
  readonly #known = new Map<Label, Known>();

  /** Asks the peers that have not told lately. */
  tick(context: Context): void {
    const present = new Set(context.peers.map(({ label }) => label));
    for (const label of this.#known.keys()) if (!present.has(label)) this.#known.delete(label);
    for (const peer of context.peers) {
      if (peer.protocol < MIN_PROTOCOL) continue;
      const { key } = peer;
      const before = this.#known.get(peer.label);
      const known = before !== undefined && equal(before.key, key) ? before : null;
      if (known !== null && context.nowMs < known.nextMs) continue;
      this.#known.set(peer.label, { key, label: known?.label ?? null, nextMs: context.nowMs + REVERSE_RETRY_MS });
      const by = peer.protocol >= RPATH_PROTOCOL ? 'rpath' : 'gp';
      context.effects.push({ type: 'askReverse', peer, by });
    }
  }

  /** A peer told; what is no single hop of 32 bits is refused. */
  told(context: Context, peerLabel: Label, label: Label | null): void {
    const known = this.#known.get(peerLabel);
    if (known === undefined || label === null) return;
    if (!isOneHop(label) || label > 0xffff_ffffn) return context.options.counters.add('supernode.badReverse');
    known.label = Number(label);
    known.nextMs = context.nowMs + REVERSE_AGAIN_MS;
  }

  /** The peer's label to us; null while it is not known. */
  get(peerLabel: Label): number | null {
    return this.#known.get(peerLabel)?.label ?? null;
  }
}
