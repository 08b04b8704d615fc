/**
 * What the outside may see of a node: plain snapshots, never a layer's tables. `admin/` is written against these types.
 * Units are in the names; null = not known yet.
 */
import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { RefusalReason } from '../link/index.ts';
import type { FarNode } from '../route/index.ts';
import type { SupernodeStatus } from '../supernode/index.ts';
import type { KeptOutEntry } from '../tun/index.ts';
import type { Label } from '../wire/index.ts';

/** One peer link. Byte counts are plaintext switch packets (protocol 04 §10). */
export type PeerSnapshot = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly name: string | null;
  /** Login the peer presented, for accepted links. */
  readonly user: string | null;
  /** `192.0.2.7:21000` or `[2001:db8::7]:21000`. */
  readonly endpoint: string;
  /** Scheme of the transport: `udp`. */
  readonly transport: string;
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
  /** Longest link frame known to pass, bytes; null = none was asked for yet. */
  readonly mtu: number | null;
  /** Longer IP packets than 1280 bytes go there in fragments, as far as is known. */
  readonly fragmenting: boolean;
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

/** A link to a peer, as far as whoever dials it wants to know. */
export type WaySnapshot = {
  /** Where it was dialled, as `removePeer` takes it; null: the peer began it. The link may have moved since. */
  readonly dialledAt: string | null;
  /** Established. */
  readonly isUp: boolean;
  /** Pings in a row without a sign of life since, and without an answer whatever else was heard. */
  readonly unheardPings: number;
  readonly openPings: number;
  readonly rttMs: number | null;
  /** As routing counts it: half a round trip and a price for loss. */
  readonly costMs: number;
  readonly protocol: number | null;
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

/** How the rehearsal of the packet path stands; `failed` says that a packet did not come out as it went in. */
export type RehearsalStatus = {
  readonly state: 'off' | 'running' | 'passed' | 'failed';
  readonly packets: number;
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
  /** Whether packets went through the whole path at the start, and came out as they went in. */
  readonly rehearsal: RehearsalStatus;
};
