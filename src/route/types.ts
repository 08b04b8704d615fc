/** The router seen from outside: what it is told, what it wants done. */
import type { Counters, Rng } from '../base/index.ts';
import type { CryptoBackend, Ip6, PublicKey } from '../crypto/index.ts';
import type { Label } from '../wire/index.ts';
import type { TooFar } from './map/too-far.ts';

/** What the router is made of. */
export type RouterOptions = {
  readonly identity: { readonly publicKey: PublicKey; readonly address: Ip6 };
  /** Turns listed keys into addresses. */
  readonly crypto: CryptoBackend;
  readonly rng: Rng;
  readonly counters: Counters;
  /** Our protocol version, `p` in messages. */
  readonly protocol: number;
};

/** What happens to a router. Labels are complete, from our own switch on. */
export type Event =
  | { readonly type: 'tick' }
  /** A link is established; also after a change of key, protocol or interface. @see peerChanged for quality */
  | {
      readonly type: 'peerUp';
      readonly key: PublicKey;
      readonly address: Ip6;
      readonly label: Label;
      readonly interfaceNumber: number;
      readonly protocol: number;
      readonly costMs: number;
      /** Round trip of the link, where known. */
      readonly rttMs?: number | null;
    }
  | {
      readonly type: 'peerChanged';
      readonly address: Ip6;
      readonly label: Label;
      /** Half the round trip plus the penalty for loss. */
      readonly costMs: number;
      readonly rttMs?: number | null;
    }
  | { readonly type: 'peerDown'; readonly label: Label }
  /** A router message that decrypted in the session with `key`. */
  | {
      readonly type: 'message';
      readonly key: PublicKey;
      readonly address: Ip6;
      readonly returnLabel: Label;
      readonly content: Uint8Array;
      /** It rode in a handshake packet. */
      readonly handshake?: boolean;
    }
  /** ERROR frame: `path` is its label mirrored, `cause` the label as the reporting switch received it (protocol 06 §2.6). */
  | { readonly type: 'switchError'; readonly path: Label; readonly cause: Label; readonly code: number }
  /** Traffic for a node without a working path; repeat while it lasts. */
  | { readonly type: 'wantPath'; readonly address: Ip6; readonly key: PublicKey | null; readonly urgent: boolean }
  /** Two seconds without answer under traffic. */
  | { readonly type: 'pathSilent'; readonly address: Ip6; readonly label: Label }
  /** Valid session traffic arrived over `label`, at most a few times a second. */
  | {
      readonly type: 'pathGood';
      readonly address: Ip6;
      readonly label: Label;
      readonly rttMs: number | null;
      /** Gaps in the session's counters over the last second: a hint to measure, no more. Null = too little traffic to tell. */
      readonly lossPercent?: number | null;
    }
  /** The longest packets that go to the node now, as the length of a router message that would be as long on the wire. */
  | { readonly type: 'sending'; readonly address: Ip6; readonly bytes: number }
  | { readonly type: 'noLongerWanted'; readonly address: Ip6 }
  /** Ask the node something over `label`, once: it carries a handshake, or shows whether the label works. */
  | { readonly type: 'probe'; readonly key: PublicKey; readonly address: Ip6; readonly label: Label }
  /** Somebody who knows the mesh says that `label` leads to the node: it is asked over it before anything uses it. */
  | {
      readonly type: 'offered';
      /** The `pong` that tells what came of it. */
      readonly id: number;
      readonly key: PublicKey;
      readonly address: Ip6;
      readonly label: Label;
      readonly protocol: number;
    }
  | { readonly type: 'pingNode'; readonly id: number; readonly address: Ip6 }
  | { readonly type: 'find'; readonly id: number; readonly address: Ip6 }
  | { readonly type: 'trace'; readonly id: number; readonly address: Ip6 };

/** One node on the way of a trace. */
export type TraceStep = {
  readonly address: Ip6;
  readonly key: PublicKey;
  readonly label: Label;
  /** From us to it and back; null without an answer. */
  readonly rttMs: number | null;
};

/** What the node is asked to do, in order. */
export type Effect =
  /** Carry `content` in a session to `key`, along exactly `label`. */
  | {
      readonly type: 'send';
      readonly key: PublicKey;
      readonly address: Ip6;
      readonly label: Label;
      readonly protocol: number;
      readonly content: Uint8Array;
    }
  /** User data for `address` may go over `label`: somebody with this key has answered over it. */
  | {
      readonly type: 'usePath';
      readonly address: Ip6;
      readonly key: PublicKey;
      readonly label: Label;
      readonly protocol: number;
      readonly hops: number | null;
      readonly rttMs: number | null;
      readonly verified: true;
      /** Until when the longest packets are lost on it, as far as is known; null = they pass. */
      readonly holeUntilMs: number | null;
      /** The shortest of which that is known, bytes of a router message; 0 = none. */
      readonly holeBytes: number;
    }
  /** Stop using `label`; nothing better is known yet. */
  | { readonly type: 'dropPath'; readonly address: Ip6; readonly label: Label }
  | {
      readonly type: 'searchEnded';
      readonly id: number | null;
      readonly address: Ip6;
      readonly found: boolean;
      readonly key: PublicKey | null;
      readonly label: Label | null;
      readonly hops: number | null;
      readonly queries: number;
      readonly elapsedMs: number;
      /** Not found, because it is farther away than a label reaches. */
      readonly tooFar: TooFar | null;
    }
  | {
      readonly type: 'pong';
      readonly id: number;
      /** Null: no answer, or no path. */
      readonly rttMs: number | null;
      readonly key: PublicKey | null;
      readonly label: Label | null;
      readonly hops: number | null;
      readonly protocol: number;
    }
  | {
      readonly type: 'traceEnded';
      readonly id: number;
      readonly address: Ip6;
      readonly hops: readonly TraceStep[] | null;
    };
