/** CryptoAuth as links and sessions see it: what a packet is, and a channel with somebody. Source: protocol 02 §2, §11. */
import { equal, readU32 } from '../base/index.ts';
import type { CredentialRefusal, DataTable, Handshake } from '../channel/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { Association } from './association.ts';
import { ERROR } from './errors.ts';
import type { Environment } from './machine.ts';

const { OFFSET, AUTH, REPEAT_HELLO, SIZE, isHandshakeAt, isHelloAt } = cryptoAuthHeader;

/** The handshake of one node. @param data where the keys of its channels go */
export function createCryptoAuth(environment: Environment, data: DataTable): Handshake {
  return {
    shortestBytes: SIZE,
    isHandshakeAt,
    isFirstAt: isHelloAt,
    isKnownAt: (bytes, offset) => environment.users.knows(bytes, offset + OFFSET.authType),
    isFromAt: (bytes, offset, key) => equal(bytes.subarray(offset + OFFSET.publicKey, offset + OFFSET.box), key),
    markAt,
    peek: (packet) => {
      const header = cryptoAuthHeader.parse(packet);
      if (header === null) return null;
      const { nonceField, authType, publicKey } = header;
      return { publicKey, isFirst: nonceField <= REPEAT_HELLO, hasCredentials: authType !== AUTH.none };
    },
    refusalOf,
    channel: (options, nowMs) => new Association(environment, data, options, nowMs),
  };
}

/** Of the tag: each packet of a genuine node has a fresh nonce, so its tag is another one, also when it repeats a hello. */
function markAt(bytes: Uint8Array, offset: number): number {
  const at = offset + OFFSET.box;
  return readU32(bytes, at) * 2 ** 20 + (readU32(bytes, at + 4) >>> 12);
}

function refusalOf(error: number, hasCredentials: boolean): CredentialRefusal | null {
  switch (error) {
    case ERROR.AUTH_REQUIRED:
      return hasCredentials ? 'unknown login' : 'password required';
    case ERROR.UNRECOGNIZED_AUTH:
      return 'unknown login';
    case ERROR.WRONG_PERM_PUBKEY:
    case ERROR.IP_RESTRICTED:
    case ERROR.HANDSHAKE_DECRYPT_FAILED:
      return 'wrong password or key';
    default:
      return null;
  }
}
