/** A queue that cannot grow past its limit: the oldest item is dropped and counted (a ring, constant time). */

/** First in, first out; `push` into a full queue drops the item that waited longest. */
export class BoundedQueue<T> implements Iterable<T> {
  readonly limit: number;
  #items: (T | undefined)[] = [];
  #first = 0;
  #size = 0;
  #dropped = 0;

  /** @param limit items, at least 1 */
  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Items dropped so far because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends. @returns the item that had to go, undefined if there was room */
  push(item: T): T | undefined {
    let lost: T | undefined;
    if (this.#size === this.limit) {
      lost = this.shift();
      this.#dropped++;
    }
    this.#items[(this.#first + this.#size) % this.limit] = item;
    this.#size++;
    return lost;
  }

  /** Takes the oldest item; undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.limit;
    this.#size--;
    return item;
  }

  /** The oldest item, left where it is. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#first];
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
    this.#size = 0;
  }

  /** Oldest first; don't change the queue meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#size; i++) yield this.#items[(this.#first + i) % this.limit] as T;
  }
}
