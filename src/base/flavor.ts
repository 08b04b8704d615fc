/**
 * Numbers of different kinds that must not be taken for each other: a row is no peer number. A plain number goes for any
 * of them (so that literals and arithmetic need no cast), but one kind never for another. Costs nothing at run time.
 */
declare const kind: unique symbol;

/** A `Value` of a kind. */
export type Flavor<Value, Kind extends string> = Value & { readonly [kind]?: Kind };
