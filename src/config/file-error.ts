/** Errors of the file system in words. */

/** Such as `ENOENT`; empty for what is no error of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Why it failed, for people. */
export function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
  };
  return reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** What to do about it, null where nobody knows. */
export function remedyOf(error: unknown): string | null {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' ? 'Run the command as its owner or as root (sudo).' : null;
}
