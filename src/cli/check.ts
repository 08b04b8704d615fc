/** `fcmesh check`: is the configuration good? Changes nothing and opens nothing. */

import { ConfigError, checkKeys, readConfigFile } from '../config/index.ts';
import { formatIp6, formatPublicKey, loadNodeBackend } from '../crypto/index.ts';
import { plural } from '../text/index.ts';
import { formatEndpoint } from '../underlay/index.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, note, print, printJson, styled } from './output.ts';
import { renderPairs } from './table.ts';

/** @throws MeshError as `readConfigFile`; with `--json` mistakes go to stdout as `{ok: false, problems}` */
export async function run(options: CommonOptions): Promise<number> {
  const file = configFileOf(options);
  try {
    const read = readConfigFile(file);
    const keys = checkKeys(read.config, read.privateKey, read.places, await loadNodeBackend());
    if (!keys.ok) throw new ConfigError(file, keys.problems);
    const { config } = read;
    const warnings = [...read.warnings, ...config.warnings];
    const address = formatIp6(keys.identity.address);
    const key = formatPublicKey(keys.identity.publicKey);
    if (options.json === true) {
      printJson({ ok: true, file, address, key, warnings, problems: [] });
      return EXIT.done;
    }
    const tun = config.tun.enabled ? `${config.tun.name}, MTU ${config.tun.mtu}` : 'none';
    print(
      `${file}: ${styled('green', 'good')}`,
      ...renderPairs([
        ['  address', address],
        ['  key', key],
        ['  tun', tun],
        ['  listen', config.listen.map(formatEndpoint).join(', ') || 'nowhere'],
        [
          '  peers',
          `${plural(config.peers.length, 'peer')} to dial, ${plural(config.accept.length, 'login')} accepted`,
        ],
      ]),
    );
    print(
      'A daemon that runs takes changes over with "fcmesh reload"; only identity, tun, lan, crypto, user, and an address',
      'taken out of "listen" need a restart.',
    );
    if (config.peers.length + config.accept.length === 0) {
      warnings.push('nobody is under "peers" or "accept": this node will be alone');
    }
    for (const warning of warnings) note(`${styled('yellow', 'warning:', process.stderr)} ${warning}`);
    return EXIT.done;
  } catch (error) {
    if (options.json !== true || !(error instanceof ConfigError)) throw error;
    printJson({ ok: false, file, warnings: [], problems: error.problems });
    return EXIT.usage;
  }
}
