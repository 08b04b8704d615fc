/** A configuration of cjdroute as one of ours. What has no counterpart is told, never dropped silently. */
import { inWords } from '../base/index.ts';
import { MAX_SUPERNODES } from '../supernode/index.ts';
import { checkListen } from '../underlay/index.ts';
import { checkDevice, checkPassword, checkPrivateKey, checkPublicKey, checkUser } from './checks.ts';
import { addPeers, addUsers } from './edit.ts';
import { replaceLan } from './import-beacons.ts';
import { ethernetListen } from './import-ethernet.ts';
import { type Fields, fieldsOf, listOf, nameOthers, shown, uniqueOf, wantFields, wantList } from './import-fields.ts';
import { peersOf, usersOf } from './import-people.ts';
import { MAX_FILE_BYTES, MAX_LISTEN, MAX_REMARKS } from './limits.ts';
import { parseLooseJson } from './loose-json.ts';
import { NO_PASSWORD } from './names.ts';
import { renderTemplate } from './template.ts';

/** The new text, and what a person should look at; or why there is none. */
export type Imported =
  | { readonly ok: true; readonly text: string; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** What is taken over, or looked at. */
const OF_ROOT = ['privateKey', 'publicKey', 'ipv6', 'authorizedPasswords', 'admin', 'interfaces', 'router', 'security'];
const OF_SOCKET = ['bind', 'connectTo', 'beacon', 'beaconDevices', 'beaconPort'];

/**
 * Translates the text of a cjdroute.conf.
 * @param describe address and public key of a private key in hex, for the comments of the file; null: not a node's key
 */
export function importCjdroute(
  source: string,
  describe: (privateKeyHex: string) => { readonly address: string; readonly key: string } | null,
): Imported {
  if (source.length > MAX_FILE_BYTES) return { ok: false, reason: 'it is larger than 1 MB' };
  const read = parseLooseJson(source);
  if (!read.ok) return { ok: false, reason: `line ${read.line}, column ${read.column}: ${read.message}` };
  const root = read.value;
  if (root === null || typeof root !== 'object' || Array.isArray(root))
    return { ok: false, reason: 'line 1, column 1: it must begin with {' };
  const config = root as Fields;
  const privateKeyHex = String(config.privateKey ?? '');
  if (checkPrivateKey(privateKeyHex) !== null)
    return { ok: false, reason: 'privateKey is missing or not 64 hex digits' };
  const node = describe(privateKeyHex);
  if (node === null) return { ok: false, reason: 'privateKey gives no address in fc00::/8' };
  const remarks: string[] = [];
  nameOthers('', config, OF_ROOT, remarks);
  if (config.ipv6 !== undefined && config.ipv6 !== node.address)
    remarks.push(`ipv6: the address of this privateKey is ${node.address}, not ${shown(config.ipv6)}`);
  if (config.publicKey !== undefined && config.publicKey !== node.key)
    remarks.push(`publicKey: the key of this privateKey is ${node.key}, not ${shown(config.publicKey)}`);
  const interfaces = wantFields('interfaces', config.interfaces, remarks);
  nameOthers('interfaces', interfaces, ['UDPInterface', 'ETHInterface'], remarks);
  let text = renderTemplate({ privateKeyHex: privateKeyHex.toLowerCase(), ...node });
  wantList('interfaces.ETHInterface', interfaces.ETHInterface, remarks);
  const devices = ethernetListen(interfaces, remarks);
  text = replaceListen(text, wantList('interfaces.UDPInterface', interfaces.UDPInterface, remarks), devices, remarks);
  text = replaceLan(text, interfaces, remarks);
  text = replaceAdmin(text, wantFields('admin', config.admin, remarks), remarks);
  text = replaceOthers(text, config, remarks);
  const users = usersOf(config, remarks);
  const peers = peersOf(interfaces, remarks);
  text = attempt(remarks, text, () => addUsers(text, users));
  text = attempt(remarks, text, () => addPeers(text, peers));
  const router = wantFields('router', config.router, remarks);
  nameOthers('router', router, ['interface', 'ipTunnel', 'supernodes'], remarks);
  const tunnel = wantFields('router.ipTunnel', router.ipTunnel, remarks);
  if (listOf(tunnel.allowedConnections).length + listOf(tunnel.outgoingConnections).length > 0)
    remarks.push('router.ipTunnel: IP tunnels are not built, left out');
  text = replaceSupernodes(text, router.supernodes, remarks);
  remarks.push('firewall: fcmesh lets nobody in unasked but ICMP; add what strangers may reach under firewall.allow');
  const more = remarks.length - MAX_REMARKS;
  return { ok: true, text, remarks: more <= 0 ? remarks : [...remarks.slice(-MAX_REMARKS), `... and ${more} more`] };
}

function replaceListen(
  text: string,
  sockets: readonly Fields[],
  devices: readonly string[],
  remarks: string[],
): string {
  sockets.forEach((socket, index) => {
    const where = `UDPInterface[${index}]`;
    nameOthers(where, socket, OF_SOCKET, remarks);
  });
  const binds = sockets.map((one) => one.bind).filter((bind) => bind !== undefined);
  const good = binds.filter((bind): bind is string => {
    const wrong = typeof bind === 'string' ? checkListen(`udp://${bind}`) : { message: 'is no text', suggestion: null };
    if (wrong !== null) remarks.push(`UDPInterface.bind ${shown(bind)}: left out, it ${inWords(wrong)}`);
    return wrong === null;
  });
  const places = [...good.map((bind) => `udp://${bind}`), ...devices];
  const lines = uniqueOf('interfaces', places, (place) => place, remarks, MAX_LISTEN)
    .map((place) => `  - ${place}`)
    .join('\n');
  if (lines !== '') return text.replace('  - udp://0.0.0.0:21000', () => lines);
  remarks.push('UDPInterface: names no address to bind that could be taken over; listen is udp://0.0.0.0:21000');
  return text;
}

function replaceAdmin(text: string, admin: Fields, remarks: string[]): string {
  let result = text;
  nameOthers('admin', admin, ['bind', 'password'], remarks);
  const bind = String(admin.bind ?? '');
  if (/^(127\.\d+\.\d+\.\d+|\[::1\]):\d+$/.test(bind))
    result = result.replace('listen: 127.0.0.1:11234', `listen: ${bind}`);
  else if (bind !== '') remarks.push(`admin.bind ${shown(bind)}: only loopback addresses are taken over`);
  const password = String(admin.password ?? 'NONE');
  const isNone = password === NO_PASSWORD || password === '';
  if (!isNone && checkPassword(password) !== null) {
    remarks.push(
      'admin.password: not taken over, it does not fit; put one into the file that admin.passwordFile names',
    );
    return result;
  }
  return result.replace(
    / {2}# password: .*\n {2}passwordFile: .*\n/,
    () => `  password: ${isNone ? NO_PASSWORD : JSON.stringify(password)}\n`,
  );
}

function replaceOthers(text: string, config: Fields, remarks: string[]): string {
  let result = text;
  const face = wantFields('router.interface', fieldsOf(config.router).interface, remarks);
  nameOthers('router.interface', face, ['type', 'tunDevice'], remarks);
  const { tunDevice, type } = face;
  const deviceWrong = typeof tunDevice === 'string' ? checkDevice(tunDevice) : null;
  if (typeof tunDevice === 'string' && deviceWrong === null) result = result.replace('name: fc0', `name: ${tunDevice}`);
  else if (tunDevice !== undefined)
    remarks.push(`router.interface.tunDevice ${shown(tunDevice)}: left out, tun.name is fc0`);
  if (type !== 'TUNInterface') {
    result = result.replace('enabled: true', 'enabled: false');
    const what = type === undefined ? 'router.interface is missing' : `router.interface.type is ${shown(type)}`;
    remarks.push(`${what}: tun.enabled is false, this node relays only`);
  }
  for (const step of wantList('security', config.security, remarks)) {
    const user = step.setuser;
    const isGood = typeof user === 'string' && checkUser(user) === null;
    if (isGood) result = result.replace('user: nobody', () => `user: ${user}`);
    else if (user !== undefined) remarks.push(`security.setuser ${shown(user)}: left out, user is nobody`);
    // It belongs to setuser, and our daemon gives up every right once all is open.
    nameOthers('security', step, ['setuser'], remarks);
  }
  return result;
}

function replaceSupernodes(text: string, supernodes: unknown, remarks: string[]): string {
  const keys = Array.isArray(supernodes) ? supernodes.map(String) : [];
  wantList('router.supernodes', supernodes, remarks);
  const good = keys.filter((key) => {
    const isGood = checkPublicKey(key) === null;
    if (!isGood) remarks.push(`router.supernodes ${shown(key)}: left out, it is no key`);
    return isGood;
  });
  if (good.length === 0) return text;
  remarks.push('router.supernodes: taken over; fcmesh finds its ways without them, too');
  const lines = uniqueOf('router.supernodes', good, (key) => key, remarks, MAX_SUPERNODES)
    .map((key) => `  - ${key}`)
    .join('\n');
  return text.replace(/^supernodes: \[\] +(#.*)$/m, `supernodes:                              $1\n${lines}`);
}

function attempt(remarks: string[], text: string, change: () => string): string {
  try {
    return change();
  } catch (error) {
    remarks.push(error instanceof Error ? error.message : String(error));
    return text;
  }
}
