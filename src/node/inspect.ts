/**
 * What the outside may see of a node, and what it may ask it to do: plain snapshots, never a layer's tables.
 * `admin/` is written against these types. Units are in the names; null = not known yet.
 */
import type { PingKind, PongFacts } from '../control/index.ts';
import type { Ip6, PasswordLike, PublicKey } from '../crypto/index.ts';
import type { RefusalReason } from '../link/index.ts';
import type { FarNode, TooFar } from '../route/index.ts';
import type { SupernodeStatus } from '../supernode/index.ts';
import type { FirewallRule, KeptOutEntry } from '../tun/index.ts';
import type { HostPort } from '../underlay/index.ts';
import type { Label, ListedNode } from '../wire/index.ts';

/** One peer link. Byte counts are plaintext switch packets (protocol 04 §10). */
export type PeerSnapshot = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly name: string | null;
  /** Login the peer presented, for accepted links. */
  readonly user: string | null;
  /** `192.0.2.7:21000` or `[2001:db8::7]:21000`. */
  readonly endpoint: string;
  readonly transport: 'udp' | 'eth';
  readonly direction: 'in' | 'out' | 'lan';
  readonly state: 'handshake' | 'established' | 'unresponsive' | 'incompatible';
  /** The stock daemon's word for the state: INIT, SENT_HELLO, ..., ESTABLISHED, UNRESPONSIVE (protocol 04 §5). */
  readonly stockState: string;
  /** Explains every state but `established`, with the likely remedy. */
  readonly reason: string | null;
  /** Where the peer sees another machine that has the key of this node; null: it said nothing of it lately. */
  readonly ownKeyAt: string | null;
  readonly protocol: number | null;
  readonly label: Label;
  readonly interfaceNumber: number;
  readonly rttUs: number | null;
  readonly rttP95Us: number | null;
  readonly jitterUs: number | null;
  readonly lossPpm: number | null;
  /** 0 to 100. */
  readonly quality: number | null;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxBytesPerSecond: number;
  readonly txBytesPerSecond: number;
  readonly ageMs: number;
  /** Since the last valid packet; null before the first. */
  readonly silentMs: number | null;
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfRange: number;
};

/** One end-to-end session. */
export type SessionSnapshot = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly state: string;
  /** Label user data is sent on; null while none is known. */
  readonly label: Label | null;
  readonly hops: number | null;
  readonly rttUs: number | null;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly ageMs: number;
  /** Since the last valid packet, and since it was last used for data; null where it never was. */
  readonly silentMs: number | null;
  readonly idleMs: number | null;
  readonly protocol: number | null;
  readonly receiveHandle: number;
  readonly sendHandle: number | null;
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfRange: number;
};

/** One node of the map with the best path known to it. */
export type RouteSnapshot = {
  readonly address: Ip6;
  readonly key: PublicKey;
  readonly label: Label;
  readonly hops: number;
  readonly rttUs: number | null;
  readonly lossPpm: number | null;
  /** First relay on the way; null for a direct peer and for the node itself. */
  readonly via: Ip6 | null;
  readonly protocol: number;
  /** Since it last proved that this label works. */
  readonly silentMs: number | null;
};

/** A link attempt that was turned away. */
export type RefusedSnapshot = {
  readonly endpoint: string;
  readonly key: PublicKey | null;
  readonly reason: RefusalReason;
  readonly count: number;
};

/** Somebody of the mesh whom the firewall kept out. */
export type KeptOutSnapshot = Omit<KeptOutEntry, 'lastMs'> & {
  /** Since the last packet. */
  readonly agoMs: number;
};

/** One look at the whole node. */
export type NodeSnapshot = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly protocol: number;
  readonly uptimeMs: number;
  readonly engine: 'native' | 'portable' | 'simulated';
  readonly engineDetails: Readonly<Record<string, string | number | boolean>>;
  readonly peers: readonly PeerSnapshot[];
  readonly sessions: readonly SessionSnapshot[];
  readonly routes: readonly RouteSnapshot[];
  /** Nodes that somebody wanted and that are too far away for a label; bounded. */
  readonly tooFar: readonly FarNode[];
  /** Newest first, bounded. */
  readonly refused: readonly RefusedSnapshot[];
  /** Newest first, bounded. */
  readonly keptOut: readonly KeptOutSnapshot[];
  readonly counters: ReadonlyMap<string, number>;
  readonly supernodes: SupernodeStatus;
};

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
export type Inquiry = {
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
export type InquiryAnswer = {
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

/** A peer to dial. */
export type PeerOptions = {
  /** Socket number it is dialled from. */
  readonly socket: number;
  readonly endpoint: HostPort;
  readonly key: PublicKey;
  readonly login: string | null;
  readonly password: PasswordLike | null;
  readonly name: string | null;
};

/** Somebody who may connect to us. */
export type UserOptions = { readonly login: string; readonly password: PasswordLike; readonly name: string | null };

/** A running node, as the administration and the daemon see it. */
export type NodeControl = {
  readonly inspect: () => NodeSnapshot;
  /** The peers alone, as `inspect` has them, without the price of the rest. */
  readonly peers: () => readonly PeerSnapshot[];
  /** `pn` in a session; finds a path first. @returns null without an answer within `timeoutMs` */
  readonly ping: (target: Ip6, timeoutMs: number) => Promise<PingAnswer | null>;
  /** CTRL PING (or KEYPING) along a label. */
  readonly pingLabel: (label: Label, timeoutMs: number, keyPing?: boolean) => Promise<PingAnswer | null>;
  /** The same, telling what went wrong. @throws MeshError ERR_PING (too much data, a timeout above a minute) */
  readonly tryLabel: (label: Label, options: PingLabelOptions) => Promise<PingOutcome>;
  /** Asks one node something along one label. @returns null without an answer within `timeoutMs` */
  readonly inquire: (inquiry: Inquiry, timeoutMs: number) => Promise<InquiryAnswer | null>;
  readonly trace: (target: Ip6, timeoutMs: number) => Promise<readonly TraceHop[] | null>;
  readonly find: (target: Ip6, timeoutMs: number) => Promise<FindResult>;
  /** Why a node that `ping`, `trace` or `find` did not reach can't be reached: it is too far away. Null: nothing like that is known. */
  readonly tooFar: (target: Ip6) => TooFar | null;
  /** @throws MeshError ERR_PEER (own key, invalid key, table full, duplicate) */
  readonly addPeer: (options: PeerOptions) => void;
  /** @param endpoint only the link to it (`192.0.2.7:21000`); absent: all links to the key. @returns false if there is none */
  readonly removePeer: (key: PublicKey, endpoint?: string) => boolean;
  /** Begins the handshake anew. @param key null: with all peers. @returns how many links that were */
  readonly resetPeer: (key: PublicKey | null) => number;
  /** Begins the handshake of a session anew. @returns false if there is none */
  readonly resetSession: (address: Ip6) => boolean;
  /** Other rules from now on, open flows stay open. @param rules null lets everything in */
  readonly setFirewall: (rules: readonly FirewallRule[] | null) => void;
  /** @throws MeshError ERR_USER (same login exists) */
  readonly addUser: (options: UserOptions) => void;
  readonly removeUser: (login: string) => boolean;
  /** The supernodes that may be used, instead of those before; none: no supernode is used. */
  readonly setSupernodes: (keys: readonly PublicKey[]) => void;
  readonly supernodes: () => SupernodeStatus;
  readonly users: () => readonly { readonly login: string; readonly name: string | null }[];
};
