/** What the commands share that list one thing: a table for people, the data with `--json`. */
import type { BencodeMap } from '../base/index.ts';
import { clientOf } from './connect.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson } from './output.ts';
import { type Column, renderTable } from './table.ts';

/** A list: where it comes from, and how it looks. */
export type Listing<Row> = {
  /** Function of the admin API, and the field of its reply. */
  readonly call: string;
  readonly field: string;
  readonly read: (entry: BencodeMap) => Row;
  readonly columns: readonly (Column & { readonly cell: (row: Row) => string })[];
  /** Said where there is nothing to list. */
  readonly none: string;
  /** Lines below the table. */
  readonly remarks?: (rows: readonly Row[]) => readonly string[];
};

/** @returns the exit code; an empty list is no failure */
export async function runListing<Row>(options: CommonOptions, listing: Listing<Row>): Promise<number> {
  const { call, field, read, columns, none, remarks } = listing;
  const rows = (await clientOf(options).list(call, field)).map(read);
  if (options.json === true) {
    printJson(rows);
    return EXIT.done;
  }
  if (rows.length === 0) {
    print(none);
    return EXIT.done;
  }
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  print(...renderTable(columns, cells));
  const below = remarks?.(rows) ?? [];
  if (below.length > 0) print('', ...below);
  return EXIT.done;
}
