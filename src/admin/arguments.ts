/** Reading of arguments that several functions share. All are total: hostile values become defaults or null. */
import { isUtf8 } from 'node:buffer';
import { type BencodeMap, getBytes, getInt, getText } from '../base/index.ts';
import {
  addressOf,
  type Ip6,
  isMeshAddress,
  isPasswordAllowed,
  Password,
  parseIp6,
  parsePublicKey,
} from '../crypto/index.ts';
import type { Call } from './function.ts';
import { MAX_PAGE, MAX_TIMEOUT_MS } from './limits.ts';
import { addressesOf } from './names.ts';

/** The page asked for, from 0; nonsense is page 0, the far end is an empty page. */
export function pageOf(call: Call): number {
  const page = getInt(call.args, 'page') ?? 0n;
  return page < 0n ? 0 : page > BigInt(MAX_PAGE) ? MAX_PAGE : Number(page);
}

/** Milliseconds to wait, within 1 ms and a minute. */
export function timeoutOf(call: Call, defaultMs: number, argument = 'timeout'): number {
  const asked = getInt(call.args, argument);
  if (asked === null || asked <= 0n) return defaultMs;
  return asked > BigInt(MAX_TIMEOUT_MS) ? MAX_TIMEOUT_MS : Number(asked);
}

/** The argument `password`, which never becomes a text; null unless it is UTF-8 of 1 to 64 bytes. The argument is wiped. */
export function passwordOf(args: BencodeMap): Password | null {
  const bytes = getBytes(args, 'password');
  if (bytes === null) return null;
  const password = Password.fromBytes(bytes);
  bytes.fill(0);
  return password.use((own) => isUtf8(own) && isPasswordAllowed(own)) ? password : null;
}

/** The node that an argument means: an address of the mesh, a public key, or the name of a peer. */
export function nodeOf(call: Call, argument: string): Ip6 | null {
  const text = getText(call.args, argument) ?? '';
  const address = parseIp6(text);
  if (address !== null) return isMeshAddress(address) ? address : null;
  const key = parsePublicKey(text);
  if (key !== null) return addressOf(call.context.crypto, key);
  if (text === '') return null;
  const [first, ...others] = addressesOf(text, call.context.node.peers());
  return first !== undefined && others.length === 0 ? first : null;
}

/** The error when `nodeOf` finds none. */
export const NOT_A_NODE =
  'not a node: give an address in fc00::/8, a key that ends in .k, or the name of a peer that no other has';
