/**
 * A struct of arrays: the hot fields of many rows, one typed array per field, so that the packet path reads and writes
 * numbers and makes no object. The arrays are replaced when the rows grow: read them from the columns each time.
 */

type ArrayType = Int32ArrayConstructor | Uint32ArrayConstructor | Uint8ArrayConstructor | Float64ArrayConstructor;

/** A column: the type of its array, what a row without contents holds, and how many places a row has (default 1). */
export type Column = readonly [type: ArrayType, empty: number, perRow?: number];
type Spec = Readonly<Record<string, Column>>;

/** The arrays of a specification, by name. */
export type Columns<S extends Spec> = { -readonly [Name in keyof S]: InstanceType<S[Name][0]> };

/**
 * New columns with `rows` empty rows. To have other fields beside them, spread them into a literal: an object that gets
 * more than a dozen fields one by one (also by `Object.assign`) becomes a dictionary in V8, and each look at it costs
 * 25 ns.
 */
export function createColumns<S extends Spec>(spec: S, rows: number): Columns<S> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, column]) => [name, emptyArray(column, rows)]),
  ) as unknown as Columns<S>;
}

/** More rows, empty ones behind those that are there. @param rows at least as many as before */
export function growColumns<S extends Spec>(spec: S, columns: Columns<S>, rows: number): void {
  for (const [name, column] of Object.entries(spec)) {
    const larger = emptyArray(column, rows);
    larger.set(columns[name] as InstanceType<ArrayType>);
    columns[name as keyof S] = larger as Columns<S>[keyof S];
  }
}

/** Makes a row empty again, in all columns. */
export function clearRow<S extends Spec>(spec: S, columns: Columns<S>, row: number): void {
  for (const [name, [, empty, perRow = 1]] of Object.entries(spec))
    (columns[name] as InstanceType<ArrayType>).fill(empty, row * perRow, (row + 1) * perRow);
}

function emptyArray([Type, empty, perRow = 1]: Column, rows: number): InstanceType<ArrayType> {
  return new Type(rows * perRow).fill(empty);
}
