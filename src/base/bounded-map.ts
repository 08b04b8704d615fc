/** A map that cannot grow past its limit: the oldest entry makes room. Every table of the daemon is one, or says why not. */

/** Map in order of insertion; `set` of a new key into a full map evicts the oldest entry. */
export class BoundedMap<K, V> implements Iterable<readonly [K, V]> {
  readonly limit: number;
  readonly #entries = new Map<K, V>();
  readonly #onEvict: ((key: K, value: V) => void) | null;
  #evictions = 0;

  /**
   * @param limit entries, at least 1
   * @param onEvict told of each entry that had to make room (not of deleted ones)
   */
  constructor(limit: number, onEvict: ((key: K, value: V) => void) | null = null) {
    this.limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Entries evicted so far. */
  get evictions(): number {
    return this.#evictions;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Adds or replaces; a key that is there already keeps its age. */
  set(key: K, value: V): void {
    const isNew = !this.#entries.has(key);
    this.#entries.set(key, value);
    if (isNew && this.#entries.size > this.limit) this.#evictOldest();
  }

  /** Makes an entry the newest, so that it is evicted last. */
  touch(key: K): void {
    const value = this.#entries.get(key);
    if (!this.#entries.delete(key)) return;
    this.#entries.set(key, value as V);
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Oldest first. */
  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  /** Oldest first. */
  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }

  #evictOldest(): void {
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      this.#evictions++;
      this.#onEvict?.(key, value);
      break;
    }
  }
}
