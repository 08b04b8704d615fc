/** A change of the configuration by a command: read, changed, checked, saved, and told to the daemon. */
import { getInt, getList, MeshError } from '../base/index.ts';
import {
  type Config,
  loadConfig,
  readConfigFile,
  readConfigText,
  renderReloadable,
  saveConfigFile,
} from '../config/index.ts';
import { formatPublicKey, identityOf, loadNodeBackend } from '../crypto/index.ts';
import type { AdminClient } from './client.ts';
import { textOf } from './fields.ts';

/** Bytes of a part: with a signature and the names of fields it fits the 2048 of a request. */
const PART_BYTES = 1200;

/** What the daemon made of a configuration. */
export type Reloaded = {
  readonly applied: readonly string[];
  readonly restart: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * Changes the file.
 * @param change the new text from the old one; null: there is nothing to change
 * @returns whether it was changed
 * @throws MeshError of `readConfigFile`, `change`, `saveConfigFile`: the file is as it was then
 */
export function editFile(file: string, change: (text: string, config: Config) => string | null): boolean {
  // Reads it with all checks first, so that a file with mistakes is not touched.
  const { config } = readConfigFile(file);
  const before = readConfigText(file);
  const after = change(before, config);
  if (after === null || after === before) return false;
  const loaded = loadConfig(after);
  if (!loaded.ok)
    throw new MeshError('ERR_EDIT', 'the change would leave a configuration with mistakes', 'Edit the file by hand.');
  saveConfigFile(file, before, after);
  return true;
}

/** Sends the file to the daemon. @throws MeshError ERR_NO_DAEMON, ERR_ANSWER, and of `readConfigFile` */
export async function sendFile(file: string, client: AdminClient): Promise<Reloaded> {
  const { config, privateKey } = readConfigFile(file);
  const bytes = new TextEncoder().encode(renderReloadable(config));
  const total = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const id = `${process.pid}-${Date.now()}`;
  let reply = new Map() as Awaited<ReturnType<AdminClient['call']>>;
  for (let index = 0; index < total; index++) {
    const part = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    reply = await client.call('Fcmesh_reload', { id, index, total, part });
  }
  if (getInt(reply, 'complete') !== 1n)
    throw new MeshError('ERR_ANSWER', 'the daemon did not get all of the configuration');
  const running = textOf(await client.call('Fcmesh_status'), 'key');
  const identity = identityOf(await loadNodeBackend(), privateKey);
  const other = identity !== null && running !== null && formatPublicKey(identity.publicKey) !== running;
  return {
    applied: texts(reply, 'applied'),
    restart: [...texts(reply, 'restart'), ...(other ? ['identity'] : [])],
    warnings: texts(reply, 'warnings'),
  };
}

/** As `sendFile`; null where no daemon runs, which is no failure of a change that was saved. */
export async function sendIfRunning(file: string, client: AdminClient): Promise<Reloaded | null> {
  try {
    return await sendFile(file, client);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'ERR_NO_DAEMON') return null;
    throw error;
  }
}

function texts(reply: Parameters<typeof getList>[0], key: string): readonly string[] {
  return (getList(reply, key) ?? [])
    .filter((one) => one instanceof Uint8Array)
    .map((one) => Buffer.from(one).toString('utf8'));
}
