/**
 * The start of the daemon, and its end. What can fail because of the operator is checked before anything is opened;
 * what was opened before a failure is closed again. What is not needed until then is loaded after everything is open.
 *
 *   configuration -> rights -> keys -> sockets -> TUN -> log -> other user -> peers -> banner -> ... -> SIGTERM
 */
import { MeshError } from '../base/index.ts';
import { ConfigError, checkKeys, readConfigFile } from '../config/index.ts';
import { beaconPassword } from '../lan/index.ts';
import { readDebug } from './debug.ts';
import { checkInspector, closeInspector } from './inspector.ts';
import { createLog } from './log.ts';
import { loadPlatform, type Platform } from './platform.ts';
import { type Account, accountToBecome, checkTunRights } from './privileges.ts';
import { closeResources, openResources } from './resources.ts';

/** What a daemon is started with. */
export type DaemonOptions = { readonly file: string; readonly version: string };

/**
 * Runs a daemon until it is told to end.
 * @returns the exit code: 0 after SIGTERM, SIGINT or `stop`, 1 after a mistake of ours
 * @throws MeshError for everything that an operator can set right; nothing is left behind then
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  closeInspector();
  const file = readConfigFile(options.file);
  const { config } = file;
  const account = await accountToBecome(config.user);
  const debug = readDebug(process.env.FCMESH_DEBUG);
  const platform = await loadPlatform(config.tun.enabled, debug);
  checkTunRights(config, platform.capabilities);
  const checked = checkKeys(config, file.privateKey, file.places, platform.crypto);
  if (!checked.ok) throw new ConfigError(options.file, checked.problems);
  const log = createLog(config.log.level);
  const resources = await openResources(config, checked.identity, platform, log);
  try {
    // All loading ends here: the next user may not be allowed to read the program.
    const { serve } = await import('./serve.ts');
    log.begin();
    const { name, enabled } = config.tun;
    const password = beaconPassword(platform.crypto, checked.identity.privateKey);
    const unguarded = enabled ? platform.guard(name, checked.identity.address) : null;
    dropPrivileges(platform, account);
    const fileWarnings = [...file.warnings, ...platform.confine()];
    checkInspector();
    return await serve({
      ...options,
      beaconPassword: password,
      debug,
      config,
      fileWarnings,
      unguarded,
      platform,
      resources,
      log,
    });
  } finally {
    closeResources(resources);
  }
}

function dropPrivileges(platform: Platform, account: Account): void {
  try {
    platform.dropPrivileges(account.uid, account.gid);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'Set "user" in the configuration to root, or give the container CAP_SETUID and CAP_SETGID.';
    throw new MeshError('ERR_PERMISSION', `cannot become the user ${account.name}: ${reason}`, remedy);
  }
}
