/** `fcmesh init`: a commented configuration with a new key. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  DEFAULT_FILE,
  fallbackOf,
  makePasswordFile,
  renderTemplate,
  usualUser,
  writeConfigFile,
} from '../config/index.ts';
import { formatIp6, formatPublicKey, generateIdentity, loadNodeBackend } from '../crypto/index.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { renderPairs } from './table.ts';

/** @returns the exit code; nothing is changed where a file is, unless `force` is set */
export async function run(options: CommonOptions & { readonly force?: boolean }): Promise<number> {
  const file = configFileOf(options);
  const identity = generateIdentity(await loadNodeBackend(), { bytes: randomBytes });
  const address = formatIp6(identity.address);
  const key = formatPublicKey(identity.publicKey);
  writeConfigFile(
    file,
    renderTemplate({
      privateKeyHex: identity.privateKey.revealHex(),
      address,
      key,
      user: usualUser(fallbackOf('user')),
    }),
    options.force === true,
  );
  const adminPasswordFile = makePasswordFile(file);
  if (options.json === true) {
    printJson({ file, address, key, adminPasswordFile });
    return EXIT.done;
  }
  const named = options.config === undefined ? '' : ` --config ${file}`;
  print(
    ...renderPairs([
      ['written', file],
      ['', `${adminPasswordFile}      who may read it may control the daemon`],
      ['address', styled('bold', address)],
      ['key', key],
    ]),
    '',
    'What next:',
    `  1. ${isService(file) ? 'sudo systemctl enable --now fcmesh      (and how it is: systemctl status fcmesh)' : `sudo fcmesh up${named}`}`,
    `  2. fcmesh join 'LINE' --save${named}      with a line that somebody sent you`,
    `     fcmesh invite --name NAME${named}      makes such a line for somebody`,
  );
  return EXIT.done;
}

/** Does systemd start the daemon with this very file? */
function isService(file: string): boolean {
  return file === DEFAULT_FILE && existsSync('/run/systemd/system') && UNITS.some((unit) => existsSync(unit));
}

const UNITS = ['/etc/systemd/system/fcmesh.service', '/lib/systemd/system/fcmesh.service'];
