/** What the daemon may do at its start, and what it becomes afterwards. */
import { accessSync, readFileSync } from 'node:fs';
import { MeshError } from '../base/index.ts';
import type { Config } from '../config/index.ts';

/** A user of this machine. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Whom to become after set-up: who we are already (not root, or `user: root`), without what that one may more than others.
 * @throws MeshError ERR_USER_UNKNOWN
 */
export async function accountToBecome(user: string): Promise<Account> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0 || user === 'root') return { name: user, uid, gid };
  const account = parseAccount(await passwdLine(user), user);
  if (account !== null) return account;
  throw new MeshError(
    'ERR_USER_UNKNOWN',
    `the user "${user}" does not exist on this machine`,
    'Set "user" in the configuration to one that does, for example nobody.',
  );
}

/**
 * Makes sure that the TUN can be opened before anything else is.
 * @param capabilities of this process (`CAP_NET_ADMIN`)
 * @throws MeshError ERR_PERMISSION, ERR_NO_TUN
 */
export function checkTunRights(config: Config, capabilities: readonly string[]): void {
  if (!config.tun.enabled) return;
  if (!capabilities.includes('CAP_NET_ADMIN')) {
    throw new MeshError(
      'ERR_PERMISSION',
      `opening the network device ${config.tun.name} needs root or CAP_NET_ADMIN`,
      'Run it with sudo, or set tun.enabled to false to relay for others only.',
    );
  }
  try {
    accessSync('/dev/net/tun');
  } catch {
    throw new MeshError(
      'ERR_NO_TUN',
      '/dev/net/tun is missing',
      'Load the module (sudo modprobe tun); start a container with --device /dev/net/tun --cap-add NET_ADMIN.',
    );
  }
}

/** The line of /etc/passwd; `getent` knows users that live elsewhere. */
async function passwdLine(user: string): Promise<string> {
  const isTheirs = (line: string) => line.startsWith(`${user}:`);
  try {
    const line = readFileSync('/etc/passwd', 'utf8').split('\n').find(isTheirs);
    if (line !== undefined) return line;
    const { execFileSync } = await import('node:child_process');
    return execFileSync('getent', ['passwd', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** Reads `name:password:uid:gid:...`; null for anything else. */
export function parseAccount(line: string, user: string): Account | null {
  const [name, , uid = '', gid = ''] = line.trim().split(':');
  return name === user && /^\d{1,10}$/.test(uid) && /^\d{1,10}$/.test(gid)
    ? { name, uid: Number(uid), gid: Number(gid) }
    : null;
}
