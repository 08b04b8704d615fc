/**
 * What the firewall kept out, for the person who looks for it: who wanted to reach what, how often. Bounded in entries
 * and in work: of a flood only some packets are noted, so the counts are lower bounds then.
 */
import { BoundedMap, createTokenBucket, type Logger, type TokenBucket } from '../base/index.ts';
import { asIp6, formatIp6, type Ip6 } from '../crypto/index.ts';
import type { Arena } from '../packet/index.ts';
import { KEPT_OUT_BURST, KEPT_OUT_PER_SECOND, MAX_KEPT_OUT, TOLD_BURST, TOLD_PER_SECOND } from './limits.ts';

/** One stranger and one thing he wanted. */
export type KeptOutEntry = {
  readonly address: Ip6;
  /** What would let him in, as `firewall.allow` has it; or words for what no rule opens. */
  readonly rule: string;
  readonly isRule: boolean;
  readonly count: number;
  readonly lastMs: number;
};

const NAMES: Readonly<Record<number, 'tcp' | 'udp' | 'icmp'>> = { 6: 'tcp', 17: 'udp', 58: 'icmp' };
const FRAGMENT = 44;

/** The list of one node. */
export class KeptOut {
  readonly #arena: Arena;
  readonly #log: Logger;
  readonly #entries = new BoundedMap<string, KeptOutEntry>(MAX_KEPT_OUT);
  readonly #budget: TokenBucket;
  readonly #lines: TokenBucket;

  constructor(arena: Arena, log: Logger, nowMs: number) {
    this.#arena = arena;
    this.#log = log;
    this.#budget = createTokenBucket({ ratePerSecond: KEPT_OUT_PER_SECOND, burst: KEPT_OUT_BURST }, nowMs);
    this.#lines = createTokenBucket({ ratePerSecond: TOLD_PER_SECOND, burst: TOLD_BURST }, nowMs);
  }

  /** The packet at `offset` (an IPv6 header in the arena) was not let in. */
  note(offset: number, lengthBytes: number, nowMs: number): void {
    if (!this.#budget.take(nowMs)) return;
    const { rule, isRule } = this.#wanted(offset, lengthBytes);
    const address = asIp6(this.#arena.bytes.subarray(offset + 8, offset + 24));
    if (address === null) return;
    const id = `${formatIp6(address)} ${rule}`;
    const before = this.#entries.get(id);
    this.#entries.set(id, { address, rule, isRule, count: (before?.count ?? 0) + 1, lastMs: nowMs });
    this.#entries.touch(id);
    if (before === undefined && this.#lines.take(nowMs))
      this.#log.info('firewall.refused', { address: formatIp6(address), rule });
  }

  /** Newest first. */
  list(): readonly KeptOutEntry[] {
    return [...this.#entries.values()].reverse();
  }

  #wanted(offset: number, lengthBytes: number): { readonly rule: string; readonly isRule: boolean } {
    const { bytes, view } = this.#arena;
    const isFragment = bytes[offset + 6] === FRAGMENT && lengthBytes >= 48;
    if (isFragment && view.getUint16(offset + 42) >= 8) return { rule: 'a later fragment', isRule: false };
    const protocol = bytes[offset + (isFragment ? 40 : 6)] as number;
    const upper = isFragment ? 48 : 40;
    const name = NAMES[protocol];
    if (name === undefined) return { rule: `protocol ${protocol}`, isRule: false };
    if (name === 'icmp') return { rule: name, isRule: true };
    if (lengthBytes < upper + 4) return { rule: `${name} without ports`, isRule: false };
    return { rule: `${name}/${view.getUint16(offset + upper + 2)}`, isRule: true };
  }
}
