/** `fcmesh address KEY`: the address that follows from a public key. */
import { MeshError } from '../base/index.ts';
import { addressOf, formatIp6, formatPublicKey, loadNodeBackend, parsePublicKey } from '../crypto/index.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, printJson } from './output.ts';

/** Prints JSON always: on one line with `--json`, readable otherwise. @throws MeshError ERR_USAGE for what is no node's key */
export async function run(text: string, options: CommonOptions): Promise<number> {
  const key = parsePublicKey(text);
  if (key === null) {
    // The text is not repeated: somebody may have pasted a private key.
    throw new MeshError('ERR_USAGE', 'that is no public key', 'A key has 52 symbols (no a, e, i, o) and ends in .k');
  }
  const address = addressOf(await loadNodeBackend(), key);
  if (address === null) {
    throw new MeshError(
      'ERR_USAGE',
      'no node has this key: it gives no address in fc00::/8',
      'Copy it again, every symbol counts.',
    );
  }
  printJson({ key: formatPublicKey(key), address: formatIp6(address) }, options.json === true ? 0 : 2);
  return EXIT.done;
}
