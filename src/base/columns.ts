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
 * New columns with `rows` empty rows. Other fields are put beside them one by one, by name: an object whose fields are
 * computed (a spread, `Object.assign`, a literal filled in a loop) becomes a dictionary in V8 from a dozen on, or keeps
 * them apart from itself, and each look costs a packet up to 25 ns. What a constructor makes has room for a dozen in it.
 */
export function createColumns<S extends Spec>(spec: S, rows: number): Columns<S> {
  return new Made(spec, rows) as unknown as Columns<S>;
}

class Made {
  [name: string]: InstanceType<ArrayType>;

  constructor(spec: Spec, rows: number) {
    for (const [name, column] of Object.entries(spec)) this[name] = emptyArray(column, rows);
  }
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
