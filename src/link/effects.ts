/** What the links want done: `node/` performs it. */
import type { Via } from '../channel/index.ts';
import type { Peer } from './peer.ts';
import type { SocketEndpoint } from './types.ts';

/** Another way to a peer than the one of its link: endpoint slot, and what address of ours it leaves from (`LinkTable.ownAddress`). */
export type Way = { readonly slot: number; readonly ownAddress: number };

/** What the node has to do for the links. */
export type LinkEffect =
  /**
   * Send a CTRL PING to the peer, in the given session or, without one, whatever is there. `sameKeyAt`: tell it that its key
   * answers from this endpoint, too.
   */
  | { readonly type: 'ping'; readonly peer: Peer; readonly via: Via | null; readonly sameKeyAt?: string }
  /** Send a CTRL PING in a frame of so many bytes: do such pass? */
  | { readonly type: 'longPing'; readonly peer: Peer; readonly frameBytes: number }
  /** Send a CTRL PING to another address of the peer, by `way`, in the live session; its answer is `Links.confirmed`. */
  | { readonly type: 'challenge'; readonly peer: Peer; readonly id: number; readonly way: Way }
  /** The link goes on at another address; it was at `from`. */
  | { readonly type: 'moved'; readonly peer: Peer; readonly from: SocketEndpoint }
  /** A switch packet arrived from the peer. */
  | { readonly type: 'packet'; readonly peer: Peer; readonly packet: Uint8Array; readonly via: Via }
  /** The measurements of the link changed. */
  | { readonly type: 'measured'; readonly peer: Peer }
  /** Routing may use the peer, or may no longer. */
  | { readonly type: 'up' | 'down'; readonly peer: Peer };
