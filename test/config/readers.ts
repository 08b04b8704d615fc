/** The ways by which a text comes in, as functions of the text alone: for test/support/work.ts. */
import { cutYaml } from '../../src/config/cut-password.ts';
import {
  addPeers,
  importCjdroute,
  loadConfig,
  parseInvitation,
  readReloadable as readBytes,
} from '../../src/config/index.ts';
import { KEY_TEXT } from '../admin/fake-node.ts';

export { loadConfig, parseInvitation };

export function readReloadable(text: string) {
  return readBytes(Buffer.from(text));
}

/** The passwords of a file, before it becomes text. */
export function cut(text: string) {
  return cutYaml(Buffer.from(text));
}

export function importStock(text: string) {
  return importCjdroute(text, () => ({ address: 'fc00::1', key: KEY_TEXT }));
}

/** What `join --save` does with a text. */
export function joinWith(text: string): string {
  const invited = parseInvitation(text);
  if (!invited.ok) throw new Error(invited.reason);
  return addPeers('identity: {privateKeyFile: k}\npeers: []\n', invited.peers);
}
