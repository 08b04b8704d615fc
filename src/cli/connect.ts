/** From the options to a client of the right daemon. */
import { existsSync } from 'node:fs';
import { MeshError } from '../base/index.ts';
import { DEFAULT_FILE, DEFAULTS, parseHostPort, readConfigFile } from '../config/index.ts';
import { AdminClient } from './client.ts';
import { type CommonOptions, configFileOf } from './options.ts';

/**
 * A client for the daemon that is meant. With `--admin`, or where the default file is missing or closed to us, no
 * configuration is read.
 * @throws MeshError ERR_USAGE, and what `readConfigFile` throws
 */
export function clientOf(options: CommonOptions): AdminClient {
  if (options.admin !== undefined) {
    const at = parseHostPort(options.admin);
    if (at === null) {
      throw new MeshError(
        'ERR_USAGE',
        `--admin ${options.admin} is not HOST:PORT`,
        `For example: --admin ${DEFAULTS.admin.listen}`,
      );
    }
    return new AdminClient({ ...at, password: process.env.FCMESH_ADMIN_PASSWORD ?? null });
  }
  const config = readOrNull(options);
  if (config !== null) {
    const { host, port, password } = config.admin;
    return new AdminClient({
      host: anyToLoopback(host),
      port,
      password: process.env.FCMESH_ADMIN_PASSWORD ?? password,
    });
  }
  const fallback = parseHostPort(DEFAULTS.admin.listen) ?? { host: '127.0.0.1', port: 11234 };
  return new AdminClient({ ...fallback, password: null });
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
