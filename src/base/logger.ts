/** What a layer may say. One event a call, with fixed field names; the daemon decides where it goes (style rule 28). */

/** Values of an event: names of fields are fixed (`peer`, `address`, `reason`, `ms`), never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** error: the operator must act; warn: something is off; info: life cycle; debug: for developers. */
export type Logger = {
  readonly error: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly debug: (event: string, fields?: LogFields) => void;
};

/** A logger that says nothing, for tests and simulations. */
export const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
