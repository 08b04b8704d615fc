/** Proof that a request comes from somebody who knows the password: both sides of it. Source: protocol 10 §1.1. */
import { type Bencode, emitBencode, equalConstantTime, getBytes, toHex, utf8 } from '../base/index.ts';
import { type PasswordLike, usePassword } from '../crypto/index.ts';
import { HASH_LENGTH } from './spec.ts';

/** A hash function, as `CryptoBackend` has one. */
export type Sha256 = (message: Uint8Array) => Uint8Array;

/** What is asked: a function, its arguments, and a txid that the reply repeats. */
export type Question = {
  readonly name: string;
  readonly args: ReadonlyMap<string, Bencode>;
  readonly txid: string;
};

/** The datagram of a question without authentication. */
export function plainRequest(question: Question): Uint8Array {
  return emitBencode(new Map<string, Bencode>([['q', utf8(question.name)], ...common(question)]));
}

/** The datagram of a question that needs the password. @param cookie a fresh one of the same daemon */
export function signedRequest(question: Question, password: PasswordLike, cookie: string, sha256: Sha256): Uint8Array {
  const first = firstHash(password, utf8(cookie), sha256);
  const request = new Map<string, Bencode>([
    ['q', utf8('auth')],
    ['aq', utf8(question.name)],
    ['cookie', utf8(cookie)],
    ['hash', first],
    ...common(question),
  ]);
  request.set('hash', hexOf(sha256(emitBencode(request))));
  return emitBencode(request);
}

/**
 * Does the hash in `datagram` prove the password? In time that does not depend on where it differs.
 * @param request the parsed datagram
 * @param cookie its cookie as bytes
 */
export function isSigned(
  datagram: Uint8Array,
  request: ReadonlyMap<string, Bencode>,
  password: PasswordLike,
  cookie: Uint8Array,
  sha256: Sha256,
): boolean {
  const hash = getBytes(request, 'hash');
  if (hash === null || hash.length !== HASH_LENGTH) return false;
  // Not through text: an argument may be a password.
  const at = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length).indexOf(hash);
  if (at < 0) return false;
  const unsigned = new Uint8Array(datagram);
  unsigned.set(firstHash(password, cookie, sha256), at);
  const expected = hexOf(sha256(unsigned));
  unsigned.fill(0); // an argument may be a password
  return equalConstantTime(expected, hash);
}

function common(question: Question): readonly [string, Bencode][] {
  const fields: [string, Bencode][] = [['txid', utf8(question.txid)]];
  if (question.args.size > 0) fields.push(['args', question.args]);
  return fields;
}

function firstHash(password: PasswordLike, cookie: Uint8Array, sha256: Sha256): Uint8Array {
  return usePassword(password, (secret) => {
    const message = new Uint8Array(new ArrayBuffer(secret.length + cookie.length));
    message.set(secret);
    message.set(cookie, secret.length);
    const hash = hexOf(sha256(message));
    message.fill(0);
    return hash;
  });
}

function hexOf(bytes: Uint8Array): Uint8Array {
  return utf8(toHex(bytes));
}
