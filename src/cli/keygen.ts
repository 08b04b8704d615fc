/** `fcmesh keygen`: a new key, printed and not kept. */
import { randomBytes } from 'node:crypto';
import { formatIp6, formatPublicKey, generateIdentity, loadNodeBackend } from '../crypto/index.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, printJson } from './output.ts';

/** Prints JSON always: on one line with `--json`, readable otherwise. */
export async function run(options: CommonOptions): Promise<number> {
  const identity = generateIdentity(await loadNodeBackend(), { bytes: randomBytes });
  const keys = {
    privateKey: identity.privateKey.revealHex(),
    key: formatPublicKey(identity.publicKey),
    address: formatIp6(identity.address),
  };
  printJson(keys, options.json === true ? 0 : 2);
  return EXIT.done;
}
