/**
 * Whom a stock configuration lets in (`authorizedPasswords`) and dials (`connectTo`). Stock reads `user` as the login in
 * the first and only `login` in the second (protocol 01 §8); nobody may come in by the import who could not before.
 */
import { inWords } from '../base/index.ts';
import { formatPublicKey, Password } from '../crypto/index.ts';
import type { PeerToDial } from '../link/index.ts';
import { MAX_PEERS } from '../link/index.ts';
import { formatEndpoint } from '../underlay/index.ts';
import { checkName, checkPassword } from './checks.ts';
import type { UserConfig } from './config.ts';
import { type Fields, fieldsOf, listOf, nameOthers, shown, uniqueOf, wantFields, wantList } from './import-fields.ts';
import { readPeer } from './invitation.ts';
import { freeName, isNameTaken } from './peer-name.ts';
import { shorten } from './problem.ts';

/** What is taken over, or named, of each entry. */
const OF_USER = ['password', 'user', 'login', 'name', 'ipv6', 'publicKey'];
const OF_PEER = ['password', 'login', 'user', 'publicKey', 'peerName', 'version'];

/** Entries of `accept`. */
export function usersOf(config: Fields, remarks: string[]): readonly UserConfig[] {
  const entries = wantList('authorizedPasswords', config.authorizedPasswords, remarks);
  const named = new Set(entries.map((one) => one.user ?? one.login ?? one.name));
  const users = entries.flatMap((one, index) => userOf(one, index, named, remarks));
  return uniqueOf('authorizedPasswords', users, ({ login }) => login, remarks);
}

function userOf(one: Fields, index: number, named: ReadonlySet<unknown>, remarks: string[]): readonly UserConfig[] {
  const { password, ipv6, publicKey } = one;
  const where = `authorizedPasswords[${index}]`;
  const wrong = typeof password === 'string' ? checkPassword(password) : { message: 'is missing', suggestion: null };
  if (typeof password !== 'string' || wrong !== null) {
    remarks.push(`${where}: left out, the password ${wrong === null ? 'is missing' : inWords(wrong)}`);
    return [];
  }
  const key = (['user', 'login', 'name'] as const).find((candidate) => one[candidate] !== undefined);
  const login = key === undefined ? freeLogin(index, named) : one[key];
  const loginWrong = typeof login === 'string' ? checkName(login) : { message: 'is no text', suggestion: null };
  if (typeof login !== 'string' || loginWrong !== null) {
    remarks.push(`${where}: left out, the login ${loginWrong === null ? 'is no text' : inWords(loginWrong)}`);
    return [];
  }
  const who = `${where} (${shorten(login)})`;
  if (ipv6 !== undefined && ipv6 !== null) {
    const instead = 'add it under "accept" yourself if whoever knows the password may come in';
    remarks.push(`${who}: left out, it is for ${shown(ipv6)} only, which fcmesh has no way to demand; ${instead}`);
    return [];
  }
  if (publicKey !== undefined)
    remarks.push(`${who}: taken over without its publicKey: as in stock, whoever knows the password may come in`);
  if (key === undefined) remarks.push(`${who}: has no user; this login was made up, the password alone lets in, too`);
  else if (key !== 'user')
    remarks.push(`${who}: "${key}" is taken as the login; stock does not read it and goes by the password alone`);
  nameOthers(who, one, OF_USER, remarks);
  return [{ login, password: Password.fromText(password), name: login }];
}

/** A login for a password without one, which nobody else has. */
function freeLogin(index: number, named: ReadonlySet<unknown>): string {
  let login = `user${index + 1}`;
  while (named.has(login)) login += '-';
  return login;
}

/** Entries of `peers`. */
export function peersOf(interfaces: Fields, remarks: string[]): readonly PeerToDial[] {
  const others = new Map<string, string[]>();
  const peers = listOf(interfaces.UDPInterface).flatMap((socket) =>
    Object.entries(wantFields('UDPInterface.connectTo', socket.connectTo, remarks)).flatMap(([at, value]) => {
      const fields = fieldsOf(value);
      const { login, user, password, publicKey, peerName } = fields;
      const name = peerName ?? user;
      const peer = readPeer([at], publicKey, password, login, name);
      if (typeof peer === 'string') {
        remarks.push(`connectTo "${shorten(at)}": left out, ${peer}`);
        return [];
      }
      for (const key of Object.keys(fields)) {
        const isLost = key === 'user' && peerName !== undefined && user !== peerName;
        if (!isLost && OF_PEER.includes(key)) continue;
        const known = others.get(key);
        if (known === undefined) others.set(key, [at]);
        else known.push(at);
      }
      return [peer];
    }),
  );
  for (const [key, at] of others) {
    const more = at.length === 1 ? '' : ` and ${at.length - 1} more`;
    remarks.push(`connectTo "${shorten(at[0] ?? '')}"${more}: "${shorten(key)}" has no counterpart, left out`);
  }
  const idOf = ({ key, endpoints }: PeerToDial) => `${endpoints.map(formatEndpoint).join(' ')} ${formatPublicKey(key)}`;
  return named(uniqueOf('connectTo', peers, idOf, remarks, MAX_PEERS), remarks);
}

/** Stock does not mind two nodes of one name: it goes by keys. */
function named(peers: readonly PeerToDial[], remarks: string[]): readonly PeerToDial[] {
  const done: PeerToDial[] = [];
  for (const peer of peers) {
    const { name } = peer;
    if (name === null || !isNameTaken(peer, done)) done.push(peer);
    else {
      const other = freeName({ ...peer, name }, [...peers, ...done]);
      remarks.push(
        `connectTo "${shorten(formatEndpoint(peer.endpoints[0]))}": another is called "${name}"; here "${other}"`,
      );
      done.push({ ...peer, name: other });
    }
  }
  return done;
}
