/**
 * What a node does one after the other. The fast path, the timer and the administration bring *arrivals*; each arrival
 * is finished, with everything that follows from it, before the next one begins ("run to completion"). What a layer
 * wants done is never done inside that layer's call, so nobody is entered twice, and the order is the order of posting.
 */
import type { Via } from '../channel/index.ts';
import type { LinkEffect, Way } from '../link/index.ts';
import type { Event, Effect as RouteEffect } from '../route/index.ts';
import type { Session, SessionEffect, SessionNumber } from '../session/index.ts';
import type { SupernodeEffect } from '../supernode/index.ts';
import type { PeerNumber, SwitchErrorCode } from '../switch/index.ts';
import type { HostPort } from '../underlay/index.ts';
import type { Label } from '../wire/index.ts';

/** The session whose message is answered, and by which of its keys the answer goes (protocol 02 §14.1). */
export type Reply = { readonly session: Session; readonly via: Via | null };

/** One thing to do. */
export type Work =
  /** A datagram of no established link, or one that its key did not open. `arrival`: SOCKET of its descriptor. */
  | {
      readonly type: 'datagram';
      readonly bytes: Uint8Array;
      readonly slot: number;
      readonly arrival: number;
      readonly sender: HostPort;
    }
  /** A packet for the slow switch, which came in by interface `from` (1 = made here); `way`: to its neighbour, not by the link's. */
  | {
      readonly type: 'switch';
      readonly packet: Uint8Array;
      readonly from: PeerNumber;
      readonly via: Via | null;
      readonly way?: Way;
    }
  /** A packet that came in by `from` and can't be passed on; it is not rewritten yet. */
  | {
      readonly type: 'undeliverable';
      readonly packet: Uint8Array;
      readonly from: PeerNumber;
      readonly code: SwitchErrorCode;
    }
  /** A packet whose label ends here; its switch header is rewritten already. */
  | { readonly type: 'local'; readonly packet: Uint8Array; readonly from: PeerNumber; readonly via: Via | null }
  /** Content of an established session that is not for the TUN. `label`: label field as it arrived. */
  | {
      readonly type: 'content';
      readonly session: SessionNumber;
      readonly contentType: number;
      readonly content: Uint8Array;
      readonly label: Label;
    }
  /** An IPv6 packet of this machine: its session is not ready, or the mesh does not carry it. */
  | { readonly type: 'unready' | 'refused'; readonly packet: Uint8Array }
  /** An IPv6 packet of this machine that is longer than what the path of its session carries. */
  | { readonly type: 'tooBig'; readonly packet: Uint8Array; readonly session: SessionNumber }
  /** A peer whose interface was not up was heard; data was sent to a peer (reported a few times a second at most). */
  | { readonly type: 'heard' | 'traffic'; readonly peer: PeerNumber }
  /** User data of this machine was sent (reported a few times a second at most). */
  | { readonly type: 'ownTraffic' }
  /** A layer may have something due. */
  | { readonly type: 'due'; readonly layer: 'links' | 'sessions' | 'router' | 'supernodes' }
  /** A layer wants these things done, in order. */
  | { readonly type: 'links'; readonly effects: readonly LinkEffect[] }
  | { readonly type: 'sessions'; readonly effects: readonly SessionEffect[] }
  | { readonly type: 'router'; readonly effects: readonly RouteEffect[]; readonly reply: Reply | null }
  | { readonly type: 'supernodes'; readonly effects: readonly SupernodeEffect[] }
  /** Routing is told something. */
  | { readonly type: 'tell'; readonly event: Event; readonly reply: Reply | null };

/** The work of one node. */
export class WorkQueue {
  readonly #perform: (work: Work) => void;
  readonly #afterwards: () => void;
  readonly #arrivals: Work[] = [];
  readonly #following: Work[] = [];
  #isRunning = false;
  #isClosed = false;

  /** @param perform does one thing @param afterwards called when all is done, before the event loop has its turn */
  constructor(perform: (work: Work) => void, afterwards: () => void) {
    this.#perform = perform;
    this.#afterwards = afterwards;
  }

  /** Something came from outside: it waits for `run`, and for all that came before it. */
  arrive(work: Work): void {
    if (!this.#isClosed) this.#arrivals.push(work);
  }

  /** Something follows from what is being done. Outside of a run it is a beginning, and done at once. */
  post(work: Work): void {
    if (this.#isClosed) return;
    this.#following.push(work);
    if (!this.#isRunning) this.run();
  }

  /** Routing is told something. */
  tell(event: Event, reply: Reply | null = null): void {
    this.post({ type: 'tell', event, reply });
  }

  /** Does all that waits, each arrival to its end. */
  run(): void {
    if (this.#isRunning || this.#arrivals.length + this.#following.length === 0) return;
    this.#isRunning = true;
    try {
      this.#drain(this.#following);
      for (let i = 0; i < this.#arrivals.length; i++) {
        this.#perform(this.#arrivals[i] as Work);
        this.#drain(this.#following);
      }
    } finally {
      this.#arrivals.length = 0;
      this.#following.length = 0;
      this.#isRunning = false;
    }
    if (!this.#isClosed) this.#afterwards();
  }

  /** Does nothing any more, and forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#arrivals.length = 0;
    this.#following.length = 0;
  }

  #drain(works: Work[]): void {
    for (let i = 0; i < works.length; i++) this.#perform(works[i] as Work);
    works.length = 0;
  }
}
