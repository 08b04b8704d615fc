/** The configuration on disk; secret-file.ts beside it reads the files that it names. */
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { MeshError } from '../base/index.ts';
import type { SecretKey } from '../crypto/index.ts';
import type { Config } from './config.ts';
import { cutKeys } from './cut-key.ts';
import { cutYaml } from './cut-password.ts';
import { codeOf, reasonOf, remedyOf } from './file-error.ts';
import { placeWarnings, readRegular, readUpTo } from './guard.ts';
import { MAX_FILE_BYTES, MAX_PROBLEMS } from './limits.ts';
import { type Loaded, loadConfig } from './load.ts';
import { formatProblem, type Problem } from './problem.ts';
import type { Place } from './reader.ts';
import { readKeyFile, readPasswordFile } from './secret-file.ts';

/** A configuration that was read from a file. Secrets are inside: never log it. */
export type ConfigFile = {
  readonly config: Config;
  readonly privateKey: SecretKey;
  readonly places: ReadonlyMap<string, Place>;
  /** Warnings about the file itself (who may read it or put another in its place), on top of `config.warnings`. */
  readonly warnings: readonly string[];
};

/**
 * Reads and validates a configuration, and the private key and admin password that it names.
 * @throws MeshError ERR_CONFIG_FILE (missing, not readable, writable by others), ERR_CONFIG (its message lists the
 *   mistakes, one a line: a `ConfigError`), ERR_KEY_FILE (`privateKeyFile` missing, readable by others, not a key),
 *   ERR_PASSWORD_FILE (the same for `admin.passwordFile`)
 */
export function readConfigFile(file: string): ConfigFile {
  const { bytes, warnings } = readGuarded(file);
  const cut = cutKeys(bytes);
  const loaded = loadWithout(bytes);
  if (!loaded.ok) throw new ConfigError(file, loaded.problems);
  const { places } = loaded;
  const beside = (name: string): string => path.resolve(path.dirname(file), name);
  const { identity, admin } = loaded.config;
  const key =
    identity.privateKey !== null
      ? { key: cut.get(identity.privateKey.revealHex()) ?? identity.privateKey, warnings: [] }
      : readKeyFile(beside(identity.privateKeyFile ?? ''));
  const word = admin.passwordFile === null ? null : readPasswordFile(beside(admin.passwordFile));
  const config = { ...loaded.config, admin: { ...admin, password: word?.password ?? admin.password } };
  const all = new Set([...warnings, ...key.warnings, ...(word?.warnings ?? [])]);
  return { config, privateKey: key.key, places, warnings: [...all] };
}

/** Loads a configuration so that no password of it becomes text, if it is written as usual. The bytes are wiped. */
function loadWithout(bytes: Buffer): Loaded {
  const { text, passwords } = cutYaml(withoutMark(bytes));
  const loaded = loadConfig(text, passwords);
  if (!passwords.areTaken()) return loadConfig(textOf(bytes));
  bytes.fill(0);
  return loaded;
}

/** The mistakes of one file as one error, code ERR_CONFIG; its message has a line for each. */
export class ConfigError extends MeshError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => formatProblem(problem, file));
    if (problems.length > MAX_PROBLEMS) lines.push(`... and ${problems.length - MAX_PROBLEMS} more`);
    super('ERR_CONFIG', lines.join('\n'));
    this.problems = problems;
  }
}

/**
 * Writes a configuration so that it is the old or the new one at every moment (write, fsync, rename), mode 0600.
 * @param force replace a file that is there; otherwise MeshError ERR_EXISTS is thrown and nothing changes
 * @throws MeshError ERR_CONFIG_FILE if the folder cannot be made or written
 */
export function writeConfigFile(file: string, text: string, force: boolean): void {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    writeDurably(temporary, text);
    // link() refuses where a file is: no moment between the look and the writing in which another could appear.
    if (force) renameSync(temporary, file);
    else linkSync(temporary, file);
    syncFolder(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && !force) {
      throw new MeshError(
        'ERR_EXISTS',
        `${file} exists already`,
        'Use --force to replace it; its key, and so its address, would be lost.',
      );
    }
    throw new MeshError('ERR_CONFIG_FILE', `cannot write ${file}: ${reasonOf(error)}`, remedyOf(error));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The text of a configuration, for a change of it. @throws MeshError ERR_CONFIG_FILE as `readConfigFile` */
export function readConfigText(file: string): string {
  return textOf(readGuarded(file).bytes);
}

/**
 * Replaces a configuration that was read before; it is the old or the new one at every moment, and keeps mode and owner.
 * A link stays a link: what it leads to is replaced.
 * @param before the text that was changed: if the file has another one by now, nothing is written
 * @throws MeshError ERR_CONFIG_FILE, ERR_CONFIG_CHANGED
 */
export function saveConfigFile(file: string, before: string, text: string): void {
  let temporary: string | null = null;
  try {
    const real = realpathSync(file);
    const folder = path.dirname(real);
    const { mode, uid, gid } = statSync(real);
    removeLeftovers(folder, path.basename(real));
    temporary = path.join(folder, `.${path.basename(real)}.${process.pid}.tmp`);
    writeDurably(temporary, text, mode & 0o777, process.getuid?.() === 0 ? { uid, gid } : null);
    if (readConfigText(real) !== before) {
      throw new MeshError('ERR_CONFIG_CHANGED', `${file} was changed by somebody else meanwhile`, 'Try again.');
    }
    renameSync(temporary, real);
    syncFolder(folder);
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw new MeshError('ERR_CONFIG_FILE', `cannot write ${file}: ${reasonOf(error)}`, remedyOf(error));
  } finally {
    if (temporary !== null) rmSync(temporary, { force: true });
  }
}

/** What somebody left behind who was killed while saving. */
function removeLeftovers(folder: string, name: string): void {
  for (const entry of readdirSync(folder)) {
    const pid = entry.startsWith(`.${name}.`) ? /\.(\d+)\.tmp$/.exec(entry)?.[1] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(path.join(folder, entry), { force: true });
  }
}

function writeDurably(
  file: string,
  text: string,
  mode = 0o600,
  owner: { readonly uid: number; readonly gid: number } | null = null,
): void {
  rmSync(file, { force: true });
  const handle = openSync(file, 'wx', 0o600);
  try {
    if (owner !== null) fchownSync(handle, owner.uid, owner.gid);
    fchmodSync(handle, mode);
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const MARK_OF_TEXT = Buffer.from('\ufeff');

function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes.subarray(0, MARK_OF_TEXT.length).equals(MARK_OF_TEXT);
  return hasMark ? bytes.subarray(MARK_OF_TEXT.length) : bytes;
}

/** The bytes are wiped. */
function textOf(bytes: Buffer): string {
  const text = withoutMark(bytes).toString('utf8');
  bytes.fill(0);
  return text;
}

function readGuarded(file: string): { readonly bytes: Buffer; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const own = process.getuid?.() ?? 0;
  try {
    const read = readRegular(file, MAX_FILE_BYTES, ({ mode, uid }) => {
      if ((mode & 0o022) !== 0) throw writableByOthers(file);
      if ((mode & 0o044) !== 0)
        warnings.push(`${file} can be read by other users, and it holds secrets: chmod 600 ${file}`);
      if (uid !== own && uid !== 0)
        warnings.push(`${file} belongs to another user (uid ${uid}), who may change it: chown it to you or to root`);
    });
    if (read === null)
      throw new MeshError('ERR_CONFIG_FILE', `${file} is not a file`, 'Name the configuration with --config FILE.');
    if (read === 'tooLarge') throw new MeshError('ERR_CONFIG_FILE', `${file} is larger than 1 MB`, null);
    warnings.push(...placeWarnings(file, own));
    return { bytes: read.bytes, warnings };
  } catch (error) {
    if (error instanceof MeshError) throw error;
    const remedy = codeOf(error) === 'ENOENT' ? `Create it with: fcmesh init --config ${file}` : remedyOf(error);
    throw new MeshError('ERR_CONFIG_FILE', `cannot read ${file}: ${reasonOf(error)}`, remedy);
  }
}

/**
 * The text of any file, such as a configuration of stock; `-` is stdin, and a pipe is read to its end.
 * @throws MeshError ERR_CONFIG_FILE (not readable, larger than `maxBytes`)
 */
export function readText(file: string, maxBytes: number = MAX_FILE_BYTES): string {
  try {
    const handle = file === '-' ? 0 : openSync(file, 'r');
    try {
      const bytes = readUpTo(handle, maxBytes);
      if (bytes !== null) return bytes.toString('utf8');
    } finally {
      if (handle !== 0) closeSync(handle);
    }
  } catch (error) {
    throw new MeshError('ERR_CONFIG_FILE', `cannot read ${file}: ${reasonOf(error)}`, remedyOf(error));
  }
  throw new MeshError('ERR_CONFIG_FILE', `${file} is larger than ${maxBytes} bytes`, null);
}

function writableByOthers(file: string): MeshError {
  return new MeshError(
    'ERR_CONFIG_FILE',
    `${file} can be changed by other users`,
    `Take that right away: chmod 600 ${file}`,
  );
}
