/** Files that hold one secret: the private key, and the password of the admin socket. */
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, fchmodSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../base/index.ts';
import { Password, type SecretKey } from '../crypto/index.ts';
import { numberIn, OWN_USER } from './accounts.ts';
import { keyFromDigits } from './cut-key.ts';
import { passwordFrom } from './cut-password.ts';
import { codeOf, reasonOf, remedyOf } from './file-error.ts';
import { placeWarnings, readRegular } from './guard.ts';
import { MAX_SECRET_FILE_BYTES } from './limits.ts';
import { NO_PASSWORD, PASSWORD_FILE } from './names.ts';

/** Members of this group may read the password of the admin socket, and so control the daemon. */
export const ADMIN_GROUP = OWN_USER;

/** What a file for one secret has to be. */
type Kind = {
  readonly code: `ERR_${string}`;
  readonly what: string;
  readonly openBits: number;
  readonly close: string;
};

const KEY: Kind = { code: 'ERR_KEY_FILE', what: 'the private key', openBits: 0o077, close: 'chmod 600' };
// A group may be trusted with the daemon, but not with changing the password.
const WORD: Kind = { code: 'ERR_PASSWORD_FILE', what: 'the admin password', openBits: 0o027, close: 'chmod 640' };

/** @throws MeshError ERR_KEY_FILE (missing, readable by others, not 64 hex digits) */
export function readKeyFile(file: string): { readonly key: SecretKey; readonly warnings: readonly string[] } {
  const { bytes, warnings } = readSecret(file, KEY);
  const key = bytes === null ? null : keyFromDigits(trimmed(bytes));
  bytes?.fill(0);
  if (key !== null) return { key, warnings };
  const message = `${file} does not hold a private key (64 hex digits)`;
  throw new MeshError('ERR_KEY_FILE', message, 'Make a new one with: fcmesh keygen');
}

/** @throws MeshError ERR_PASSWORD_FILE (missing, readable by others than its group, not a password in one line) */
export function readPasswordFile(file: string): { readonly password: Password; readonly warnings: readonly string[] } {
  const { bytes, warnings } = readSecret(file, WORD);
  const password = bytes === null ? null : passwordFrom(trimmed(bytes));
  bytes?.fill(0);
  if (password !== null && !password.equals(Password.fromText(NO_PASSWORD))) return { password, warnings };
  const message = `${file} does not hold a password (1 to 64 bytes in one line, not ${NO_PASSWORD})`;
  throw new MeshError('ERR_PASSWORD_FILE', message, `Remove it; fcmesh init makes a new one beside a configuration.`);
}

/**
 * The password that belongs to the default configuration, for somebody who may not read that: null where there is none,
 * `closed` where it is not for us.
 */
export function readPasswordBeside(configFile: string): Password | 'closed' | null {
  try {
    return readPasswordFile(passwordFileOf(configFile)).password;
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    return error.message.includes('permission denied') ? 'closed' : null;
  }
}

/** Where `init` puts the password of the admin socket: beside the configuration. */
export function passwordFileOf(configFile: string): string {
  return path.join(path.dirname(configFile), PASSWORD_FILE);
}

/**
 * Makes the password of the admin socket, at random, unless one is there: root and the group `fcmesh` may read it, where
 * that group exists.
 * @returns the file
 * @throws MeshError ERR_PASSWORD_FILE if it cannot be written, or what is there is no password
 */
export function makePasswordFile(configFile: string): string {
  const file = passwordFileOf(configFile);
  if (existsSync(file)) {
    readPasswordFile(file);
    return file;
  }
  try {
    const handle = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(handle, `${randomBytes(16).toString('hex')}\n`);
      const gid = process.getuid?.() === 0 ? numberIn('/etc/group', ADMIN_GROUP) : null;
      if (gid !== null) {
        chownSync(file, 0, gid);
        fchmodSync(handle, 0o640);
      }
    } finally {
      closeSync(handle);
    }
    return file;
  } catch (error) {
    throw new MeshError('ERR_PASSWORD_FILE', `cannot write ${file}: ${reasonOf(error)}`, remedyOf(error));
  }
}

/** Without blanks and line ends around it. */
function trimmed(bytes: Buffer): Buffer {
  const isBlank = (code: number | undefined): boolean =>
    code === 0x20 || (code !== undefined && code >= 9 && code <= 13);
  let [start, end] = [0, bytes.length];
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  return bytes.subarray(start, end);
}

/** What a file holds; null if it is larger than any secret. */
function readSecret(file: string, kind: Kind): { readonly bytes: Buffer | null; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const own = process.getuid?.() ?? 0;
  try {
    const read = readRegular(file, MAX_SECRET_FILE_BYTES, ({ mode, uid }) => {
      if ((mode & kind.openBits) !== 0)
        throw new MeshError(
          kind.code,
          `${kind.what} in ${file} is open to other users`,
          `Close it: ${kind.close} ${file}`,
        );
      if (uid !== own && uid !== 0)
        warnings.push(`${kind.what} in ${file} belongs to another user (uid ${uid}): chown it to you or to root`);
    });
    if (read === null)
      throw new MeshError(kind.code, `${file} is not a file`, `Name the file that holds ${kind.what}.`);
    return { bytes: read === 'tooLarge' ? null : read.bytes, warnings: [...warnings, ...placeWarnings(file, own)] };
  } catch (error) {
    if (error instanceof MeshError) throw error;
    const remedy =
      codeOf(error) === 'ENOENT' && kind === WORD
        ? `Make one: sudo install -m 600 /proc/sys/kernel/random/uuid ${file}`
        : remedyOf(error);
    throw new MeshError(kind.code, `cannot read ${kind.what} in ${file}: ${reasonOf(error)}`, remedy);
  }
}
