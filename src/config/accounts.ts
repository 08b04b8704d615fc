/** Users and groups of this machine, as far as its own files name them. */
import { existsSync, readFileSync } from 'node:fs';

/** The user that the installation makes for the daemon; its group may read the admin password. */
export const OWN_USER = 'fcmesh';

/**
 * The number of a user or group; null if there is none of that name.
 * @param file `/etc/passwd` or `/etc/group`: both have it in the third field
 */
export function numberIn(file: '/etc/passwd' | '/etc/group', name: string): number | null {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const number = lines.find((line) => line.startsWith(`${name}:`))?.split(':')[2] ?? '';
  return /^\d{1,10}$/.test(number) ? Number(number) : null;
}

/** Whom a new configuration names as `user`. */
export function usualUser(fallback: string): string {
  return numberIn('/etc/passwd', OWN_USER) === null ? fallback : OWN_USER;
}
