/**
 * Peers of the configuration, and who is added later: dialled until told otherwise, each at all the places where it may be
 * (`dial/`). Nothing here ever blocks the start.
 */

import type { WaitingPeer } from '../admin/index.ts';
import { equal, inWords, MeshError, type Timer } from '../base/index.ts';
import { type PeerToDial, placePeer, shorten } from '../config/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { checkPeerAddress, formatPeerAddress } from '../underlay/index.ts';
import { LOST_AFTER_MS, MAX_SPARE_WAYS } from './dial/limits.ts';
import { DialledPeer, type DialOptions } from './dial/peer.ts';

/** What a dialer works with. */
export type DialerOptions = Omit<DialOptions, 'onChange'> & { readonly peers: readonly PeerToDial[] };

/** Dials until it is closed. */
export type Dialer = {
  /**
   * Dials somebody more; whom it dials already, and just so, it goes on to dial.
   * @param update who is dialled at one of the endpoints, but otherwise, gives way
   * @throws MeshError ERR_PEER (what `placePeer` refuses, own key, table full); what a name leads to is seen later, in `warnings`
   */
  readonly add: (peer: PeerToDial, update: boolean) => Promise<void>;
  /** Ends dialling and the links. @param endpoint whoever has it, `HOST:PORT`; null: all with this key. @returns false if there is none */
  readonly remove: (key: PublicKey, endpoint: string | null) => boolean;
  /** Whom it dials. */
  readonly peers: () => readonly PeerToDial[];
  /** Those of them that the node knows nothing of yet: their name leads nowhere, or they were refused. */
  readonly waiting: () => readonly WaitingPeer[];
  /** What does not work, for `status.warnings`. */
  readonly warnings: () => readonly string[];
  /** The network of this machine changed: names are asked for again, and who does not answer is tried everywhere anew. */
  readonly networkChanged: () => void;
  readonly close: () => void;
};

/** Starts dialling; returns at once. */
export function startDialer(options: DialerOptions): Dialer {
  const { clock } = options;
  let all: readonly DialledPeer[] = [];
  let timer: Timer | null = null;
  /** The second look after a change of network. */
  let second: Timer | null = null;
  let isOpen = true;
  const dialled = (peer: PeerToDial): DialledPeer => new DialledPeer(peer, { ...options, onChange: look });

  function look(): void {
    timer?.cancel();
    timer = null;
    if (!isOpen) return;
    const dueMs = all.map((one) => one.look(mayAdd()));
    const nextMs = Math.min(...dueMs) - clock.nowMs();
    if (Number.isFinite(nextMs)) timer = clock.after(Math.max(0, nextMs), look);
  }

  function beginAnew(onlyLost: boolean): void {
    for (const one of all) one.beginAnew(onlyLost);
    look();
  }

  function mayAdd(): boolean {
    return all.reduce((sum, { wayCount }) => sum + Math.max(0, wayCount - 1), 0) < MAX_SPARE_WAYS;
  }

  async function add(peer: PeerToDial, update: boolean): Promise<void> {
    const placed = placePeer(peer, peers(), update);
    if (!placed.ok) throw new MeshError('ERR_PEER', `${placed.problem}; ${placed.remedy}`);
    for (const text of placed.entry.endpoints.map(formatPeerAddress)) {
      const wrong = checkPeerAddress(text);
      if (wrong !== null) throw new MeshError('ERR_PEER', `${shorten(text)} ${inWords(wrong)}`);
    }
    if (placed.isThere) return;
    const one = dialled(placed.entry);
    const replaced = all.filter((other) => placed.replaces.includes(other.peer));
    leave(replaced);
    all = [...all, one];
    // Names are asked for in the background: a resolver may take half a minute to say no.
    await one.begin();
    look();
    const { problem } = one;
    if (problem === null || one.wayCount > 0 || one.hasName) return;
    leave([one]);
    // What worked till now goes on.
    for (const before of replaced) await add(before.peer, false);
    throw new MeshError('ERR_PEER', problem);
  }

  function leave(gone: readonly DialledPeer[]): void {
    all = all.filter((one) => !gone.includes(one));
    for (const one of gone) one.close();
  }

  function peers(): readonly PeerToDial[] {
    return all.map(({ peer }) => peer);
  }

  function remove(key: PublicKey, endpoint: string | null): boolean {
    const gone = all.filter((one) => equal(one.peer.key, key) && (endpoint === null || one.texts.includes(endpoint)));
    leave(gone);
    const linked = endpoint === null ? options.node.removePeer(key) : options.node.removePeer(key, endpoint);
    return linked || gone.length > 0;
  }

  all = options.peers.map(dialled);
  look();
  return {
    add,
    remove,
    peers,
    waiting: () =>
      all
        .filter(({ wayCount }) => wayCount === 0)
        .map(({ peer, texts, reason, sinceMs }) => ({
          key: peer.key,
          endpoint: texts[0] ?? '',
          transport: peer.endpoints[0].transport,
          name: peer.name,
          reason,
          ageMs: clock.nowMs() - sinceMs,
        })),
    warnings: () => all.map((one) => one.problem).filter((problem) => problem !== null),
    networkChanged: () => {
      beginAnew(false);
      second?.cancel();
      second = clock.after(LOST_AFTER_MS, () => beginAnew(true));
    },
    close: () => {
      isOpen = false;
      timer?.cancel();
      second?.cancel();
    },
  };
}
