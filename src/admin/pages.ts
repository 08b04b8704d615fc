/** Page by page through a list that changes meanwhile: the pages of one reading come from one snapshot (abuse case A4). */
import { BoundedMap } from '../base/index.ts';
import { MAX_PAGED_LIST_MS, MAX_PAGED_LISTS, PAGED_LIST_MS } from './limits.ts';

/** A part of a list; `more` says whether another page follows. */
export type Page<T> = { readonly entries: readonly T[]; readonly more: boolean; readonly total: number };

type List = { readonly takenMs: number; readMs: number; readonly entries: readonly unknown[] };

/** Snapshots of the readings under way. */
export class Pages {
  readonly #lists = new BoundedMap<string, List>(MAX_PAGED_LISTS);

  /**
   * Page `number` (from 0) of what `take` returns. Page 0 takes a new snapshot, later ones use that of the same reader.
   * @param reader who reads what: `HOST:PORT FUNCTION`
   */
  read<T>(reader: string, number: number, perPage: number, nowMs: number, take: () => readonly T[]): Page<T> {
    const kept = this.#lists.get(reader);
    const reuse = number > 0 && kept !== undefined && isFresh(kept, nowMs);
    if (reuse) kept.readMs = nowMs;
    const entries = reuse ? (kept.entries as readonly T[]) : take();
    const start = number * perPage;
    const more = start + perPage < entries.length;
    // The last page may be the first that is read: a reader who wants the newest goes backwards.
    if (entries.length <= perPage) this.#lists.delete(reader);
    else if (!reuse) this.#keep(reader, { takenMs: nowMs, readMs: nowMs, entries });
    return { entries: entries.slice(start, start + perPage), more, total: entries.length };
  }

  #keep(reader: string, list: List): void {
    this.#lists.delete(reader);
    this.#lists.set(reader, list);
  }
}

function isFresh(list: List, nowMs: number): boolean {
  return nowMs - list.readMs <= PAGED_LIST_MS && nowMs - list.takenMs <= MAX_PAGED_LIST_MS;
}
