/**
 * What the client of a supernode wants done: questions carried to it and to peers, routes verified by routing before
 * anything uses them. Without a supernode in the configuration nothing of it exists, and nothing is loaded. Source: protocol 09.
 */
import type { Clock, Counters, Logger, Rng } from '../base/index.ts';
import type { Supernode } from '../control/index.ts';
import { addressKey, type CryptoBackend, formatIp6, type Identity, type Ip6, type PublicKey } from '../crypto/index.ts';
import type { Event } from '../route/index.ts';
import {
  createSupernodeClient,
  loadSigner,
  type PeerView,
  type SupernodeClient,
  type SupernodeEffect,
  type SupernodeEvent,
  type SupernodeStatus,
} from '../supernode/index.ts';
import { type Label, PROTOCOL_VERSION } from '../wire/index.ts';
import type { AdminQueries } from './admin-queries.ts';
import type { PingAnswer } from './answers.ts';
import type { CtrlFrames } from './ctrl-frames.ts';
import { ASK_PEER_MS, MAX_ROUTE_WAITERS, SEEK_SUPERNODE_MS, VERIFY_ROUTE_MS } from './limits.ts';
import type { OpenRequests } from './open-requests.ts';
import type { PeerList } from './peer-view.ts';
import { reverseLabel } from './reverse-label.ts';
import type { PeerSnapshot } from './snapshots.ts';
import type { WorkQueue } from './work.ts';

/** What the effects of the client are performed with. */
export type SupernodeEffectsOptions = {
  readonly identity: Identity;
  readonly crypto: CryptoBackend;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly counters: Counters;
  readonly log: Logger;
  readonly peers: PeerList;
  readonly control: CtrlFrames;
  readonly adminQueries: AdminQueries;
  readonly requests: OpenRequests;
  readonly queue: WorkQueue;
};

/** The supernode client of one node. */
export class SupernodeEffects {
  readonly #o: SupernodeEffectsOptions;
  #client: SupernodeClient | null = null;
  #keys: readonly PublicKey[] = [];
  #isLoading = false;
  #isClosed = false;
  /** Who waits for a route, by address. */
  readonly #waiting = new Map<string, ((found: boolean) => void)[]>();
  #waiters = 0;

  constructor(options: SupernodeEffectsOptions) {
    this.#o = options;
  }

  /** The supernodes that may be used; none ends the use of any. */
  configure(keys: readonly PublicKey[]): void {
    this.#keys = keys;
    if (this.#client !== null) this.#tell({ type: 'configured', keys });
    else if (keys.length > 0 && !this.#isLoading) void this.#load();
  }

  status(): SupernodeStatus {
    return this.#client?.status() ?? { configured: this.#keys, inUse: null, announcedLinks: 0 };
  }

  /** What a GETSNODE is answered with. */
  inUse(): Supernode | null {
    const inUse = this.#client?.status().inUse ?? null;
    return inUse === null ? null : { key: inUse.key, version: inUse.protocol, path: inUse.label };
  }

  /** Performs effects in order. */
  perform(effects: readonly SupernodeEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  /** Takes a router message that answers a query to a supernode. @returns whether it did */
  receive(message: { readonly key: PublicKey; readonly returnLabel: Label; readonly content: Uint8Array }): boolean {
    const effects = this.#client?.receive(message, this.#o.clock.nowMs()) ?? null;
    if (effects === null) return false;
    this.#o.queue.post({ type: 'supernodes', effects });
    return true;
  }

  /** Routing is told something that may be of interest. */
  overhear(event: Event): void {
    if (this.#client === null) return;
    if (event.type === 'wantPath' || event.type === 'pathSilent') this.#tell({ type: 'want', address: event.address });
    else if (event.type === 'switchError') this.#tell({ type: 'switchError', path: event.path });
  }

  /** Tries something; when it fails, again once the supernode gave a way to `target` that works. */
  async assist<Result>(
    target: Ip6,
    attempt: () => Promise<Result>,
    hasFailed: (result: Result) => boolean,
  ): Promise<Result> {
    const result = await attempt();
    return hasFailed(result) && (await this.#wayTo(target)) ? attempt() : result;
  }

  nextDueMs(): number {
    return this.#client?.nextDueMs() ?? Number.POSITIVE_INFINITY;
  }

  tick(): void {
    this.#tell({ type: 'tick', peers: this.#o.peers.list().filter(isEstablished).map(viewOf) });
  }

  /** Ends its questions. */
  close(): void {
    this.#isClosed = true;
    this.#client = null;
    for (const callers of this.#waiting.values()) for (const resolve of callers) resolve(false);
    this.#waiting.clear();
  }

  async #load(): Promise<void> {
    const { identity, crypto, rng, counters, clock } = this.#o;
    this.#isLoading = true;
    const signer = await loadSigner(identity.privateKey, crypto, rng);
    if (this.#isClosed) return;
    const options = { identity, crypto, rng, counters, protocol: PROTOCOL_VERSION, signer };
    this.#client = createSupernodeClient(options, clock.nowMs());
    this.#tell({ type: 'configured', keys: this.#keys });
  }

  #wayTo(address: Ip6): Promise<boolean> {
    if (this.#client === null || this.#waiters >= MAX_ROUTE_WAITERS) return Promise.resolve(false);
    return new Promise((resolve) => {
      const id = addressKey(address);
      const others = this.#waiting.get(id) ?? [];
      this.#waiting.set(id, [...others, resolve]);
      this.#waiters++;
      this.#tell({ type: 'want', address });
    });
  }

  #ended(address: Ip6, found: boolean): void {
    const id = addressKey(address);
    const callers = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    this.#waiters -= callers.length;
    for (const resolve of callers) resolve(found);
  }

  #tell(event: SupernodeEvent): void {
    if (this.#client === null) return;
    const effects = this.#client.handle(event, this.#o.clock.nowMs());
    this.#o.queue.post({ type: 'supernodes', effects });
  }

  #perform(effect: SupernodeEffect): void {
    const { queue, log } = this.#o;
    switch (effect.type) {
      case 'send':
        return queue.post({ type: 'router', effects: [effect], reply: null });
      case 'askName':
        return void this.#askName(effect.peerLabel);
      case 'askReverse':
        return void this.#askReverse(effect);
      case 'find':
        return void this.#find(effect.key, effect.address);
      case 'route':
        return void this.#verify(effect);
      case 'noRoute':
        return this.#ended(effect.address, false);
      case 'adopted':
        return log.info('supernode.up', { address: formatIp6(effect.address) });
      case 'lost':
        return log.info('supernode.down', { address: formatIp6(effect.address), reason: effect.reason });
    }
  }

  async #askName(peerLabel: Label): Promise<void> {
    const outcome = await this.#o.control.ping(peerLabel, { kind: 'getSnode', timeoutMs: ASK_PEER_MS });
    const named = outcome.result === 'pong' ? outcome.answer.snode : null;
    if (named === null) return;
    this.#tell({ type: 'named', peerLabel, key: named.key, protocol: named.version, path: named.path });
  }

  async #askReverse({ peer, by }: SupernodeEffect & { readonly type: 'askReverse' }): Promise<void> {
    const { label: peerLabel } = peer;
    const label = by === 'rpath' ? await this.#rpath(peerLabel) : await this.#reverseLabel(peer);
    this.#tell({ type: 'reverse', peerLabel, label });
  }

  async #rpath(peerLabel: Label): Promise<Label | null> {
    const outcome = await this.#o.control.ping(peerLabel, { kind: 'rpath', timeoutMs: ASK_PEER_MS });
    return outcome.result === 'pong' ? outcome.answer.rpath : null;
  }

  #reverseLabel({ key, address, label, protocol }: PeerView): Promise<Label | null> {
    return reverseLabel(this.#o.identity.publicKey, async (target) => {
      const adminQuery = { key, address, label, protocol, query: 'gp', target };
      return (await this.#o.adminQueries.ask(adminQuery, ASK_PEER_MS))?.nodes ?? null;
    });
  }

  /** Asks routing something that a `pong` answers. */
  #ask(timeoutMs: number, event: (id: number) => Event): Promise<PingAnswer | null> {
    const { requests, queue } = this.#o;
    return requests.ask<PingAnswer | null>(timeoutMs, null, (id) => queue.tell(event(id)));
  }

  async #find(key: PublicKey, address: Ip6): Promise<void> {
    const answer = await this.#ask(SEEK_SUPERNODE_MS, (id) => ({ type: 'pingNode', id, address }));
    if (answer !== null) this.#tell({ type: 'found', key, label: answer.label, protocol: answer.protocol });
  }

  async #verify(route: SupernodeEffect & { readonly type: 'route' }): Promise<void> {
    const answer = await this.#ask(VERIFY_ROUTE_MS, (id) => ({ ...route, type: 'offered', id }));
    this.#o.counters.add(answer === null ? 'supernode.routeUnverified' : 'supernode.routeVerified');
    this.#ended(route.address, answer !== null);
  }
}

function isEstablished(peer: PeerSnapshot): boolean {
  return peer.state === 'established';
}

function viewOf(peer: PeerSnapshot): PeerView {
  const { key, address, label, rttUs, received, lost, rxBytes } = peer;
  const rttMs = rttUs === null ? null : rttUs / 1000;
  return { key, address, label, protocol: peer.protocol ?? 0, rttMs, received, lost, receivedBytes: rxBytes };
}
