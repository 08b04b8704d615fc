/**
 * A new configuration in a running daemon: the difference to the present one is done, and nothing else, so that links
 * and sessions of peers that stay the same notice nothing. Mistakes are found before anything is changed.
 */

import type { Admin, ReloadReport } from '../admin/index.ts';
import { equal, MeshError } from '../base/index.ts';
import { type Config, needRestart, type PeerToDial, passwordId, peerId } from '../config/index.ts';
import { addressOf, type CryptoBackend, formatPublicKey, type Password } from '../crypto/index.ts';
import type { NodeControl } from '../node/index.ts';
import { type Endpoint, formatEndpoint, formatHostPort, formatPeerAddress } from '../underlay/index.ts';
import type { Dialer } from './dialer.ts';
import type { DaemonLog } from './log.ts';
import type { Sockets } from './sockets.ts';

/** What a configuration is applied to. */
export type Reloadable = {
  readonly node: NodeControl;
  readonly crypto: CryptoBackend;
  readonly dialer: Dialer;
  readonly sockets: Pick<Sockets, 'listen'>;
  readonly log: DaemonLog;
  readonly admin: Pick<Admin, 'setPasswords'>;
  /** Moves the admin socket. @throws MeshError */
  readonly moveAdmin: (config: Config) => Promise<void>;
  /** Begins, ends or moves the metrics. @throws MeshError */
  readonly moveMetrics: (config: Config) => Promise<void>;
  /** Looks for neighbours as the configuration says now. */
  readonly moveLan: (config: Config) => void;
};

/** Does the difference. @throws MeshError ERR_CONFIG for keys that are no node's: nothing was changed then */
export async function applyConfig(old: Config, next: Config, to: Reloadable): Promise<ReloadReport> {
  checkNodes(next, to);
  const applied: string[] = [];
  const warnings: string[] = [];
  const attempt = async (key: string, differs: boolean, change: () => Promise<void> | void): Promise<void> => {
    if (!differs) return;
    try {
      await change();
      applied.push(key);
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      warnings.push(`${key}: ${error.message}`);
    }
  };
  const begun = missingIn(old.listen, next.listen);
  for (const at of begun) await attempt(`listen ${formatEndpoint(at)}`, true, () => to.sockets.listen(at));
  await peers(old, next, to, attempt);
  await users(old, next, to, attempt);
  await attempt('supernodes', differ(old.supernodes, next.supernodes), () => to.node.setSupernodes(next.supernodes));
  await attempt('firewall', differ(old.firewall, next.firewall), () => {
    const { inbound, allow } = next.firewall;
    to.node.setFirewall(inbound === 'allow' ? null : allow);
  });
  await attempt('log.level', old.log.level !== next.log.level, () => to.log.setLevel(next.log.level));
  await attempt('lan', differ(old.lan, next.lan), () => to.moveLan(next));
  await attempt('metrics.listen', differ(old.metrics, next.metrics), () => to.moveMetrics(next));
  const { password, readonlyPassword } = next.admin;
  const passwords = !isSame(old.admin.password, password) || !isSame(old.admin.readonlyPassword, readonlyPassword);
  // The passwords first: what was open to everybody on loopback must not be so for a moment elsewhere.
  await attempt('admin.password', passwords, () => to.admin.setPasswords(password, readonlyPassword));
  await attempt('admin.listen', formatHostPort(old.admin.listen) !== formatHostPort(next.admin.listen), () =>
    to.moveAdmin(next),
  );
  const ended = missingIn(next.listen, old.listen).map((at) => `listen ${formatEndpoint(at)}`);
  const restart = [...needRestart(old, next), ...ended];
  to.log.info('config.reloaded', { changed: applied.join(' '), restart: restart.join(' ') });
  return { applied, restart, warnings: [...warnings, ...next.warnings] };
}

/**
 * What is in force after `next` was applied with this report: what needs a restart, or did not work, is as it was, so
 * that the next reload says so again or tries again.
 */
export function inForce(old: Config, next: Config, { applied, restart }: ReloadReport): Config {
  const { tun, user, crypto } = old;
  const done = new Set(applied);
  const begun = next.listen.filter((at) => done.has(`listen ${formatEndpoint(at)}`));
  const moved = done.has('admin.listen') ? next.admin : old.admin;
  const hasMetrics = done.has('metrics.listen') || !differ(old.metrics, next.metrics);
  const pending =
    restart.length === 0
      ? []
      : [`the configuration asks for more than a reload can do; restart for: ${restart.join(', ')}`];
  return {
    ...next,
    tun,
    user,
    crypto,
    listen: [...old.listen, ...begun],
    admin: { ...next.admin, listen: moved.listen },
    metrics: hasMetrics ? next.metrics : { listen: null },
    warnings: [...next.warnings, ...pending],
  };
}

type Attempt = (key: string, differs: boolean, change: () => Promise<void> | void) => Promise<void>;

async function peers(old: Config, next: Config, { dialer }: Reloadable, attempt: Attempt): Promise<void> {
  const idsOf = (all: readonly PeerToDial[]) => new Set(all.map(peerId));
  const [before, after] = [idsOf(old.peers), idsOf(next.peers)];
  const remove = (peer: PeerToDial): void => {
    for (const at of peer.endpoints) dialer.remove(peer.key, formatPeerAddress(at));
  };
  for (const peer of old.peers) await attempt(`peers -${nameOf(peer)}`, !after.has(peerId(peer)), () => remove(peer));
  const dialled = idsOf(dialer.peers());
  for (const peer of next.peers) {
    // Somebody may have joined by hand who is in the file now, or been removed by hand who still is: as the file says.
    const [wasThere, isDialled] = [before.has(peerId(peer)), dialled.has(peerId(peer))];
    await attempt(`peers +${nameOf(peer)}`, !(wasThere && isDialled), () => {
      if (isDialled) return;
      remove(peer);
      return dialer.add(peer, true);
    });
  }
}

async function users(old: Config, next: Config, { node }: Reloadable, attempt: Attempt): Promise<void> {
  const text = (user: Config['accept'][number]) => JSON.stringify([user.login, passwordId(user.password), user.name]);
  const before = new Map(old.accept.map((user) => [text(user), user]));
  const after = new Map(next.accept.map((user) => [text(user), user]));
  const gone = new Set<string>();
  for (const [id, { login }] of before) {
    await attempt(`accept -${login}`, !after.has(id), () => {
      node.removeUser(login);
      gone.add(login);
    });
  }
  // Who was let in by one of these logins, or by its old password, has to prove itself again.
  const peers = gone.size === 0 ? [] : node.peers();
  for (const { user, key, endpoint } of peers) if (user !== null && gone.has(user)) node.removePeer(key, endpoint);
  for (const [id, user] of after) {
    await attempt(`accept +${user.login}`, !before.has(id), () => {
      // Invited over the admin API meanwhile, and now in the file.
      node.removeUser(user.login);
      node.addUser(user);
    });
  }
}

function checkNodes(next: Config, { node, crypto }: Reloadable): void {
  const own = node.inspect().key;
  const named = [
    ...next.peers.map((peer) => ({ name: `peers: ${nameOf(peer)}`, key: peer.key })),
    ...next.supernodes.map((key) => ({ name: `supernodes: ${formatPublicKey(key)}`, key })),
  ];
  for (const { name, key } of named) {
    if (addressOf(crypto, key) === null) throw new MeshError('ERR_CONFIG', `${name} has a key that is no node's`);
    if (equal(key, own)) throw new MeshError('ERR_CONFIG', `${name} has the key of this very node`);
  }
}

/** Those of `all` that `those` lacks. */
function missingIn(those: readonly Endpoint[], all: readonly Endpoint[]): readonly Endpoint[] {
  const known = new Set(those.map(formatEndpoint));
  return all.filter((at) => !known.has(formatEndpoint(at)));
}

function nameOf(peer: PeerToDial): string {
  return peer.name ?? formatEndpoint(peer.endpoints[0]);
}

function isSame(a: Password | null, b: Password | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
