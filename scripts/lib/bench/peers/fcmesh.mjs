// fcmesh of this checkout, as it is and with other code for its packets.
import { randomBytes } from 'node:crypto';
import { run } from '../lab.mjs';
import { PORT } from './common.mjs';

const ADMIN = '127.0.0.1:11234';

/**
 * fcmesh, or a variant of it.
 * @param main dist/cli/main.js
 * @param options lane: who encrypts packets, where it is not to be the fastest code that the processor runs;
 *   nodeOptions: for Node
 */
export function fcmesh(main, { name = 'fcmesh', title = name, lane, nodeOptions = [] } = {}) {
  const node = (...args) => run([process.execPath, main, ...args]);
  return {
    name,
    title,
    lane,
    relays: true,
    installed: () => true,
    version: () => node('--version').trim(),
    start: async (lab) => {
      const keys = lab.names.map(() => JSON.parse(node('keygen', '--json')));
      const login = { login: 'bench', password: randomBytes(16).toString('hex') };
      keys.forEach((key, i) => {
        const peer = i === 0 ? null : { at: lab.underlay(i - 1, 'right'), key: keys[i - 1].key, ...login };
        const config = fcmeshConfig({ privateKey: key.privateKey, accept: [login], peer, lane });
        const file = lab.file(`node${i}.yaml`, config);
        lab.daemon(i, [process.execPath, ...nodeOptions, main, 'up', '--config', file], { FCMESH_DEBUG: `timers,${lane ?? ''}` });
      });
      return keys[lab.count - 1].address;
    },
    /** What the daemon of `node` says of itself. */
    status: (lab, i) => JSON.parse(lab.in(i, [process.execPath, main, 'status', '--json', '--admin', ADMIN])),
  };
}

/** A configuration. @param accept logins with their passwords @param peer whom it dials, null: nobody */
export function fcmeshConfig({ privateKey, accept, peer = null, lane }) {
  const people = accept.map(({ login, password }) => `  - login: ${login}\n    password: ${password}\n`).join('');
  const dial =
    peer === null
      ? ' []'
      : `\n  - endpoint: udp://${peer.at}:${PORT}\n    key: ${peer.key}\n    login: ${peer.login}\n    password: ${peer.password}`;
  return `identity:
  privateKey: ${privateKey}
listen:
  - udp://0.0.0.0:${PORT}
lan:
  beacon: off
accept:
${people}peers:${dial}
admin:
  listen: ${ADMIN}
firewall:
  inbound: allow
crypto: ${lane === 'libsodium' ? lane : 'auto'}
user: root
`;
}
