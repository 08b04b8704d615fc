/** `fcmesh import cjdroute.conf`: prints the same as a configuration of ours. */
import { MeshError } from '../base/index.ts';
import { importCjdroute, readText } from '../config/index.ts';
import { formatIp6, formatPublicKey, identityOf, loadNodeBackend, SecretKey } from '../crypto/index.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, note, print, printJson } from './output.ts';

/** @throws MeshError ERR_CONFIG_FILE (not readable), ERR_CONFIG (no configuration of cjdroute) */
export async function run(file: string, options: CommonOptions): Promise<number> {
  const source = readText(file);
  const backend = await loadNodeBackend();
  const imported = importCjdroute(source, (hex) => {
    const key = SecretKey.fromHex(hex);
    const identity = key === null ? null : identityOf(backend, key);
    return identity === null
      ? null
      : { address: formatIp6(identity.address), key: formatPublicKey(identity.publicKey) };
  });
  if (!imported.ok)
    throw new MeshError('ERR_CONFIG', `${file} is no configuration of cjdroute: ${imported.reason}`, null);
  if (options.json === true) printJson({ configuration: imported.text, remarks: imported.remarks });
  else {
    print(imported.text.trimEnd());
    for (const remark of imported.remarks) note(`note: ${remark}`);
    note('It holds the private key: keep it in a file of mode 0600, and try "fcmesh check".');
  }
  return EXIT.done;
}
