/**
 * A small supernode for tests, written from the protocol alone (09): it keeps what it is told, and answers with routes over
 * the links it was told of. It stands in the place of a node's router. Only directors of four bits, so labels just join.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, equal } from '../../src/base/index.ts';
import { addressKey, addressOf, asPublicKey, type CryptoBackend, type PublicKey } from '../../src/crypto/index.ts';
import { createRouter, type Effect, type Event, type Router } from '../../src/route/index.ts';
import { splice, V358_BYTES } from '../../src/switch/index.ts';
import {
  type Announcement,
  announcement,
  type Label,
  type ListedNode,
  type SupernodeQuery,
  supernodeMessage,
} from '../../src/wire/index.ts';

/** What the server's clock is ahead of the nodes' by. */
const CLOCK_AHEAD_MS = 1_700_000_000_000;
const TWENTY_MINUTES_MS = 1_200_000;

type Told = { readonly bytes: Uint8Array; readonly read: Announcement };

/** The X25519 key of a signing key: x = (1 + y) / (1 - y) in the field of the curve, by arithmetic of our own. */
export function nodeKeyOf(signingKey: Uint8Array): Uint8Array {
  const p = 2n ** 255n - 19n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base % p];
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = (result * square) % p;
      square = (square * square) % p;
    }
    return result;
  };
  const y = signingKey.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n);
  let x = ((1n + y) * power((((1n - y) % p) + p) % p, p - 2n)) % p;
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(x & 0xffn);
    x >>= 8n;
    return byte;
  });
}

/** What a server was told, and its answers. */
export class RouteServer {
  readonly #crypto: CryptoBackend;
  readonly #ownKey: PublicKey;
  readonly #told = new Map<string, { readonly key: PublicKey; messages: Told[] }>();
  /** What was refused, and what was answered. */
  readonly refused: string[] = [];
  readonly answered: string[] = [];

  constructor(crypto: CryptoBackend, ownKey: PublicKey) {
    this.#crypto = crypto;
    this.#ownKey = ownKey;
  }

  /** Whether the links of this node are known. */
  knows(address: Uint8Array): boolean {
    return [...this.#links()].some(([, to]) => to === addressKey(address));
  }

  /** The reply to a query of the node with `asker`; null for none. */
  answer(query: SupernodeQuery, asker: PublicKey, nowMs: number): Uint8Array | null {
    this.answered.push(query.query);
    const common = { txid: query.txid, protocol: 21, scheme: V358_BYTES, formNumber: 0 };
    const receivedMs = Math.round(nowMs + CLOCK_AHEAD_MS);
    const stateHash = query.query === 'ann' ? this.#take(query.announcement ?? new Uint8Array(), asker) : null;
    if (query.query === 'ann' && stateHash === null) return null;
    const nodes = query.query === 'gr' ? this.#route(query.source, query.target) : [];
    return supernodeMessage.emit({ kind: 'reply', receivedMs, stateHash, nodes, ...common });
  }

  #take(bytes: Uint8Array, asker: PublicKey): Uint8Array | null {
    const read = announcement.parse(bytes);
    const reason = read === null ? 'malformed' : this.#reasonAgainst(bytes, read, asker);
    if (read === null || reason !== null) {
      this.refused.push(reason ?? 'malformed');
      return null;
    }
    const id = addressKey(asker);
    const before = read.reset ? [] : (this.#told.get(id)?.messages ?? []);
    const all = [...before, { bytes, read }];
    const isFresh = ({ read: one }: Told) => one.timestampMs >= read.timestampMs - TWENTY_MINUTES_MS;
    const messages = all.filter(isFresh).filter((one, index, fresh) => {
      const later = new Set(fresh.slice(index + 1).flatMap((other) => subjects(other.read)));
      return subjects(one.read).some((subject) => !later.has(subject));
    });
    this.#told.set(id, { key: asker, messages });
    let hash: Uint8Array = new Uint8Array(64);
    for (const one of messages) hash = this.#crypto.sha512(concat(hash, one.bytes));
    return hash;
  }

  #reasonAgainst(bytes: Uint8Array, read: Announcement, asker: PublicKey): string | null {
    if (!ed25519.verify(read.signature, bytes.subarray(64), read.signingKey)) return 'signature';
    if (!equal(nodeKeyOf(read.signingKey), asker)) return 'key';
    const own = addressOf(this.#crypto, this.#ownKey);
    if (own === null || !equal(read.supernode, own)) return 'for somebody else';
    return null;
  }

  /** From, to, label: the newest word on each link that is not withdrawn. */
  *#links(): Generator<readonly [string, string, Label]> {
    for (const { key, messages } of this.#told.values()) {
      const address = addressOf(this.#crypto, key);
      const newest = new Map<number, readonly [string, string, Label]>();
      for (const item of messages.flatMap(({ read }) => read.items)) {
        if (item.type !== 'peer' || address === null) continue;
        newest.set(item.peerNumber, [addressKey(item.address), addressKey(address), BigInt(item.label)]);
      }
      for (const link of newest.values()) if (link[2] !== 0n) yield link;
    }
  }

  #route(from: Uint8Array | null, to: Uint8Array | null): readonly ListedNode[] {
    if (from === null || to === null) return [];
    const labels = new Map<string, Label>([[addressKey(from), 1n]]);
    const links = [...this.#links()];
    // As many rounds as there are links reach everything that can be reached.
    for (let round = 0; round < links.length; round++) {
      for (const [a, b, label] of links) {
        const path = labels.get(a);
        if (path !== undefined && !labels.has(b)) labels.set(b, path === 1n ? label : splice(label, path));
      }
    }
    const label = labels.get(addressKey(to));
    const owner = [...this.#told.values()].find(({ key }) => {
      const address = addressOf(this.#crypto, key);
      return address !== null && equal(address, to);
    });
    return label === undefined || owner === undefined ? [] : [{ key: owner.key, label, protocol: 21 }];
  }
}

function subjects({ items }: Announcement): readonly string[] {
  return items.flatMap((item) => {
    if (item.type === 'peer') return [`peer ${item.peerNumber}`];
    return item.type === 'linkState' ? [] : [item.type];
  });
}

/** A maker of routers that answer queries to a supernode besides what routers do. */
export function servingRouter(server: () => RouteServer): typeof createRouter {
  return (options, nowMs) =>
    wrapped(createRouter(options, nowMs), (event, atMs) => {
      const query = event.type === 'message' ? supernodeMessage.parse(event.content) : null;
      if (event.type !== 'message' || query?.kind !== 'query') return null;
      const content = server().answer(query, asKey(event.key), atMs);
      const { key, address, returnLabel: label } = event;
      return content === null ? [] : [{ type: 'send', key, address, label, protocol: query.protocol, content }];
    });
}

/** A router some of whose events are answered by somebody else; null leaves them to it. */
export function wrapped(router: Router, instead: (event: Event, nowMs: number) => readonly Effect[] | null): Router {
  return { ...router, handle: (event, nowMs) => instead(event, nowMs) ?? router.handle(event, nowMs) };
}

function asKey(bytes: Uint8Array): PublicKey {
  const key = asPublicKey(bytes);
  if (key === null) throw new Error('key');
  return key;
}
