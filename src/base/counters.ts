/** Named counters: every refused packet raises one (design rule 2). Names are `layer.reason`. */

/** A bag of counters; unknown names start at 0. */
export type Counters = {
  readonly add: (name: string, amount?: number) => void;
  readonly get: (name: string) => number;
  /** All counters that were ever raised, sorted by name. */
  readonly all: () => ReadonlyMap<string, number>;
};

/** Makes an empty bag. Names come from code, never from input, so their number is bounded. */
export function createCounters(): Counters {
  const values = new Map<string, number>();
  return {
    add: (name, amount = 1) => void values.set(name, (values.get(name) ?? 0) + amount),
    get: (name) => values.get(name) ?? 0,
    all: () => new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
