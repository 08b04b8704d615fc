/** `fcmesh completion names`: what the shells offer where a command wants a node. Whoever presses a key does not wait. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfigFile } from '../config/index.ts';
import { clientOf } from './connect.ts';
import { textOf } from './fields.ts';
import { HURRY_MS } from './limits.ts';
import { type CommonOptions, configFileOf } from './options.ts';

/** Names of peers: those of the daemon, else of the configuration, else none. Names that a shell would take apart are left out. */
export async function peerNames(options: CommonOptions): Promise<readonly string[]> {
  const names = (await ofDaemon(options)) ?? ofFile(options);
  return [...new Set(names)].filter((name) => /^[\w.@+-]+$/.test(name) && !name.startsWith('-')).sort();
}

async function ofDaemon(options: CommonOptions): Promise<readonly string[] | null> {
  try {
    const asked = clientOf(options).list('Fcmesh_peers', 'peers');
    const peers = await Promise.race([asked, sleep(HURRY_MS, null, { ref: false })]);
    return peers?.map((peer) => textOf(peer, 'name')).filter((name) => name !== null) ?? null;
  } catch {
    // Nobody reads an error in the middle of a line that is being typed.
    return null;
  }
}

function ofFile(options: CommonOptions): readonly string[] {
  const file = configFileOf(options);
  if (!existsSync(file)) return [];
  try {
    const { peers, accept } = readConfigFile(file).config;
    return [...peers.map(({ name }) => name), ...accept.map(({ name, login }) => name ?? login)].filter(
      (name) => name !== null,
    );
  } catch {
    return [];
  }
}
