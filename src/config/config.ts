/** The configuration as the daemon uses it: plain, complete (defaults filled in), valid as far as the text alone can tell. */

import type { PeerToDial } from '../link/index.ts';
import type { ValueOf } from './field.ts';
import type { KEYS } from './keys.ts';

type Key = (typeof KEYS)[number];
type At<Path extends string> = Extract<Key, { readonly path: Path }>;

/** What the key at a path holds: nothing only where nothing is asked for, and nothing holds without it. */
type Held<K> = K extends {
  readonly field: infer F;
  readonly required: infer Required;
  readonly fallback: infer Fallback;
}
  ? Required extends true
    ? ValueOf<F>
    : Fallback extends null
      ? ValueOf<F> | null
      : ValueOf<F>
  : never;

/** Names of the sections, of the lists of sections, and of the keys beside them. */
type ListName = Key['path'] extends infer P ? (P extends `${infer Name}[].${string}` ? Name : never) : never;
type SectionName = Key['path'] extends infer P
  ? P extends `${infer Name}.${string}`
    ? Name extends `${string}[]`
      ? never
      : Name
    : never
  : never;
type PlainName = Exclude<Key['path'], `${string}.${string}` | ListName>;

/** The values below a prefix, `tun.` or `peers[].`. */
type Below<Prefix extends string> = {
  readonly [P in Key['path'] as P extends `${Prefix}${infer Name}` ? Name : never]: Held<At<P>>;
};

/** Everything of the file. Secrets are inside: never log it. */
export type Config = { readonly [Name in PlainName]: Held<At<Name>> } & {
  readonly [Name in SectionName]: Below<`${Name}.`>;
} & {
  readonly [Name in Exclude<ListName, 'peers'>]: readonly Below<`${Name}[].`>[];
} & {
  /** With the endpoints of either key: see `peer-places.ts`. */
  readonly peers: readonly PeerToDial[];

  /** What an operator should know: keys without effect, an open admin socket. */
  readonly warnings: readonly string[];
};

/** An entry of `peers` as it is written: one of the two keys of its endpoints holds. */
export type WrittenPeer = Below<'peers[].'>;

/** Somebody who may dial us. */
export type UserConfig = Config['accept'][number];

/** The admin socket. A null password is `NONE`: everything is allowed, on loopback only; or it is in the file named. */
export type AdminConfig = Config['admin'];
