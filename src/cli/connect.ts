/** From the options to a client of the right daemon. */

import { existsSync } from 'node:fs';
import { MeshError } from '../base/index.ts';
import {
  ADMIN_GROUP,
  DEFAULT_FILE,
  fallbackOf,
  passwordFileOf,
  readConfigFile,
  readPasswordBeside,
} from '../config/index.ts';
import { parseHostPort } from '../underlay/index.ts';
import { AdminClient } from './client.ts';
import { type CommonOptions, configFileOf } from './options.ts';

/**
 * A client for the daemon that is meant. With `--admin`, or where the default file is missing or closed to us, no
 * configuration is read; then the file with the password beside it is enough, if it is open to us.
 * @throws MeshError ERR_USAGE, and what `readConfigFile` throws
 */
export function clientOf(options: CommonOptions): AdminClient {
  if (options.admin !== undefined) {
    const at = parseHostPort(options.admin);
    if (at === null) {
      throw new MeshError(
        'ERR_USAGE',
        `--admin ${options.admin} is not HOST:PORT`,
        `For example: --admin ${fallbackOf('admin.listen')}`,
      );
    }
    return new AdminClient({ ...at, password: process.env.FCMESH_ADMIN_PASSWORD ?? null });
  }
  const config = readOrNull(options);
  if (config !== null) {
    const { listen, password } = config.admin;
    const { host, port } = listen;
    return new AdminClient({
      host: anyToLoopback(host),
      port,
      password: process.env.FCMESH_ADMIN_PASSWORD ?? password,
    });
  }
  const fallback = parseHostPort(fallbackOf('admin.listen')) ?? { host: '127.0.0.1', port: 11234 };
  const named = process.env.FCMESH_ADMIN_PASSWORD;
  const found = named === undefined ? readPasswordBeside(DEFAULT_FILE) : named;
  if (found !== 'closed' || named !== undefined) return new AdminClient({ ...fallback, password: found });
  const file = passwordFileOf(DEFAULT_FILE);
  const remedy = `The password is in ${file}, which you may not read. Use sudo, or: sudo usermod -aG ${ADMIN_GROUP} $USER, and log in again.`;
  return new AdminClient({ ...fallback, password: null, remedy });
}

function readOrNull(options: CommonOptions) {
  if (options.config === undefined && !existsSync(DEFAULT_FILE)) return null;
  try {
    return readConfigFile(configFileOf(options)).config;
  } catch (error) {
    const closed =
      error instanceof MeshError && error.code === 'ERR_CONFIG_FILE' && error.message.includes('permission denied');
    if (options.config === undefined && closed) return null;
    throw error;
  }
}

/** A daemon that listens everywhere is asked at home. */
function anyToLoopback(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
