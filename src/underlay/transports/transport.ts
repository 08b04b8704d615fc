/** What a transport is as text: how its endpoints are written, read and judged. How it opens sockets is in `daemon/transports`. */
import type { Mistake } from '../../base/index.ts';
import type { HostPort } from '../host-port.ts';

/** One transport. `At` is its kind of endpoint; `rest` is what follows `scheme://`. */
export type Transport<At extends { readonly transport: string }> = {
  /** The word in front: `udp`. */
  readonly scheme: At['transport'];
  /** @param anyPort port 0 is allowed: the kernel chooses */
  readonly parse: (rest: string, anyPort: boolean) => At | null;
  readonly format: (at: At) => string;
  /** Host and port; null where the transport has none. */
  readonly hostPortOf: (at: At) => HostPort | null;
  /** As the engine names who sent a packet, and takes an endpoint; null where no peer can be. */
  readonly senderOf: (at: At) => HostPort | null;
  /** What is wrong with it as a place to listen at, and as the place of a peer; null: nothing. */
  readonly checkListen: (at: At) => Mistake | null;
  readonly checkPeer: (at: At) => Mistake | null;
  /** What keeps `rest` from being read; null where nothing can be told apart. */
  readonly explain: (rest: string) => Mistake | null;
};
