/** What is wrong with a configuration, and where: made for people, so each problem tries to say what to write instead. */

/** One mistake. Line and column count from 1. */
export type Problem = {
  readonly line: number;
  readonly column: number;
  /** Where in the schema, `peers[0].key`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** What to do, as a phrase: `did you mean "endpoint"?`; null when there is nothing sensible to say. */
  readonly suggestion: string | null;
};

/** One line, in the form that editors and compilers use: `FILE:LINE:COLUMN: path: message; suggestion`. */
export function formatProblem(problem: Problem, file: string): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const suggestion = problem.suggestion === null ? '' : `; ${problem.suggestion}`;
  return `${file}:${problem.line}:${problem.column}: ${path}${problem.message}${suggestion}`;
}

/** At most 60 characters of what somebody wrote, without those that would do something to a terminal. */
export function shorten(text: string): string {
  const line = text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]/g, '?');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** The word of `known` that `text` most likely stands for, or null if none is close. */
export function closest(text: string, known: readonly string[]): string | null {
  const wanted = plain(text);
  let best: string | null = null;
  let bestCost = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const word of known) {
    const cost = editDistance(wanted, plain(word));
    if (cost < bestCost) [best, bestCost] = [word, cost];
  }
  const abbreviated = (word: string) => wanted.startsWith(plain(word)) || plain(word).startsWith(wanted);
  return best ?? (wanted.length < 3 ? null : (known.find(abbreviated) ?? null));
}

/** `did you mean "X"?` for the closest word, otherwise the list of what is allowed. */
export function suggest(text: string, known: readonly string[]): string {
  const word = closest(text, known);
  return word === null ? `known here: ${known.join(', ')}` : `did you mean "${word}"?`;
}

/** `private_key`, `PrivateKey` and `privatekey` are the same slip. */
function plain(text: string): string {
  return text.slice(0, 64).toLowerCase().replace(/[-_ ]/g, '');
}

/** Insertions, removals, replacements and swaps of neighbours that lead from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
