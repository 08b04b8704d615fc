// tinc 1.0 in router mode, AES-256-CBC and SHA-256.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, sleep } from '../lab.mjs';
import { isInstalled, lastWord, program } from '../programs.mjs';
import { PORT, tunnelAddress } from './common.mjs';

export const tinc = {
  name: 'tinc',
  relays: true,
  installed: () => isInstalled(program('TINCD')) && isInstalled('openssl'),
  version: () => lastWord(program('TINCD')),
  start: async (lab) => {
    const host = (i) => {
      const places = [lab.underlay(i, 'left'), lab.underlay(i, 'right')].filter((at) => at !== null);
      const lines = places.map((at) => `Address = ${at}`);
      lines.push(`Port = ${PORT}`, `Subnet = ${tunnelAddress(i)}/32`, 'Cipher = aes-256-cbc', 'Digest = sha256');
      return `${lines.join('\n')}\n`;
    };
    const keys = [];
    for (let i = 0; i < lab.count; i++) {
      mkdirSync(join(lab.folder, `t${i}/hosts`), { recursive: true });
      const dial = i === 0 ? '' : `ConnectTo = n${i - 1}\n`;
      lab.file(`t${i}/tinc.conf`, `Name = n${i}\nInterface = tinc${i}\nAddressFamily = ipv4\nPort = ${PORT}\n${dial}`);
      const up = `ip addr add ${tunnelAddress(i)}/24 dev $INTERFACE\nip link set $INTERFACE up\n`;
      run(['chmod', '700', lab.file(`t${i}/tinc-up`, `#!/bin/sh\n${up}`)]);
      run(['openssl', 'genrsa', '-traditional', '-out', join(lab.folder, `t${i}/rsa_key.priv`), '2048']);
      keys.push(run(['openssl', 'rsa', '-in', join(lab.folder, `t${i}/rsa_key.priv`), '-RSAPublicKey_out']));
    }
    for (let i = 0; i < lab.count; i++) {
      for (let j = 0; j < lab.count; j++) lab.file(`t${i}/hosts/n${j}`, `${host(j)}${keys[j]}`);
      lab.daemon(i, [program('TINCD'), '-c', join(lab.folder, `t${i}`), '-D', `--pidfile=${join(lab.folder, `t${i}.pid`)}`]);
      await sleep(700);
    }
    return tunnelAddress(lab.count - 1);
  },
};
