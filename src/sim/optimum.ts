/**
 * The best path that exists, as the measure of those that were found: cheapest under the rule of labels, and cheapest
 * without it. An oracle over the whole mesh; no node can know this. Source: protocol 05 §4.1.
 *
 * A relay's director is as wide as the wider of its two interfaces. All of them together may have 59 bits, and 63 with
 * the director back at the last node. So a node is reached in several states, by bits and by the width of the interface
 * it is entered through; one that is dearer, longer and entered no narrower than another is of no use.
 */

/** One direction of a link with the interface numbers at both ends. */
export type Hop = {
  readonly to: number;
  readonly latencyMs: number;
  /** Interface number at the near end. */
  readonly out: number;
  /** Interface number at the far end. */
  readonly into: number;
};

/** Links by node. */
export type Adjacency = readonly (readonly Hop[])[];

/** What is best to each node from one source, ms one way; Infinity = there is none. */
export type Optimum = { readonly labelledMs: Float64Array; readonly anyMs: Float64Array };

const MAX_LABEL_BITS = 59;
const MAX_SHIFT_BITS = 63;

/** Bits of the smallest director of v358 for an interface (protocol 05 §2). */
export function directorBits(interfaceNumber: number): number {
  if (interfaceNumber < 8) return 4;
  return interfaceNumber <= 32 ? 7 : 10;
}

/** Shortest paths from `source` to all. */
export function optimum(adjacency: Adjacency, source: number): Optimum {
  return { labelledMs: labelled(adjacency, source), anyMs: unlimited(adjacency, source) };
}

/** One state: node, bits so far, width of the interface it was entered through. */
type State = { readonly node: number; readonly costMs: number; readonly bits: number; readonly width: number };

function labelled(adjacency: Adjacency, source: number): Float64Array {
  const best = new Float64Array(adjacency.length).fill(Number.POSITIVE_INFINITY);
  /** Fewest bits seen at node * 3 + width class: states come out cheapest first, so only fewer bits are news. */
  const fewest = new Uint8Array(adjacency.length * 3).fill(255);
  const queue = new Queue<State>();
  queue.push({ node: source, costMs: 0, bits: 0, width: 4 });
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    const { node, costMs, bits, width } = state;
    const place = node * 3 + widthClass(width);
    if (dominated(fewest, node, widthClass(width), bits)) continue;
    fewest[place] = bits;
    if (best[node] === Number.POSITIVE_INFINITY) best[node] = costMs;
    for (const hop of adjacency[node] ?? []) {
      const next = bits + Math.max(width, directorBits(hop.out));
      const back = directorBits(hop.into);
      if (next > MAX_LABEL_BITS || next + back > MAX_SHIFT_BITS) continue;
      if (dominated(fewest, hop.to, widthClass(back), next)) continue;
      queue.push({ node: hop.to, costMs: costMs + hop.latencyMs, bits: next, width: back });
    }
  }
  return best;
}

function unlimited(adjacency: Adjacency, source: number): Float64Array {
  const best = new Float64Array(adjacency.length).fill(Number.POSITIVE_INFINITY);
  const queue = new Queue<{ readonly node: number; readonly costMs: number }>();
  queue.push({ node: source, costMs: 0 });
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    if (best[state.node] !== Number.POSITIVE_INFINITY) continue;
    best[state.node] = state.costMs;
    for (const { to, latencyMs } of adjacency[state.node] ?? []) {
      if (best[to] === Number.POSITIVE_INFINITY) queue.push({ node: to, costMs: state.costMs + latencyMs });
    }
  }
  return best;
}

function widthClass(width: number): number {
  return (width - 4) / 3;
}

/** Was the node reached before (so not dearer), through an interface no wider, with no more bits? */
function dominated(fewest: Uint8Array, node: number, width: number, bits: number): boolean {
  for (let narrower = 0; narrower <= width; narrower++) {
    if ((fewest[node * 3 + narrower] as number) <= bits) return true;
  }
  return false;
}

/** Binary heap by cost. */
class Queue<T extends { readonly costMs: number }> {
  readonly #heap: T[] = [];

  push(item: T): void {
    const heap = this.#heap;
    let at = heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1] as T;
      if (parent.costMs <= item.costMs) break;
      heap[at] = parent;
    }
    heap[at] = item;
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as T).costMs < (heap[child] as T).costMs) child++;
      if ((heap[child] as T).costMs >= last.costMs) break;
      heap[at] = heap[child] as T;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
