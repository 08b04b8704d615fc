/** What is wrong with a text that somebody wrote, and what to write instead. */

/** What is wrong with a value, and what to write instead (null: nothing sensible to say). */
export type Mistake = { readonly message: string; readonly suggestion: string | null };

/** A mistake, in short. */
export function mistake(message: string, suggestion: string | null = null): Mistake {
  return { message, suggestion };
}

/** As one phrase behind the value: `is a multicast address, ...; write ...`. */
export function inWords({ message, suggestion }: Mistake): string {
  return suggestion === null ? message : `${message}; ${suggestion}`;
}
