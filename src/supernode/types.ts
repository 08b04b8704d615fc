/** The client of a supernode seen from outside: what it is told, what it wants done. */
import type { Counters, Rng } from '../base/index.ts';
import type { CryptoBackend, Ip6, PublicKey } from '../crypto/index.ts';
import type { Label } from '../wire/index.ts';
import type { Signer } from './signer.ts';

/** What a client is made of. */
export type ClientOptions = {
  readonly identity: { readonly publicKey: PublicKey; readonly address: Ip6 };
  /** Turns keys into addresses, and hashes announcements. */
  readonly crypto: Pick<CryptoBackend, 'sha512'> & CryptoBackend;
  readonly rng: Rng;
  readonly counters: Counters;
  /** Our protocol version. */
  readonly protocol: number;
  readonly signer: Signer;
};

/** An established direct peer, as far as supernodes are concerned. Counts grow from the beginning of the link. */
export type PeerView = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly protocol: number;
  /** Our label to it: one hop. */
  readonly label: Label;
  readonly rttMs: number | null;
  readonly received: number;
  readonly lost: number;
  readonly receivedBytes: number;
};

/** A node and a label to it. */
export type Way = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly label: Label;
  readonly protocol: number;
};

/** What happens to a client. */
export type Event =
  /** Time passed; with all established peers. */
  | { readonly type: 'tick'; readonly peers: readonly PeerView[] }
  /** The supernodes that may be used; replaces the list. */
  | { readonly type: 'configured'; readonly keys: readonly PublicKey[] }
  /** A direct peer named its supernode (GETSNODE); the path counts from the peer. */
  | {
      readonly type: 'named';
      readonly peerLabel: Label;
      readonly key: PublicKey;
      readonly protocol: number;
      readonly path: Label;
    }
  /** Routing found a supernode of the list in the mesh. */
  | { readonly type: 'found'; readonly key: PublicKey; readonly label: Label; readonly protocol: number }
  /** A direct peer told its label to us; null: it did not. */
  | { readonly type: 'reverse'; readonly peerLabel: Label; readonly label: Label | null }
  /** Somebody wants a way to a node. */
  | { readonly type: 'want'; readonly address: Ip6 }
  /** ERROR frame: its label mirrored (protocol 06 §2.6). */
  | { readonly type: 'switchError'; readonly path: Label };

/** A router message that decrypted in the session with `key`. */
export type Message = { readonly key: PublicKey; readonly returnLabel: Label; readonly content: Uint8Array };

/** What the node is asked to do, in order. */
export type Effect =
  /** Carry `content` in a session to the node, along exactly `label`. */
  | ({ readonly type: 'send'; readonly content: Uint8Array } & Way)
  /** Ask a direct peer which supernode it uses (GETSNODE); `named` tells what it says. */
  | { readonly type: 'askName'; readonly peerLabel: Label }
  /** Ask a direct peer for its label to us: by RPATH, or older ones by `gp`; `reverse` tells. */
  | { readonly type: 'askReverse'; readonly peer: PeerView; readonly by: 'rpath' | 'gp' }
  /** Look for a supernode of the list in the mesh; `found` tells. */
  | { readonly type: 'find'; readonly key: PublicKey; readonly address: Ip6 }
  /** The supernode says so: to be verified before it is used for anything. */
  | ({ readonly type: 'route' } & Way)
  /** No route to this node was given. */
  | { readonly type: 'noRoute'; readonly address: Ip6 }
  | { readonly type: 'adopted'; readonly address: Ip6; readonly label: Label }
  | { readonly type: 'lost'; readonly address: Ip6; readonly reason: string };

/** One look at a client. */
export type SupernodeStatus = {
  readonly configured: readonly PublicKey[];
  /** The one in use, null while there is none. */
  readonly inUse: (Way & { readonly sinceMs: number }) | null;
  /** Links announced to it. */
  readonly announcedLinks: number;
};
