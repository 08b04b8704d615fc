/**
 * Who may connect: logins and passwords, found by what the header of a handshake packet says. Each user has both search
 * keys, so that it may come with the password alone or with its login. Source: protocol 02 §3, 01 §8.
 */
import { MeshError, readU32, utf8 } from '../base/index.ts';
import {
  type CryptoBackend,
  type Ip6,
  lookup1,
  lookup2,
  type PasswordLike,
  type SecretKey,
  usePassword,
} from '../crypto/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { checkLogin, checkPassword, secretOf } from './credentials.ts';
import { MAX_USERS } from './limits.ts';

/** One who may connect. */
export type User = {
  readonly login: string;
  /** For display; null if none was given. */
  readonly name: string | null;
  /** 32 bytes that are mixed into the key agreement. */
  readonly secret: SecretKey;
  /** Only a node with this address may use the password; null = anybody. */
  readonly restrictedTo: Ip6 | null;
};

/** What `add` needs to know. */
export type NewUser = {
  readonly login: string;
  /** UTF-8, 1 to 64 bytes. */
  readonly password: PasswordLike;
  /** What we call them. */
  readonly name: string | null;
  readonly restrictedTo?: Ip6 | null;
};

/** A lookup as two numbers, bytes 0-3 and 3-6, so that comparing takes no time that depends on them. */
type Lookup = { readonly head: number; readonly tail: number };
type Entry = { readonly user: User; readonly byPassword: Lookup; readonly byLogin: Lookup };

/** The table of users, in the order they were added. */
export class Users {
  readonly #crypto: CryptoBackend;
  #entries: readonly Entry[] = [];

  constructor(crypto: CryptoBackend) {
    this.#crypto = crypto;
  }

  /**
   * Adds a user.
   * @throws MeshError ERR_USER (login exists, table full), ERR_LOGIN, ERR_PASSWORD
   */
  add(given: NewUser): User {
    const { login, name, restrictedTo = null } = given;
    checkLogin(login);
    return usePassword(given.password, (password) => {
      checkPassword(password);
      if (this.#entries.length >= MAX_USERS) throw new MeshError('ERR_USER', `there are ${MAX_USERS} users already`);
      if (this.#entries.some((entry) => entry.user.login === login)) {
        throw new MeshError(
          'ERR_USER',
          `a user with the login "${login}" exists`,
          'Remove it first, or choose another login.',
        );
      }
      const user: User = { login, name, secret: secretOf(this.#crypto, password), restrictedTo };
      const byPassword = packed(lookup1(this.#crypto, password));
      const byLogin = packed(lookup2(this.#crypto, utf8(login)));
      this.#entries = [...this.#entries, { user, byPassword, byLogin }];
      return user;
    });
  }

  /** Forgets a user and wipes its secret; sessions that exist go on. @returns false if there is none */
  remove(login: string): boolean {
    const entry = this.#entries.find(({ user }) => user.login === login);
    if (entry === undefined) return false;
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.user.secret.wipe();
    return true;
  }

  /**
   * The first user whose search key matches, compared in constant time; null for type 0, unknown types and strangers.
   * @param lookup 7 bytes of the header
   */
  find(authType: number, lookup: Uint8Array): User | null {
    if (authType !== cryptoAuthHeader.AUTH.password && authType !== cryptoAuthHeader.AUTH.login) return null;
    const wanted = packed(lookup);
    let found: User | null = null;
    for (const { user, byPassword, byLogin } of this.#entries) {
      const key = authType === cryptoAuthHeader.AUTH.password ? byPassword : byLogin;
      const difference = (key.head ^ wanted.head) | (key.tail ^ wanted.tail);
      if (difference === 0 && found === null) found = user;
    }
    return found;
  }

  /**
   * Is there a user for these 8 bytes of a handshake packet, auth type and lookup? Copies nothing.
   * @param offset of the auth type in `bytes`
   */
  knows(bytes: Uint8Array, offset: number): boolean {
    const head = readU32(bytes, offset + 1);
    const tail = readU32(bytes, offset + 4);
    const authType = bytes[offset];
    if (authType !== cryptoAuthHeader.AUTH.password && authType !== cryptoAuthHeader.AUTH.login) return false;
    let known = false;
    for (const { byPassword, byLogin } of this.#entries) {
      const key = authType === cryptoAuthHeader.AUTH.password ? byPassword : byLogin;
      if (((key.head ^ head) | (key.tail ^ tail)) === 0) known = true;
    }
    return known;
  }

  /** All users, in the order they were added. */
  list(): readonly User[] {
    return this.#entries.map(({ user }) => user);
  }
}

function packed(lookup: Uint8Array): Lookup {
  return { head: readU32(lookup, 0), tail: readU32(lookup, 3) };
}
