/** Checks across values: duplicates, contradictions, an open admin socket, and (with cryptography) what the keys are. */

import { equal } from '../base/index.ts';
import {
  addressOf,
  type CryptoBackend,
  formatPublicKey,
  type Identity,
  identityOf,
  type SecretKey,
} from '../crypto/index.ts';
import { MAX_PEERS } from '../link/index.ts';
import { MAX_SUPERNODES } from '../supernode/index.ts';
import { formatEndpoint, formatHostPort, isLoopback } from '../underlay/index.ts';
import type { Config } from './config.ts';
import { MAX_LISTEN } from './limits.ts';
import { freeName, isNameTaken } from './peer-name.ts';
import { placeProblems, repeatedPlaces } from './peer-places.ts';
import type { Problem } from './problem.ts';
import type { Place } from './reader.ts';

type Places = ReadonlyMap<string, Place>;

/** What the text alone can tell. */
export function checkTogether(config: Config, places: Places): readonly Problem[] {
  return [
    ...identityProblems(places),
    ...placeProblems(config.peers, places),
    ...duplicates(config, places),
    ...sharedNames(config, places),
    ...adminProblems(config, places),
    ...tooMany('supernodes', config.supernodes, MAX_SUPERNODES, 'supernodes; one is used at a time', places),
    ...tooMany('peers', config.peers, MAX_PEERS, 'peers have a place at a node', places),
    ...tooMany('listen', config.listen, MAX_LISTEN, 'addresses have a socket', places),
  ];
}

/** The identity of the file, or what is wrong with its keys. @param privateKey from the file, or from `privateKeyFile` */
export function checkKeys(
  config: Config,
  privateKey: SecretKey,
  places: Places,
  backend: CryptoBackend,
): { readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const identity = identityOf(backend, privateKey);
  const own = identity === null ? null : formatPublicKey(identity.publicKey);
  if (identity === null) {
    const path = places.has('identity.privateKey') ? 'identity.privateKey' : 'identity.privateKeyFile';
    problems.push(
      problem(places, path, 'this key gives no address in fc00::/8', 'run "fcmesh keygen" for one that does'),
    );
  }
  const nodes = [
    ...config.peers.map(({ key }, index) => ({ key, path: `peers[${index}].key`, whose: "the peer's" })),
    ...config.supernodes.map((key, index) => ({ key, path: `supernodes[${index}]`, whose: "the supernode's" })),
  ];
  for (const { key, path, whose } of nodes) {
    if (addressOf(backend, key) === null) {
      problems.push(
        problem(
          places,
          path,
          'is not the key of a node: it gives no address in fc00::/8',
          'copy it again, every symbol counts',
        ),
      );
    } else if (formatPublicKey(key) === own) {
      problems.push(problem(places, path, 'is the key of this very node', `write ${whose} key here`));
    }
  }
  if (identity === null || problems.length > 0) return { ok: false, problems };
  return { ok: true, identity };
}

function identityProblems(places: Places): readonly Problem[] {
  const hasKey = places.has('identity.privateKey');
  const hasFile = places.has('identity.privateKeyFile');
  if (hasKey !== hasFile) return [];
  return [
    hasKey
      ? problem(places, 'identity.privateKeyFile', 'stands beside privateKey', 'keep one of the two')
      : problem(places, 'identity', 'has neither privateKey nor privateKeyFile', 'run "fcmesh keygen" for a new key'),
  ];
}

function duplicates(config: Config, places: Places): readonly Problem[] {
  return [
    ...repeated(
      config.accept.map((user) => user.login),
      (index) => `accept[${index}].login`,
      places,
      'another entry has this login',
      'give each user a login of its own',
    ),
    ...repeated(
      config.listen.map(formatEndpoint),
      (index) => `listen[${index}]`,
      places,
      'is listed twice',
      'remove one of the two',
    ),
    ...repeatedPlaces(config.peers, places),
    ...repeated(
      config.supernodes.map(formatPublicKey),
      (index) => `supernodes[${index}]`,
      places,
      'is listed twice',
      'remove one of the two',
    ),
  ];
}

/** Two nodes of one name. */
function sharedNames(config: Config, places: Places): readonly Problem[] {
  // What follows is one too many, and compared with nothing.
  const peers = config.peers.slice(0, MAX_PEERS);
  return peers.flatMap((peer, index) => {
    const { name } = peer;
    const before = peers.slice(0, index);
    if (name === null || !isNameTaken(peer, before)) return [];
    const earlier = before.findIndex((other) => other.name === name && !equal(other.key, peer.key));
    const line = places.get(`peers[${earlier}].name`)?.line;
    const message = `another peer has this name${line === undefined ? '' : ` (line ${line})`}`;
    return [problem(places, `peers[${index}].name`, message, `call one of them ${freeName({ ...peer, name }, peers)}`)];
  });
}

function repeated(
  values: readonly string[],
  pathOf: (index: number) => string,
  places: Places,
  message: string,
  suggestion: string,
): readonly Problem[] {
  const first = new Map<string, number>();
  const problems: Problem[] = [];
  values.forEach((value, index) => {
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, index);
      return;
    }
    const line = places.get(pathOf(earlier))?.line;
    problems.push(
      problem(places, pathOf(index), line === undefined ? message : `${message} (line ${line})`, suggestion),
    );
  });
  return problems;
}

/** What `up` could not do with all of a list. */
function tooMany(
  list: 'supernodes' | 'peers' | 'listen',
  { length }: readonly unknown[],
  most: number,
  what: string,
  places: Places,
): readonly Problem[] {
  if (length <= most) return [];
  return [problem(places, `${list}[${most}]`, 'is one too many', `at most ${most} ${what}`)];
}

function adminProblems(config: Config, places: Places): readonly Problem[] {
  const { admin } = config;
  const hasFile = admin.passwordFile !== null;
  if (hasFile && places.has('admin.password')) {
    return [problem(places, 'admin.passwordFile', 'stands beside password', 'keep one of the two')];
  }
  if (isLoopback(admin.listen.host)) return [];
  if (admin.password === null && !hasFile) {
    const message = `${formatHostPort(admin.listen)} can be reached from other machines, and admin.password is NONE`;
    return [problem(places, 'admin.listen', message, 'listen on 127.0.0.1, or set admin.passwordFile')];
  }
  return [];
}

function problem(places: Places, path: string, message: string, suggestion: string | null): Problem {
  const place = places.get(path) ?? places.get(path.replace(/\.[^.]*$/, '')) ?? { line: 1, column: 1 };
  return { ...place, path, message, suggestion };
}
