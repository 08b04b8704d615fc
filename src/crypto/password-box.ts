/**
 * Passwords in a box that never shows them by accident. A string stays in the heap of V8, where nobody can wipe it, so these are
 * bytes; and they are kept inverted, so that no search of the memory for a text, and no core or dump that shows texts, has one.
 * That hides nothing from somebody who reads the memory on purpose. Style rule on secrets.
 */
import { copyApart, equalConstantTime, utf8 } from '../base/index.ts';

const HIDDEN = '<secret>';

/** A password as somebody gives it: in a box, or as text where it is one anyway (simulations, tools that end soon). */
export type PasswordLike = Password | string;

/** The bytes of a password (protocol 01 §8). Printing, inspecting and JSON give `<secret>`. */
export class Password {
  readonly #inverted: Uint8Array;

  private constructor(inverted: Uint8Array) {
    this.#inverted = inverted;
  }

  /** @param bytes copied; the caller may wipe them */
  static fromBytes(bytes: Uint8Array): Password {
    return new Password(invert(copyApart(bytes)));
  }

  static fromText(text: string): Password {
    return new Password(invert(utf8(text)));
  }

  /** Lends the bytes to `work`; they are wiped when it returns. @returns what `work` returns */
  use<T>(work: (bytes: Uint8Array) => T): T {
    const bytes = invert(copyApart(this.#inverted));
    try {
      return work(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** In time that does not depend on where they differ. */
  equals(other: Password): boolean {
    return equalConstantTime(this.#inverted, other.#inverted);
  }

  /** The text, for a file or an invitation and nothing else: it stays in the memory of this process. */
  revealText(): string {
    return this.use((bytes) => new TextDecoder().decode(bytes));
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}

/** Lends the bytes of a password to `work`, as `Password.use` does. */
export function usePassword<T>(given: PasswordLike, work: (bytes: Uint8Array) => T): T {
  return typeof given === 'string' ? work(utf8(given)) : given.use(work);
}

function invert(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at++) bytes[at] = ~(bytes[at] as number);
  return bytes;
}
