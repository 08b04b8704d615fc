/** What a node is asked about the mesh, and what it answers. */
import type { PingKind, PongFacts } from '../control/index.ts';
import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { Label, ListedNode } from '../wire/index.ts';

/** An answer to a ping of any kind; null result = no answer in time. */
export type PingAnswer = {
  readonly rttUs: number;
  readonly label: Label;
  readonly hops: number | null;
  readonly protocol: number;
  readonly key: PublicKey | null;
};

/** What the end of a label answered, with all that the kind of the question made it tell. */
export type LabelAnswer = PingAnswer & PongFacts;

/** How a ping along a label is made. */
export type PingLabelOptions = {
  readonly timeoutMs: number;
  readonly kind: PingKind;
  /** Returned unchanged; at most 256 bytes, in a KEYPING 52: more throws MeshError ERR_PING. */
  readonly data?: Uint8Array;
};

/** What became of a ping along a label; `label` is where a wrong answer came from (protocol 10 §2 "SwitchPinger"). */
export type PingOutcome =
  | { readonly result: 'pong'; readonly answer: LabelAnswer }
  | { readonly result: 'timeout' | 'full' | 'diffData' }
  | { readonly result: 'diffLabel'; readonly label: Label }
  | { readonly result: 'errSwitch' | 'errLoop'; readonly code: number };

/** A router message to one node along one label. */
export type AdminQuery = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly label: Label;
  readonly protocol: number;
  readonly query: string;
  /** 16 bytes for `fn` and `nh`, 8 for `gp`, null for `pn`. */
  readonly target: Uint8Array | null;
  /** Put behind our transaction id, which the answer has to repeat: makes the message longer. */
  readonly payload?: Uint8Array;
};

/** Its answer; labels of `nodes` count from the node that answered. */
export type AdminAnswer = {
  readonly rttUs: number;
  readonly protocol: number;
  readonly scheme: Uint8Array | null;
  readonly formNumber: number;
  readonly nodes: readonly ListedNode[];
};

/** One hop of a trace; `rttUs` is cumulative, null when the hop does not answer. */
export type TraceHop = { readonly address: Ip6; readonly label: Label; readonly rttUs: number | null };

/** Result of a search. */
export type FindResult = {
  readonly found: boolean;
  readonly address: Ip6;
  readonly key: PublicKey | null;
  readonly label: Label | null;
  readonly hops: number | null;
  readonly queries: number;
  readonly elapsedMs: number;
};
