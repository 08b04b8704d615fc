// Nebula with AES-GCM, its default; in a chain the node in the middle is lighthouse and relay.
import { join } from 'node:path';
import { run, sleep } from '../lab.mjs';
import { isInstalled, lastWord, program } from '../programs.mjs';
import { PORT, tunnelAddress } from './common.mjs';

export const nebula = {
  name: 'nebula',
  relays: true,
  installed: () => isInstalled(program('NEBULA')) && isInstalled(program('NEBULA_CERT')),
  version: () => lastWord(program('NEBULA'), '-version'),
  start: async (lab) => {
    const certify = (...args) => run([program('NEBULA_CERT'), ...args], { cwd: lab.folder });
    certify('ca', '-name', 'bench', '-out-crt', 'ca.crt', '-out-key', 'ca.key');
    for (let i = 0; i < lab.count; i++) {
      const out = ['-ca-crt', 'ca.crt', '-ca-key', 'ca.key', '-out-crt', `n${i}.crt`, '-out-key', `n${i}.key`];
      certify('sign', '-name', `n${i}`, '-ip', `${tunnelAddress(i)}/24`, ...out);
    }
    for (let i = 0; i < lab.count; i++) {
      lab.daemon(i, [program('NEBULA'), '-config', lab.file(`nebula${i}.yml`, configOf(lab, i))]);
      await sleep(300);
    }
    return tunnelAddress(lab.count - 1);
  },
};

/** Only neighbours know each other's underlay address: that is all the cables there are. */
function configOf(lab, i) {
  const hub = lab.count > 2 ? 1 : 0;
  const relays = lab.count > 2;
  const neighbours = [
    [i - 1, lab.underlay(i - 1, 'right')],
    [i + 1, lab.underlay(i + 1, 'left')],
  ].filter(([node]) => node >= 0 && node < lab.count);
  const hosts = neighbours.map(([node, at]) => `  "${tunnelAddress(node)}": ["${at}:${PORT}"]`).join('\n');
  const others = i === hub ? '' : `"${tunnelAddress(hub)}"`;
  return `pki:
  ca: ${join(lab.folder, 'ca.crt')}
  cert: ${join(lab.folder, `n${i}.crt`)}
  key: ${join(lab.folder, `n${i}.key`)}
static_host_map:
${hosts}
lighthouse:
  am_lighthouse: ${i === hub}
  hosts: [${others}]
listen: {host: 0.0.0.0, port: ${PORT}}
cipher: aes
punchy: {punch: false}
relay:
  am_relay: ${relays && i === hub}
  use_relays: true
  relays: [${relays ? others : ''}]
tun: {dev: nebula${i}, mtu: 1300}
logging: {level: error, format: text}
firewall:
  outbound: [{port: any, proto: any, host: any}]
  inbound: [{port: any, proto: any, host: any}]
`;
}
