/**
 * The configuration: schema, defaults, reading with positions, the commented file of `init`, safe writing.
 *
 * Promises: a file is accepted as a whole or refused with line, column and suggestion for each mistake; passwords,
 * logins, keys and names are the text of the file (`0123` keeps its zero); files are written whole or not at all.
 * Edits leave every byte alone that they need not change, comments above all.
 * Refuses: unknown and duplicate keys, aliases, files that others may change, an open admin socket without password.
 * Only file.ts and secret-file.ts touch the file system. Follows protocol 01 §4 and §8 (keys, passwords), 10 §3 (admin socket).
 */

export type { PeerToDial } from '../link/index.ts';
export { usualUser } from './accounts.ts';
export { checkName } from './checks.ts';
export type { AdminConfig, Config, UserConfig } from './config.ts';
export { addPeer, addPeers, addUser, removePeers, removeUser } from './edit.ts';
export {
  ConfigError,
  type ConfigFile,
  readConfigFile,
  readConfigText,
  readText,
  saveConfigFile,
  writeConfigFile,
} from './file.ts';
export { type Imported, importCjdroute } from './import-cjdroute.ts';
export { formatConnectTo, formatInvitation, type Invited, parseInvitation, readPeer } from './invitation.ts';
export { fallbackOf } from './keys.ts';
export { MAX_INVITATION_BYTES } from './limits.ts';
export { type Loaded, loadConfig } from './load.ts';
export { DEFAULT_FILE } from './names.ts';
export { passwordId } from './password-id.ts';
export { peerId, placePeer } from './peer-entry.ts';
export { formatProblem, type Problem, shorten } from './problem.ts';
export { readReloadable, renderReloadable } from './reloadable.ts';
export { needRestart } from './restart.ts';
export { ADMIN_GROUP, makePasswordFile, passwordFileOf, readPasswordBeside } from './secret-file.ts';
export { checkKeys } from './semantics.ts';
export { renderTemplate, type TemplateFacts } from './template.ts';
