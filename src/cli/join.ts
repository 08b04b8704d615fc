/** `fcmesh join LINE`: connects to whoever sent an invitation, and with `--save` keeps them in the configuration. */

import { inWords, MeshError } from '../base/index.ts';
import {
  addPeers,
  checkName,
  MAX_INVITATION_BYTES,
  type PeerToDial,
  parseInvitation,
  readText,
} from '../config/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import { type Endpoints, formatEndpoint, hostPortOf } from '../underlay/index.ts';
import type { AdminClient } from './client.ts';
import { comesUp, type Outcome } from './comes-up.ts';
import { clientOf } from './connect.ts';
import { editFile, sendIfRunning } from './edit-file.ts';
import { JOIN_WAIT_MS } from './limits.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, note, print, printJson } from './output.ts';

export type JoinOptions = CommonOptions & {
  readonly save?: boolean;
  readonly update?: boolean;
  readonly name?: string;
};

/** @throws MeshError ERR_USAGE for what is no invitation, and of the file or the daemon */
export async function run(text: string, options: JoinOptions): Promise<number> {
  const read = parseInvitation(text === '-' ? readText('-', MAX_INVITATION_BYTES) : text);
  if (!read.ok)
    throw new MeshError(
      'ERR_USAGE',
      `that is no invitation: ${read.reason}`,
      'Put it in single quotes, or give it on stdin: fcmesh join -',
    );
  const { name } = options;
  if (name === undefined) return connect(read.peers, options);
  if (read.peers.length > 1)
    throw new MeshError('ERR_USAGE', `--name is for one peer, and these are ${read.peers.length}`);
  const wrong = checkName(name);
  if (wrong !== null) throw new MeshError('ERR_USAGE', `--name ${inWords(wrong)}`);
  return connect(
    read.peers.map((peer) => ({ ...peer, name })),
    options,
  );
}

/** Connects to peers, saved or not, and says what came of it. */
export async function connect(peers: readonly PeerToDial[], options: JoinOptions): Promise<number> {
  const client = clientOf(options);
  const saved = options.save === true;
  const { isRunning, isChanged } = saved ? await save(peers, options, client) : await dial(peers, options, client);
  const outcomes: Outcome[] = [];
  for (const peer of peers)
    outcomes.push(isRunning ? await comesUp(client, peer, JOIN_WAIT_MS) : { isUp: false, reason: null });
  if (options.json === true) {
    printJson(
      peers.map((peer, index) => ({
        key: formatPublicKey(peer.key),
        name: peer.name,
        endpoint: formatEndpoint(peer.endpoints[0]),
        endpoints: peer.endpoints.map(formatEndpoint),
        established: outcomes[index]?.isUp === true,
        reason: outcomes[index]?.reason ?? null,
        saved,
      })),
    );
    return EXIT.done;
  }
  peers.forEach((peer, index) => {
    const who = peer.name ?? formatEndpoint(peer.endpoints[0]);
    const { isUp, reason } = outcomes[index] ?? { isUp: false, reason: null };
    if (isUp) print(`${who}: connected.`);
    else if (isRunning)
      print(`${who}: dialling${reason === null ? '' : ` (${reason})`}; "fcmesh peers" says how it goes.`);
  });
  if (saved && isChanged) print(`Saved in ${configFileOf(options)}.`);
  else if (saved) print(`All of it is in ${configFileOf(options)} already.`);
  if (!isRunning) note('No daemon runs: start it with: fcmesh up');
  return EXIT.done;
}

/** Does a daemon run, and did the file change? */
type Told = { readonly isRunning: boolean; readonly isChanged: boolean };

async function save(peers: readonly PeerToDial[], options: JoinOptions, client: AdminClient): Promise<Told> {
  if (options.admin !== undefined) {
    throw new MeshError(
      'ERR_USAGE',
      '--save needs a configuration, and with --admin none is read',
      'Leave one of the two out.',
    );
  }
  const file = configFileOf(options);
  const isChanged = editFile(file, (text) => addPeers(text, peers, options.update));
  const reloaded = await sendIfRunning(file, client);
  for (const warning of reloaded?.warnings ?? []) if (warning.startsWith('peers')) note(`warning: ${warning}`);
  return { isRunning: reloaded !== null, isChanged };
}

async function dial(peers: readonly PeerToDial[], options: JoinOptions, client: AdminClient): Promise<Told> {
  for (const { endpoints, key, login, password, name } of peers) {
    const update = options.update === true ? 1 : 0;
    const rest = { update, ...(login === null ? {} : { login }), ...(name === null ? {} : { name }) };
    await client.call('Fcmesh_addPeer', {
      ...placesOf(endpoints),
      key: formatPublicKey(key),
      password: password.revealText(),
      ...rest,
    });
  }
  return { isRunning: true, isChanged: false };
}

/** One with a host and a port as it always was asked for: the daemon may be older than this program. */
function placesOf(endpoints: Endpoints): Readonly<Record<string, string | number>> {
  const at = endpoints.length === 1 ? hostPortOf(endpoints[0]) : null;
  return at === null ? { endpoints: endpoints.map(formatEndpoint).join(' ') } : { host: at.host, port: at.port };
}
