/** A client of a supernode by hand: its effects are looked at, and replies are written, one at a time. */
import { type Counters, createCounters } from '../../src/base/index.ts';
import { type Ip6, type PublicKey, parsePublicKey } from '../../src/crypto/index.ts';
import {
  createSupernodeClient,
  type PeerView,
  type SupernodeClient,
  type SupernodeEffect,
  type SupernodeEvent,
} from '../../src/supernode/index.ts';
import { V358_BYTES } from '../../src/switch/index.ts';
import { type Label, type SupernodeQuery, type SupernodeReply, supernodeMessage } from '../../src/wire/index.ts';
import { hashesOnly, makeKey, seededRng } from '../route/mini-world.ts';

export { hashesOnly } from '../route/mini-world.ts';

/** What the clock of supernodes is ahead. */
export const AHEAD_MS = 1_700_000_000_000;

const rng = seededRng(9);

/** A node of this world. */
export type Somebody = { readonly publicKey: PublicKey; readonly address: Ip6 };

/** Keys for a test. */
export function somebody(): Somebody {
  return makeKey(rng);
}

/** An established peer. */
export function peerAt(label: Label, who: Somebody = somebody(), change: Partial<PeerView> = {}): PeerView {
  const { publicKey: key, address } = who;
  return { key, address, label, protocol: 21, rttMs: 12, received: 0, lost: 0, receivedBytes: 0, ...change };
}

type Sent = SupernodeEffect & { readonly type: 'send' };

/** A query on its way. */
export type Asked = Sent & { readonly query: SupernodeQuery };

/** Drives one client. */
export class Hand {
  readonly self = somebody();
  readonly counters: Counters = createCounters();
  readonly client: SupernodeClient;
  peers: readonly PeerView[] = [];
  nowMs = 1_000;
  /** Everything that the client wanted done. */
  readonly effects: SupernodeEffect[] = [];

  constructor() {
    const signer = { signingKey: new Uint8Array(32), sign: () => new Uint8Array(64) };
    const identity = this.self;
    const options = { identity, crypto: hashesOnly, rng: seededRng(3), counters: this.counters, protocol: 21, signer };
    this.client = createSupernodeClient(options, this.nowMs);
  }

  tell(event: SupernodeEvent): readonly SupernodeEffect[] {
    const effects = this.client.handle(event, this.nowMs);
    this.effects.push(...effects);
    return effects;
  }

  /** Lets time pass, with the ticks that the client asks for. @returns what it wanted done */
  pass(durationMs: number): readonly SupernodeEffect[] {
    const from = this.effects.length;
    const untilMs = this.nowMs + durationMs;
    for (let dueMs = this.client.nextDueMs(); dueMs <= untilMs; dueMs = this.client.nextDueMs()) {
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.tell({ type: 'tick', peers: this.peers });
    }
    this.nowMs = untilMs;
    return this.effects.slice(from);
  }

  /** A reply to `asked`, with changes. @returns what the client wanted done; null if it is not for it */
  reply(
    asked: Asked,
    change: Partial<SupernodeReply> = {},
    from: { readonly key?: PublicKey; readonly label?: Label } = {},
  ): readonly SupernodeEffect[] | null {
    const content = supernodeMessage.emit({
      kind: 'reply',
      txid: asked.query.txid,
      protocol: 21,
      scheme: V358_BYTES,
      formNumber: 0,
      receivedMs: Math.round(this.nowMs + AHEAD_MS),
      stateHash: null,
      nodes: [],
      ...change,
    });
    const { key = asked.key, label = asked.label } = from;
    const effects = this.client.receive({ key, returnLabel: label, content }, this.nowMs);
    this.effects.push(...(effects ?? []));
    return effects;
  }

  /** Configures `server`, which is behind the peer at 0x13 as that peer says, and lets it be adopted. */
  adopt(server: Somebody = somebody()): Somebody {
    this.peers = this.peers.length === 0 ? [peerAt(0x13n)] : this.peers;
    this.tell({ type: 'configured', keys: [server.publicKey] });
    this.pass(0);
    this.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path: 0x15n });
    this.reply(this.asked('pn'));
    return server;
  }

  /** The newest query of a kind. @throws if there is none */
  asked(query: 'pn' | 'gr' | 'ann', effects: readonly SupernodeEffect[] = this.effects): Asked {
    const found = queriesOf(effects, query).at(-1);
    if (found === undefined) throw new Error(`no ${query} was sent`);
    return found;
  }
}

/** The queries among effects. */
export function queriesOf(effects: readonly SupernodeEffect[], query: 'pn' | 'gr' | 'ann'): readonly Asked[] {
  return effects.flatMap((effect) => {
    const read = effect.type === 'send' ? supernodeMessage.parse(effect.content) : null;
    return effect.type === 'send' && read?.kind === 'query' && read.query === query ? [{ ...effect, query: read }] : [];
  });
}

/** A key that is no node's: its address is outside fc00::/8. */
export function keyOfNobody(): PublicKey {
  const key = parsePublicKey('0000000000000000000000000000000000000000000000000001.k');
  if (key === null) throw new Error('key');
  return key;
}
