/** What the daemon does for a transport: sockets to listen at and to dial from, and what the names of its endpoints lead to. */
import type { Mistake } from '../../base/index.ts';
import type { Endpoint } from '../../underlay/index.ts';

/** A socket that is open. `name` is for people; the family is that of IP, null where there is none. */
export type OpenSocket = {
  readonly number: number;
  readonly name: string;
  readonly host: string;
  readonly family: 4 | 6 | null;
};

/** One transport with its sockets. `At` is its kind of endpoint. */
export type SocketTransport<At extends Endpoint> = {
  readonly scheme: At['transport'];
  /** Listens at one place more. @returns the endpoint as it is bound @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
  readonly listen: (at: At) => Promise<At>;
  /**
   * A socket whose packets reach a numeric endpoint; if there is none, one is opened.
   * @param taken sockets that the same peer is dialled from already: another one, as far as there can be one
   * @returns null when this machine has no such network
   */
  readonly dial: (at: At, taken?: ReadonlySet<number>) => Promise<number | null>;
  /** Does the endpoint have a name that must be looked up? */
  readonly hasName: (at: At) => boolean;
  /** The endpoints that a name leads to, best first. Rejects when it leads nowhere. */
  readonly resolve: (at: At) => Promise<readonly At[]>;
  /** Why an endpoint that a name led to is not dialled: a stranger's zone file wrote it (abuse cases N7, N8). Null: it is. */
  readonly whyNot: (at: At) => Pick<Mistake, 'message'> | null;
  /** Why `dial` gave nothing, after "this machine has no". */
  readonly network: (at: At) => string;
  /** The network of this machine changed: what could not be had may be there now. */
  readonly networkChanged: () => void;
  /** All its sockets, those for dialling too. */
  readonly all: () => readonly OpenSocket[];
};
