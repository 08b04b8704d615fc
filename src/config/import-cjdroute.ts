/** A configuration of cjdroute as one of ours. What has no counterpart is told, never dropped silently. */
import { Password } from '../crypto/index.ts';
import { formatUnderlay, parseHostPort } from './address.ts';
import { checkDevice, checkName, checkPassword, checkPrivateKey, checkPublicKey, checkUser } from './checks.ts';
import type { PeerConfig, UserConfig } from './config.ts';
import { NO_PASSWORD } from './defaults.ts';
import { addPeers, addUsers } from './edit.ts';
import { parseConnectTo } from './invitation.ts';
import { MAX_FILE_BYTES, MAX_LIST_ENTRIES, MAX_REMARKS } from './limits.ts';
import { parseLooseJson } from './loose-json.ts';
import { renderTemplate } from './template.ts';

/** The new text, and what a person should look at; or why there is none. */
export type Imported =
  | { readonly ok: true; readonly text: string; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Translates the text of a cjdroute.conf.
 * @param describe address and public key of a private key in hex, for the comments of the file; null: not a node's key
 */
export function importCjdroute(
  source: string,
  describe: (privateKeyHex: string) => { readonly address: string; readonly key: string } | null,
): Imported {
  if (source.length > MAX_FILE_BYTES) return { ok: false, reason: 'it is larger than 1 MB' };
  const root = parseLooseJson(source);
  if (root === null || typeof root !== 'object' || Array.isArray(root)) return { ok: false, reason: 'it is not JSON' };
  const config = root as Fields;
  const privateKeyHex = String(config.privateKey ?? '');
  if (checkPrivateKey(privateKeyHex) !== null)
    return { ok: false, reason: 'privateKey is missing or not 64 hex digits' };
  const node = describe(privateKeyHex);
  if (node === null) return { ok: false, reason: 'privateKey gives no address in fc00::/8' };
  const remarks: string[] = [];
  const interfaces = fieldsOf(config.interfaces);
  let text = renderTemplate({ privateKeyHex: privateKeyHex.toLowerCase(), ...node });
  text = replaceListen(text, listOf(interfaces.UDPInterface), remarks);
  text = replaceAdmin(text, fieldsOf(config.admin), remarks);
  text = replaceOthers(text, config, remarks);
  const users = usersOf(config, remarks);
  const peers = peersOf(interfaces, remarks);
  text = attempt(remarks, text, () => addUsers(text, users));
  text = attempt(remarks, text, () => addPeers(text, peers));
  if (listOf(interfaces.ETHInterface).length > 0) remarks.push('ETHInterface: raw Ethernet is not built yet, left out');
  const tunnel = fieldsOf(fieldsOf(config.router).ipTunnel);
  if (listOf(tunnel.allowedConnections).length + listOf(tunnel.outgoingConnections).length > 0)
    remarks.push('router.ipTunnel: IP tunnels are not built, left out');
  text = replaceSupernodes(text, fieldsOf(config.router).supernodes, remarks);
  remarks.push('firewall: fcmesh lets nobody in unasked but ICMP; add what strangers may reach under firewall.allow');
  const more = remarks.length - MAX_REMARKS;
  return { ok: true, text, remarks: more <= 0 ? remarks : [...remarks.slice(-MAX_REMARKS), `... and ${more} more`] };
}

function replaceListen(text: string, sockets: readonly Fields[], remarks: string[]): string {
  const binds = sockets.map((one) => String(one.bind ?? '')).filter((bind) => bind !== '');
  const good = binds.filter((bind) => {
    const isGood = parseHostPort(bind) !== null;
    if (!isGood) remarks.push(`UDPInterface.bind "${bind}": not taken over`);
    return isGood;
  });
  const lines = uniqueOf('UDPInterface', good, (bind) => bind, remarks)
    .map((bind) => `  - udp://${bind}`)
    .join('\n');
  return lines === '' ? text : text.replace('  - udp://0.0.0.0:21000', lines);
}

function replaceAdmin(text: string, admin: Fields, remarks: string[]): string {
  let result = text;
  const bind = String(admin.bind ?? '');
  if (/^(127\.\d+\.\d+\.\d+|\[::1\]):\d+$/.test(bind))
    result = result.replace('listen: 127.0.0.1:11234', `listen: ${bind}`);
  else if (bind !== '') remarks.push(`admin.bind "${bind}": only loopback addresses are taken over`);
  const password = String(admin.password ?? 'NONE');
  const isNone = password === NO_PASSWORD || password === '';
  if (!isNone && checkPassword(password) !== null) {
    remarks.push(
      'admin.password: not taken over, it does not fit; put one into the file that admin.passwordFile names',
    );
    return result;
  }
  return result.replace(
    / {2}passwordFile: .*\n.*\n/,
    `  password: ${isNone ? NO_PASSWORD : JSON.stringify(password)}\n`,
  );
}

function replaceOthers(text: string, config: Fields, remarks: string[]): string {
  let result = text;
  const device = fieldsOf(fieldsOf(config.router).interface).tunDevice;
  if (typeof device === 'string' && checkDevice(device) === null)
    result = result.replace('name: fc0', `name: ${device}`);
  const type = fieldsOf(fieldsOf(config.router).interface).type;
  if (type === undefined || type === null) {
    result = result.replace('enabled: true', 'enabled: false');
    remarks.push('router.interface is missing: tun.enabled is false, this node relays only');
  }
  for (const step of listOf(config.security)) {
    const user = step.setuser;
    if (typeof user === 'string' && checkUser(user) === null) result = result.replace('user: nobody', `user: ${user}`);
  }
  return result;
}

function replaceSupernodes(text: string, supernodes: unknown, remarks: string[]): string {
  const keys = Array.isArray(supernodes) ? supernodes.map(String) : [];
  const good = keys.filter((key) => {
    const isGood = checkPublicKey(key) === null;
    if (!isGood) remarks.push(`router.supernodes "${key}": not taken over, it is no key`);
    return isGood;
  });
  if (good.length === 0) return text;
  remarks.push('router.supernodes: taken over; fcmesh finds its ways without them, too');
  const lines = uniqueOf('router.supernodes', good, (key) => key, remarks)
    .map((key) => `  - ${key}`)
    .join('\n');
  return text.replace(/^supernodes: \[\] +(#.*)$/m, `supernodes:                              $1\n${lines}`);
}

function usersOf(config: Fields, remarks: string[]): readonly UserConfig[] {
  const users = listOf(config.authorizedPasswords).flatMap((one, index) => {
    const password = String(one.password ?? '');
    const login = String(one.user ?? one.login ?? one.name ?? `user${index + 1}`);
    if (checkPassword(password) !== null || checkName(login) !== null) {
      remarks.push(`authorizedPasswords[${index}]: not taken over, login or password do not fit`);
      return [];
    }
    return [{ login, password: Password.fromText(password), name: login }];
  });
  return uniqueOf('authorizedPasswords', users, ({ login }) => login, remarks);
}

function peersOf(interfaces: Fields, remarks: string[]): readonly PeerConfig[] {
  const peers = listOf(interfaces.UDPInterface).flatMap((socket) =>
    Object.entries(fieldsOf(socket.connectTo)).flatMap(([at, fields]) => {
      const read = parseConnectTo({ [at]: fields });
      if (read.ok) return read.peers;
      remarks.push(`connectTo ${at}: ${read.reason}`);
      return [];
    }),
  );
  return uniqueOf('connectTo', peers, ({ key, endpoint }) => `${key} ${formatUnderlay(endpoint)}`, remarks);
}

/** Each once, and no more than a list of ours may hold. */
function uniqueOf<T>(what: string, values: readonly T[], idOf: (value: T) => string, remarks: string[]): readonly T[] {
  const known = new Map<string, T>();
  for (const value of values) {
    const id = idOf(value);
    if (known.has(id)) remarks.push(`${what}: "${id}" is there twice, the first is taken over`);
    else known.set(id, value);
  }
  if (known.size > MAX_LIST_ENTRIES) remarks.push(`${what}: only the first ${MAX_LIST_ENTRIES} are taken over`);
  return [...known.values()].slice(0, MAX_LIST_ENTRIES);
}

function attempt(remarks: string[], text: string, change: () => string): string {
  try {
    return change();
  } catch (error) {
    remarks.push(error instanceof Error ? error.message : String(error));
    return text;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A list of objects; stock takes a single object for a list of one. */
function listOf(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.map(fieldsOf);
  return typeof value === 'object' && value !== null ? [value as Fields] : [];
}
