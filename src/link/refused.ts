/** Attempts that were turned away, for `status`: bounded, newest first, one entry per endpoint, key and reason. */
import type { PublicKey } from '../crypto/index.ts';
import { MAX_REFUSED } from './limits.ts';

/** Why a stranger was turned away, as far as we can know. */
export type RefusalReason = 'unknown login' | 'wrong password or key' | 'password required';

/** One entry; `endpoint` is text. */
export type Refusal = {
  readonly endpoint: string;
  readonly key: PublicKey | null;
  readonly reason: RefusalReason;
  readonly count: number;
};

/** The reason behind an error number of protocol 02 §11; null for errors that say nothing about credentials. */
export function refusalReason(error: number, authType: number): RefusalReason | null {
  if (error === 8 && authType === 0) return 'password required';
  if (error === 8 || error === 9) return 'unknown login';
  if (error === 6 || error === 7 || error === 11) return 'wrong password or key';
  return null;
}

/** The bounded list. */
export class Refusals {
  readonly #entries = new Map<string, Refusal>();

  /** Counts one attempt and moves it to the front; the oldest entry gives way. */
  note(endpoint: string, key: PublicKey | null, reason: RefusalReason): void {
    const id = `${endpoint} ${reason} ${key?.join() ?? ''}`;
    const count = (this.#entries.get(id)?.count ?? 0) + 1;
    this.#entries.delete(id);
    this.#entries.set(id, { endpoint, key, reason, count });
    if (this.#entries.size <= MAX_REFUSED) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  /** Newest first. */
  list(): readonly Refusal[] {
    return [...this.#entries.values()].reverse();
  }
}
