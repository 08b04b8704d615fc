/** `fcmesh peer add` and `fcmesh peer remove`. */

import { getText, MeshError } from '../base/index.ts';
import { type PeerToDial, readPeer, removePeers } from '../config/index.ts';
import { formatIp6, formatPublicKey, parseIp6, parsePublicKey } from '../crypto/index.ts';
import { formatPeerAddress, parsePeerAddress } from '../underlay/index.ts';
import type { AdminClient } from './client.ts';
import { clientOf } from './connect.ts';
import { editFile, sendIfRunning } from './edit-file.ts';
import { connect, type JoinOptions } from './join.ts';
import { configFileOf } from './options.ts';
import { EXIT, note, print, printJson } from './output.ts';

export type PeerAddOptions = JoinOptions & {
  readonly also?: readonly string[];
  readonly password?: string;
  readonly login?: string;
};

/** @throws MeshError ERR_USAGE for a wrong endpoint, key or password, and of the file or the daemon */
export async function add(endpoint: string, key: string, options: PeerAddOptions): Promise<number> {
  const { password, login, name, also = [] } = options;
  // The same decision as for an invitation.
  const peer = readPeer([endpoint, ...also], key, password, login, name);
  if (typeof peer === 'string') {
    const isMissing = password === undefined && peer === 'the password is missing';
    const remedy = isMissing ? 'Ask the other side for one, and give it with --password.' : null;
    throw new MeshError('ERR_USAGE', peer, remedy);
  }
  return connect([peer], options);
}

/** @param node a name, a key, a mesh address, or `HOST:PORT` (`eth://MAC@DEVICE`) for that entry only @returns 1 if there is no such peer */
export async function remove(node: string, options: JoinOptions): Promise<number> {
  const client = clientOf(options);
  const at = parsePeerAddress(node);
  const endpoint = at === null ? null : formatPeerAddress(at);
  const key = await keyOf(node, endpoint, client);
  let fromFile = false;
  if (options.save === true) {
    const file = configFileOf(options);
    const isMeant = (peer: PeerToDial) =>
      endpoint === null
        ? peer.name === node || (key !== null && formatPublicKey(peer.key) === key)
        : peer.endpoints.some((at) => formatPeerAddress(at) === endpoint);
    fromFile = editFile(file, (text) => removePeers(text, isMeant));
    if (fromFile) await sendIfRunning(file, client);
  }
  const fromDaemon = await removeFromDaemon(key ?? node, endpoint, client, options.save === true);
  if (options.json === true) printJson({ removed: fromDaemon || fromFile, saved: fromFile });
  else if (fromDaemon || fromFile) {
    print(`${node} is no peer any more${fromFile ? `, nor in ${configFileOf(options)}` : ''}.`);
    if (!fromFile) note('If it is in the configuration, it comes back at the next start: use --save.');
  } else note(`No peer is called ${node}.`);
  return fromDaemon || fromFile ? EXIT.done : EXIT.failed;
}

/** Asked before anything changes: afterwards nobody knows who was meant by a name. */
async function keyOf(node: string, endpoint: string | null, client: AdminClient): Promise<string | null> {
  const key = parsePublicKey(node);
  if (key !== null) return formatPublicKey(key);
  const address = parseIp6(node);
  try {
    const peers = await client.list('Fcmesh_peers', 'peers');
    const found = peers.filter((peer) => {
      if (endpoint !== null) return getText(peer, 'endpoint') === endpoint;
      const isAt = address !== null && getText(peer, 'address') === formatIp6(address);
      return isAt || getText(peer, 'name') === node;
    });
    const keys = [...new Set(found.map((peer) => getText(peer, 'key')))];
    if (endpoint === null && keys.length > 1)
      throw new MeshError('ERR_USAGE', `${keys.length} peers are called ${node}`, `Name the key: ${keys.join(' or ')}`);
    return keys[0] ?? null;
  } catch (error) {
    if (error instanceof MeshError && error.code === 'ERR_NO_DAEMON') return null;
    throw error;
  }
}

async function removeFromDaemon(
  node: string,
  endpoint: string | null,
  client: AdminClient,
  mayBeAbsent: boolean,
): Promise<boolean> {
  try {
    await client.call('Fcmesh_removePeer', endpoint === null ? { node } : { node, endpoint });
    return true;
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    if (error.code === 'ERR_ANSWER') return false;
    if (error.code === 'ERR_NO_DAEMON' && mayBeAbsent) return false;
    throw error;
  }
}
