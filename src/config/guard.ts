/**
 * Files that hold secrets or decide what a daemon does: only regular files are read, what is looked at is what is read
 * (one open handle), and whoever else could put another file in their place is named.
 *
 * Refuses: pipes, devices and sockets, without waiting for somebody at their other end.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { MAX_LINKS } from './limits.ts';

/** A file as it was when it was read. */
export type Guarded = { readonly bytes: Buffer; readonly status: Stats };

const CHUNK_BYTES = 64 * 1024;
/** Write for the group, write for others, and the bit by which only owners may remove from a folder. */
const [GROUP, OTHERS, STICKY] = [0o020, 0o002, 0o1000];

/**
 * Reads a regular file; null for anything else, and `tooLarge` above `maxBytes`.
 * @param check sees who owns it and who may change it before a byte is read; what it throws is passed on
 * @throws Error of the file system
 */
export function readRegular(
  file: string,
  maxBytes: number,
  check: (status: Stats) => void,
): Guarded | null | 'tooLarge' {
  // Looked at twice: opening a device may do something, and what is opened may be another file by then. Without
  // O_NONBLOCK, opening a pipe waits until somebody writes; a regular file does not know it.
  if (!statSync(file).isFile()) return null;
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const status = fstatSync(handle);
    if (!status.isFile()) return null;
    check(status);
    const bytes = readUpTo(handle, maxBytes);
    return bytes === null ? 'tooLarge' : { bytes, status };
  } finally {
    closeSync(handle);
  }
}

/** All that a handle gives; null if that is more than `maxBytes`. @throws Error of the file system */
export function readUpTo(handle: number, maxBytes: number): Buffer | null {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(handle, chunk, 0, CHUNK_BYTES, null);
    if (count === 0) return joined(chunks, total);
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  joined(chunks, 0);
  return null;
}

/** There may be a secret in them: the parts are wiped. */
function joined(chunks: readonly Buffer[], total: number): Buffer {
  const whole = Buffer.concat(chunks, total);
  for (const chunk of chunks) chunk.fill(0);
  return whole;
}

/**
 * Who but root and the present user could put another file where `file` is: by a link or a folder on the way to it.
 * In a sticky folder (/tmp) nobody replaces what another owns, but everybody may be the first to make it: that is told
 * of the folder that the file itself stands in.
 * @param uid the present user
 * @returns sentences with a remedy, one for each place
 * @throws Error of the file system, for a part of the path that is gone
 */
export function placeWarnings(file: string, uid: number): readonly string[] {
  const warnings: string[] = [];
  const folders = new Set<string>();
  let current = path.resolve(file);
  for (let links = 0; links < MAX_LINKS; links++) {
    const step = firstLink(current, folders);
    if (step === null) break;
    const owner = lstatSync(step.link).uid;
    if (isForeign(owner, uid)) {
      const remedy = 'name the file that it leads to instead';
      warnings.push(
        `the link ${step.link} belongs to another user (uid ${owner}), who may lead it elsewhere: ${remedy}`,
      );
    }
    current = path.resolve(path.dirname(step.link), readlinkSync(step.link), step.rest);
  }
  for (const folder of folders) {
    const warning = folderWarning(folder, folder === path.dirname(current), uid);
    if (warning !== null) warnings.push(warning);
  }
  return warnings;
}

function folderWarning(folder: string, isParent: boolean, uid: number): string | null {
  const { uid: owner, gid, mode } = lstatSync(folder);
  if (isForeign(owner, uid)) {
    return `the folder ${folder} belongs to another user (uid ${owner}), who may replace what is in it: keep the file elsewhere`;
  }
  // A group of the same number is the user's own, as most distributions make one.
  const byGroup = (mode & GROUP) !== 0 && gid !== 0 && gid !== owner;
  const byOthers = (mode & OTHERS) !== 0;
  const isSticky = (mode & STICKY) !== 0;
  if ((!byGroup && !byOthers) || (isSticky && !isParent)) return null;
  const who = byOthers ? 'every user' : 'its group';
  const may = isSticky ? 'may make a file of that name there first' : 'may replace what is in it';
  const remedy = isSticky ? 'keep the file elsewhere' : `chmod go-w ${folder}`;
  return `the folder ${folder} is open: ${who} ${may}: ${remedy}`;
}

/** Root may do everything anyway. */
function isForeign(owner: number, uid: number): boolean {
  return owner !== 0 && owner !== uid;
}

/** The first part of a path that is a link, and what comes behind it; the folders in front of it are noted. */
function firstLink(file: string, folders: Set<string>): { readonly link: string; readonly rest: string } | null {
  const parts = file.split(path.sep).filter((part) => part !== '');
  let at: string = path.sep;
  for (const [index, part] of parts.entries()) {
    folders.add(at);
    at = path.join(at, part);
    if (lstatSync(at).isSymbolicLink()) return { link: at, rest: parts.slice(index + 1).join(path.sep) };
  }
  return null;
}
