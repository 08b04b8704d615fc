// The daemons that are compared: how each is configured and started on a row of nodes. Another one is left out when its
// program is not installed. `start` returns the address of the last node inside the tunnel.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, sleep } from './lab.mjs';

const PORT = 21000;

function installed(program) {
  try {
    run(['sh', '-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}

/** fcmesh of this checkout. @param main dist/cli/main.js @param options for Node, and an environment */
export function fcmesh(main, { name = 'fcmesh', nodeOptions = [], env = {} } = {}) {
  const node = (...args) => run([process.execPath, main, ...args]);
  return {
    name,
    relays: true,
    installed: () => true,
    version: () => node('--version').trim(),
    start: async (lab) => {
      const keys = lab.names.map(() => JSON.parse(node('keygen', '--json')));
      const password = randomBytes(16).toString('hex');
      keys.forEach((key, i) => {
        const left = lab.underlay(i - 1, 'right');
        const config = fcmeshConfig(key.privateKey, password, i === 0 ? null : { at: left, key: keys[i - 1].key });
        const file = lab.file(`node${i}.yaml`, config);
        lab.daemon(i, [process.execPath, ...nodeOptions, main, 'up', '--config', file], { FCMESH_DEBUG: 'timers', ...env });
      });
      return keys[lab.count - 1].address;
    },
    /** What the daemon of `node` says of itself. */
    status: (lab, i) => JSON.parse(lab.in(i, [process.execPath, main, 'status', '--json', '--admin', '127.0.0.1:11234'])),
  };
}

function fcmeshConfig(privateKey, password, peer) {
  const dial =
    peer === null
      ? ' []'
      : `\n  - endpoint: udp://${peer.at}:${PORT}\n    key: ${peer.key}\n    login: bench\n    password: ${password}`;
  return `identity:
  privateKey: ${privateKey}
listen:
  - udp://0.0.0.0:${PORT}
lan:
  beacon: off
accept:
  - login: bench
    password: ${password}
peers:${dial}
admin:
  listen: 127.0.0.1:11234
firewall:
  inbound: allow
user: root
`;
}

/** Debian's wireguard-go; in the middle of a chain the kernel forwards: decrypted and encrypted again. */
export const wireguardGo = {
  name: 'wireguard-go',
  relays: true,
  installed: () => installed('wireguard-go') && installed('wg'),
  version: () => run(['wireguard-go', '--version']).split('\n')[0].split(' ').pop(),
  start: async (lab) => {
    const keys = lab.names.map(() => run(['wg', 'genkey']).trim());
    const shown = keys.map((key) => run(['wg', 'pubkey'], { input: key, stdio: 'pipe' }).trim());
    for (let i = 0; i < lab.count; i++) {
      const device = `wg${process.pid}x${i}`;
      lab.daemon(i, ['wireguard-go', '-f', device], { LOG_LEVEL: 'error' });
      // Its socket is there a moment before it listens.
      for (let wait = 0; wait < 100 && !existsSync(`/var/run/wireguard/${device}.sock`); wait++) await sleep(50);
      await sleep(300);
      const peer = (j, at, from, to) => {
        const allowed = Array.from({ length: to - from }, (_, k) => `10.99.0.${from + k + 1}/32`).join(',');
        return `[Peer]\nPublicKey=${shown[j]}\nAllowedIPs=${allowed}\nEndpoint=${at}:${PORT}\nPersistentKeepalive=1\n`;
      };
      let config = `[Interface]\nPrivateKey=${keys[i]}\nListenPort=${PORT}\n`;
      if (i > 0) config += peer(i - 1, lab.underlay(i - 1, 'right'), 0, i);
      if (i + 1 < lab.count) config += peer(i + 1, lab.underlay(i + 1, 'left'), i + 1, lab.count);
      lab.in(i, ['wg', 'setconf', device, lab.file(`wg${i}.conf`, config)]);
      lab.in(i, ['ip', 'address', 'add', `10.99.0.${i + 1}/24`, 'dev', device]);
      lab.in(i, ['ip', 'link', 'set', device, 'mtu', '1420', 'up']);
      lab.in(i, ['sysctl', '-qw', `net.ipv4.conf.${device}.forwarding=1`]);
    }
    return `10.99.0.${lab.count}`;
  },
};

/** Yggdrasil over tcp://, with its default MTU of about 53 kB: few large packets, which flatters TCP. */
export const yggdrasil = {
  name: 'yggdrasil',
  relays: true,
  installed: () => installed('yggdrasil'),
  version: () => run(['yggdrasil', '-version']).split('Build version:').pop().trim().split('\n')[0],
  start: async (lab) => {
    let address = '';
    for (let i = 0; i < lab.count; i++) {
      const config = JSON.parse(run(['yggdrasil', '-genconf', '-json']));
      const [left, right] = [lab.underlay(i - 1, 'right'), lab.underlay(i, 'right')];
      Object.assign(config, { MulticastInterfaces: [], AdminListen: 'none', IfName: `ygg${i}` });
      config.Listen = right === null ? [] : [`tcp://${right}:${PORT}`];
      config.Peers = i === 0 ? [] : [`tcp://${left}:${PORT}`];
      const file = lab.file(`ygg${i}.json`, JSON.stringify(config));
      address = run(['yggdrasil', '-useconffile', file, '-address']).trim();
      lab.daemon(i, ['yggdrasil', '-useconffile', file]);
      await sleep(700); // a first connection that is refused is tried again much later
    }
    return address;
  },
};

/** tinc 1.0 in router mode, AES-256-CBC and SHA-256. */
export const tinc = {
  name: 'tinc',
  relays: true,
  installed: () => installed('tincd'),
  version: () => run(['tincd', '--version']).split('\n')[0].split(' ').pop(),
  start: async (lab) => {
    const host = (i) => {
      const places = [lab.underlay(i, 'left'), lab.underlay(i, 'right')].filter((at) => at !== null);
      const lines = places.map((at) => `Address = ${at}`);
      lines.push(`Port = ${PORT}`, `Subnet = 10.99.0.${i + 1}/32`, 'Cipher = aes-256-cbc', 'Digest = sha256');
      return `${lines.join('\n')}\n`;
    };
    const keys = [];
    for (let i = 0; i < lab.count; i++) {
      mkdirSync(join(lab.folder, `t${i}/hosts`), { recursive: true });
      const dial = i === 0 ? '' : `ConnectTo = n${i - 1}\n`;
      lab.file(`t${i}/tinc.conf`, `Name = n${i}\nInterface = tinc${i}\nAddressFamily = ipv4\nPort = ${PORT}\n${dial}`);
      const up = `ip addr add 10.99.0.${i + 1}/24 dev $INTERFACE\nip link set $INTERFACE up\n`;
      run(['chmod', '700', lab.file(`t${i}/tinc-up`, `#!/bin/sh\n${up}`)]);
      run(['openssl', 'genrsa', '-traditional', '-out', join(lab.folder, `t${i}/rsa_key.priv`), '2048']);
      keys.push(run(['openssl', 'rsa', '-in', join(lab.folder, `t${i}/rsa_key.priv`), '-RSAPublicKey_out']));
    }
    for (let i = 0; i < lab.count; i++) {
      for (let j = 0; j < lab.count; j++) lab.file(`t${i}/hosts/n${j}`, `${host(j)}${keys[j]}`);
      lab.daemon(i, ['tincd', '-c', join(lab.folder, `t${i}`), '-D', `--pidfile=${join(lab.folder, `t${i}.pid`)}`]);
      await sleep(700);
    }
    return `10.99.0.${lab.count}`;
  },
};

export const OTHERS = [wireguardGo, yggdrasil, tinc];
