// WireGuard in user space, by wireguard-go and by boringtun: one protocol, one tool (wg), two programs. In the middle of
// a chain the kernel forwards: decrypted and encrypted again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, sleep } from '../lab.mjs';
import { goVersion, isInstalled, lastWord, program } from '../programs.mjs';
import { PORT, tunnelAddress } from './common.mjs';

const MTU_BYTES = 1420;

/** @param begin starts the program of a node for a device that it is to make */
function wireguard({ name, command, version, begin }) {
  return {
    name,
    relays: true,
    installed: () => isInstalled(command()) && isInstalled('wg'),
    version,
    start: async (lab) => {
      const keys = lab.names.map(() => run(['wg', 'genkey']).trim());
      const shown = keys.map((key) => run(['wg', 'pubkey'], { input: key, stdio: 'pipe' }).trim());
      for (let i = 0; i < lab.count; i++) {
        const device = `wg${process.pid}x${i}`;
        begin(lab, i, device);
        // Its socket is there a moment before it listens.
        for (let wait = 0; wait < 100 && !existsSync(`/var/run/wireguard/${device}.sock`); wait++) await sleep(50);
        await sleep(300);
        lab.in(i, ['wg', 'setconf', device, lab.file(`wg${i}.conf`, configOf(lab, i, keys[i], shown))]);
        lab.in(i, ['ip', 'address', 'add', `${tunnelAddress(i)}/24`, 'dev', device]);
        lab.in(i, ['ip', 'link', 'set', device, 'mtu', String(MTU_BYTES), 'up']);
        lab.in(i, ['sysctl', '-qw', `net.ipv4.conf.${device}.forwarding=1`]);
      }
      return tunnelAddress(lab.count - 1);
    },
  };
}

/** Everybody to the left is reached by the left neighbour, everybody to the right by the right one. */
function configOf(lab, i, key, shown) {
  const peer = (j, at, from, to) => {
    const allowed = Array.from({ length: to - from }, (_, k) => `${tunnelAddress(from + k)}/32`).join(',');
    return `[Peer]\nPublicKey=${shown[j]}\nAllowedIPs=${allowed}\nEndpoint=${at}:${PORT}\nPersistentKeepalive=1\n`;
  };
  let config = `[Interface]\nPrivateKey=${key}\nListenPort=${PORT}\n`;
  if (i > 0) config += peer(i - 1, lab.underlay(i - 1, 'right'), 0, i);
  if (i + 1 < lab.count) config += peer(i + 1, lab.underlay(i + 1, 'left'), i + 1, lab.count);
  return config;
}

export const wireguardGo = wireguard({
  name: 'wireguard-go',
  command: () => program('WIREGUARD_GO'),
  version: () => {
    const command = program('WIREGUARD_GO');
    return goVersion(command, 'golang.zx2c4.com/wireguard') ?? lastWord(command);
  },
  begin: (lab, i, device) => lab.daemon(i, [program('WIREGUARD_GO'), '-f', device], { LOG_LEVEL: 'error' }),
});

/** It stays root: the user that it would become may not be able to make the device. */
export const boringtun = wireguard({
  name: 'boringtun',
  command: () => program('BORINGTUN'),
  version: () => lastWord(program('BORINGTUN')),
  begin: (lab, i, device) => {
    const log = join(lab.folder, `${device}.log`);
    lab.daemon(i, [program('BORINGTUN'), '-f', '--disable-drop-privileges', '-l', log, device]);
  },
});
