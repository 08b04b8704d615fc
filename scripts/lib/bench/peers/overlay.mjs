// Meshes whose nodes have an address made from their key, as ours have: yggdrasil and mycelium.
import { join } from 'node:path';
import { run, sleep } from '../lab.mjs';
import { goVersion, isInstalled, lastWord, packageVersion, program } from '../programs.mjs';
import { PORT } from './common.mjs';

/** A first connection that is refused is tried again much later: the left neighbour has to be there. */
const BETWEEN_STARTS_MS = 700;

/** Yggdrasil over tcp://, with its default MTU of about 53 kB: few large packets, which flatters TCP. */
export const yggdrasil = {
  name: 'yggdrasil',
  relays: true,
  installed: () => isInstalled(program('YGGDRASIL')),
  version: () => {
    const command = program('YGGDRASIL');
    const said = run([command, '-version']).split('Build version:').pop().trim().split('\n')[0];
    if (said !== '' && said !== 'unknown') return said;
    return goVersion(command, 'github.com/yggdrasil-network/yggdrasil-go') ?? packageVersion(command) ?? 'of unknown version';
  },
  start: async (lab) => {
    const command = program('YGGDRASIL');
    let address = '';
    for (let i = 0; i < lab.count; i++) {
      const config = JSON.parse(run([command, '-genconf', '-json']));
      const [left, right] = [lab.underlay(i - 1, 'right'), lab.underlay(i, 'right')];
      Object.assign(config, { MulticastInterfaces: [], AdminListen: 'none', IfName: `ygg${i}` });
      config.Listen = right === null ? [] : [`tcp://${right}:${PORT}`];
      config.Peers = i === 0 ? [] : [`tcp://${left}:${PORT}`];
      const file = lab.file(`ygg${i}.json`, JSON.stringify(config));
      address = run([command, '-useconffile', file, '-address']).trim();
      lab.daemon(i, [command, '-useconffile', file]);
      await sleep(BETWEEN_STARTS_MS);
    }
    return address;
  },
};

/** Mycelium over tcp://; what it keeps of other networks stays in the folder of the laboratory. */
export const mycelium = {
  name: 'mycelium',
  relays: true,
  installed: () => isInstalled(program('MYCELIUM')),
  version: () => lastWord(program('MYCELIUM')),
  start: async (lab) => {
    const command = program('MYCELIUM');
    let address = '';
    for (let i = 0; i < lab.count; i++) {
      const key = join(lab.folder, `mycelium${i}.key`);
      run([command, '-k', key, 'generate-keys'], { cwd: lab.folder });
      address = JSON.parse(run([command, 'inspect', '--json', '-k', key], { cwd: lab.folder })).address;
      const args = ['-k', key, '-t', String(PORT), '-q', String(PORT), '--disable-peer-discovery', '--silent'];
      args.push('--tun-name', `myc${i}`, '--cdn-cache', join(lab.folder, `mycelium${i}`));
      if (i > 0) args.push('--peers', `tcp://${lab.underlay(i - 1, 'right')}:${PORT}`);
      lab.daemon(i, [command, ...args]);
      await sleep(BETWEEN_STARTS_MS);
    }
    return address;
  },
};
