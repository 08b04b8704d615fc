/**
 * The announcements that the supernode keeps of us, as far as we know, and the hash by which both sides see whether that
 * is true. Source: protocol 09 §3, "State".
 */
import { concat } from '../base/index.ts';
import type { CryptoBackend } from '../crypto/index.ts';
import { type AnnouncementItem, announcement } from '../wire/index.ts';
import { KEPT_MS, STATE_HASH_BYTES } from './spec.ts';

type Kept = { readonly timestampMs: number; readonly bytes: Uint8Array; readonly says: readonly string[] };

/** What an item is about, if it lasts: a later item with the same name replaces it. Null for link states, which pass. */
export function retentionKey(item: AnnouncementItem): string | null {
  if (item.type === 'peer') return `peer ${item.peerNumber}`;
  return item.type === 'version' || item.type === 'scheme' ? item.type : null;
}

/** Announcements, oldest first. */
export class RetainedAnnouncements {
  #messages: readonly Kept[] = [];

  get size(): number {
    return this.#messages.length;
  }

  /** Takes a message that the supernode has confirmed; what it makes superfluous goes. */
  add(bytes: Uint8Array): void {
    const read = announcement.parse(bytes);
    if (read === null) return;
    const says = read.items.map(retentionKey).filter((name) => name !== null);
    const all = [...this.#messages, { timestampMs: read.timestampMs, bytes, says }];
    const said = new Set<string>();
    const left: Kept[] = [];
    for (const message of all.reverse()) {
      if (message.timestampMs < read.timestampMs - KEPT_MS) break;
      if (message.says.some((name) => !said.has(name))) left.push(message);
      for (const name of message.says) said.add(name);
    }
    this.#messages = left.reverse();
  }

  clear(): void {
    this.#messages = [];
  }

  /** What the supernode must come to as well, 64 bytes. */
  hash({ sha512 }: Pick<CryptoBackend, 'sha512'>): Uint8Array {
    let hash: Uint8Array = new Uint8Array(STATE_HASH_BYTES);
    for (const { bytes } of this.#messages) hash = sha512(concat(hash, bytes));
    return hash;
  }
}
