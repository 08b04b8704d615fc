/** `fcmesh invite`: a login and a password for somebody, and the line by which they join. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { asMap, getList, inWords, MeshError } from '../base/index.ts';
import {
  addUser,
  type Config,
  checkName,
  formatConnectTo,
  formatInvitation,
  type PeerToDial,
  readConfigFile,
  type UserConfig,
} from '../config/index.ts';
import {
  formatPublicKey,
  identityOf,
  loadNodeBackend,
  Password,
  type PublicKey,
  parsePublicKey,
} from '../crypto/index.ts';
import {
  checkPeerAddress,
  type Endpoint,
  endpointAt,
  formatPeerAddress,
  hostPortOf,
  isIp6,
  parseEndpoint,
  parsePeerAddress,
} from '../underlay/index.ts';
import type { AdminClient } from './client.ts';
import { clientOf } from './connect.ts';
import { editFile, sendIfRunning } from './edit-file.ts';
import { textOf } from './fields.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, note, print, printJson } from './output.ts';
import { reachableEndpoints } from './own-endpoints.ts';

export type InviteOptions = CommonOptions & {
  readonly name?: string;
  readonly as?: string;
  readonly endpoint?: string;
};

/** Letters and digits that nobody confuses; 20 of them are 100 bits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 20;

/** @throws MeshError ERR_USAGE (no endpoint can be told), and of the file or the daemon */
export async function run(options: InviteOptions): Promise<number> {
  const client = clientOf(options);
  const ownName = ownNameOf(options);
  if (options.name !== undefined) wantName('--name', options.name);
  const hasFile = options.admin === undefined && existsSync(configFileOf(options));
  const made = hasFile ? await withFile(options, client) : await withDaemon(options, client);
  const { user, endpoints, key, remark } = made;
  const [first, ...others] = endpoints;
  if (first === undefined) {
    throw new MeshError(
      'ERR_USAGE',
      'no address is known by which others reach this machine: it listens at none, or at such only as nobody else can dial',
      'Name it: --endpoint HOST:PORT (the address of the router, where it passes the port on); or change "listen".',
    );
  }
  const peer: PeerToDial = {
    endpoints: [first, ...alsoOf(first, others)],
    key,
    login: user.login,
    password: user.password,
    name: ownName,
  };
  const line = formatInvitation(peer);
  if (options.json === true) {
    const stock: unknown = JSON.parse(formatConnectTo(peer));
    printJson({
      line,
      connectTo: stock,
      login: user.login,
      password: user.password.revealText(),
      key: formatPublicKey(key),
      endpoint: formatPeerAddress(first),
      endpoints: peer.endpoints.map(formatPeerAddress),
      saved: hasFile,
    });
    return EXIT.done;
  }
  print(line, '', 'For a stock node, under "connectTo":', formatConnectTo(peer));
  note(
    '',
    `They join with: fcmesh join '${'...'}' --save      Send it over a channel that you trust: it holds a password.`,
  );
  const unnamed = others.filter((at) => !peer.endpoints.includes(at));
  if (options.endpoint === undefined && unnamed.length > 0) {
    note(`Others reach this machine at ${unnamed.map(formatPeerAddress).join(', ')}, too; choose with --endpoint.`);
  }
  if (remark !== null) note(remark);
  return EXIT.done;
}

type Made = {
  readonly user: UserConfig;
  readonly key: PublicKey;
  readonly endpoints: readonly Endpoint[];
  readonly remark: string | null;
};

/** The login goes into the file, and from there to the daemon if one runs. */
async function withFile(options: InviteOptions, client: AdminClient): Promise<Made> {
  const file = configFileOf(options);
  const { config, privateKey } = readConfigFile(file);
  const identity = identityOf(await loadNodeBackend(), privateKey);
  if (identity === null)
    throw new MeshError('ERR_CONFIG', `the private key of ${file} is no node's`, 'Try "fcmesh check".');
  const endpoints = endpointsOf(options, config.listen);
  // Before anything is written: without an address there is nothing to send.
  if (endpoints.length === 0) return { user: userOf(options, []), key: identity.publicKey, endpoints, remark: null };
  const user = userOf(
    options,
    config.accept.map(({ login }) => login),
  );
  editFile(file, (text) => addUser(text, user));
  const reloaded = await sendIfRunning(file, client);
  const remark = reloaded === null ? `Saved in ${file}; no daemon runs, start it with: fcmesh up` : null;
  return { user, key: identity.publicKey, endpoints, remark };
}

/** Only until the daemon ends: there is no file that we know of. */
async function withDaemon(options: InviteOptions, client: AdminClient): Promise<Made> {
  const status = await client.call('Fcmesh_status');
  const listen = (getList(status, 'listen') ?? [])
    .filter((one) => one instanceof Uint8Array)
    .map((one) => parseEndpoint(Buffer.from(one).toString('utf8')))
    .filter((at) => at !== null);
  const endpoints = endpointsOf(options, listen);
  const known = await client.call('AuthorizedPasswords_list');
  const logins = (getList(known, 'users') ?? []).map((one) =>
    Buffer.from(one instanceof Uint8Array ? one : []).toString(),
  );
  const user = userOf(options, logins);
  if (endpoints.length > 0)
    await client.call('AuthorizedPasswords_add', { password: user.password.revealText(), user: user.login });
  const remark = 'The login is good until the daemon ends: it is in no configuration.';
  const key = parsePublicKey(textOf(asMap(status) ?? new Map(), 'key') ?? '');
  if (key === null) throw new MeshError('ERR_ANSWER', 'the daemon does not say which key it has');
  return { user, key, endpoints, remark };
}

/** What the guest will call us; a name of ours that no name can be is left out, one that was asked for is refused. */
function ownNameOf({ as: asked }: InviteOptions): string | null {
  if (asked !== undefined) return wantName('--as', asked);
  const host = hostname();
  return checkName(host) === null ? host : null;
}

/** @throws MeshError ERR_USAGE */
function wantName(option: string, name: string): string {
  const wrong = checkName(name);
  if (wrong !== null) throw new MeshError('ERR_USAGE', `${option} ${inWords(wrong)}`);
  return name;
}

function userOf(options: InviteOptions, taken: readonly string[]): UserConfig {
  const base = options.name ?? 'guest';
  let login = options.name ?? 'guest1';
  for (let number = 2; taken.includes(login); number++) login = `${base}${number}`;
  return { login, password: newPassword(), name: options.name ?? null };
}

function newPassword(): Password {
  // 256 is a multiple of 32: every symbol is as likely as any other.
  const symbols = [...randomBytes(PASSWORD_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return Password.fromText(symbols.join(''));
}

/** The line has one of each family: which of the two the guest has nobody here can know. */
function alsoOf(first: Endpoint, others: readonly Endpoint[]): readonly Endpoint[] {
  const familyOf = (at: Endpoint) => isIp6(hostPortOf(at)?.host ?? '');
  return others.filter((at) => familyOf(at) !== familyOf(first)).slice(0, 1);
}

/** Where others reach us, the most likely first. */
function endpointsOf(options: InviteOptions, listen: Config['listen']): readonly Endpoint[] {
  if (options.endpoint !== undefined) {
    const at = parsePeerAddress(options.endpoint);
    const wrong = checkPeerAddress(options.endpoint);
    if (at === null || wrong !== null)
      throw new MeshError(
        'ERR_USAGE',
        `--endpoint ${options.endpoint} ${wrong === null ? 'is not HOST:PORT' : inWords(wrong)}`,
        'For example: --endpoint 192.0.2.7:21000',
      );
    if (hostPortOf(at) === null)
      throw new MeshError(
        'ERR_USAGE',
        `--endpoint ${options.endpoint} names a device of the other machine, which only its owner knows`,
        'Tell the other side your address ("ip link"), and it writes eth://MAC@DEVICE under "peers".',
      );
    return [at];
  }
  return reachableEndpoints(listen.map(hostPortOf).filter((at) => at !== null)).map(endpointAt);
}
