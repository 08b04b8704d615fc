/** What an admin function is: a name, who may call it, its arguments, and what it does. One file of functions/ a family. */
import type { Bencode, BencodeMap, Clock, Logger } from '../base/index.ts';
import type { CryptoBackend, PublicKey } from '../crypto/index.ts';
import type { NodeControl } from '../node/index.ts';
import type { Cookies } from './cookies.ts';
import type { DaemonControl } from './daemon-control.ts';
import type { History } from './history.ts';
import type { LogHub } from './log-hub.ts';
import type { Pages } from './pages.ts';
import type { Reply } from './reply.ts';
import type { Uploads } from './uploads.ts';

/** Types of arguments, by their names in error texts (protocol 10 §1). */
export type ArgumentType = 'String' | 'Int' | 'Dict' | 'List';

/** One argument of a function. */
export type Argument = {
  readonly type: ArgumentType;
  readonly required: boolean;
  /** Taken as well, but not named by `Admin_availableFunctions`. */
  readonly also?: ArgumentType;
};

/** Who may call: anybody who reaches the socket, holders of either password, holders of `password` only. */
export type Access = 'anybody' | 'reader' | 'operator';

/** Of the local network: which devices are used or why not, and who was heard there. */
export type LanStatus = {
  /** `reason` why it is left out; null: it is used. */
  readonly devices: readonly { readonly name: string; readonly reason: string | null }[];
  /** `reason` why the sender of a beacon was not dialled; null: it was. */
  readonly heard: readonly {
    readonly endpoint: string;
    readonly key: PublicKey;
    readonly reason: string | null;
    readonly agoMs: number;
  }[];
};

/** What the daemon tells about itself; the node does not know it. */
export type Facts = {
  readonly version: string;
  readonly pid: number;
  readonly tun: { readonly name: string; readonly mtu: number } | null;
  /** Of the device: are other devices kept from carrying packets of the mesh, and what is wrong with it? */
  readonly tunState?: () => { readonly guarded: boolean; readonly problem: string | null };
  /** `udp://0.0.0.0:21000`, as bound. */
  readonly listen: readonly string[];
  /** Absent: nobody looks for neighbours. */
  readonly lan?: () => LanStatus;
  readonly warnings: () => readonly string[];
  /** How late timers are, 99th percentile since the last question, µs; absent: not measured. */
  readonly timerLateUs?: () => number;
  /** Bytes the process occupies, for `memory` of stock; absent: not known. */
  readonly memoryBytes?: () => number;
};

/** What functions work with. */
export type Context = {
  readonly node: NodeControl;
  readonly facts: Facts;
  readonly crypto: Pick<CryptoBackend, 'sha256' | 'sha512'> & CryptoBackend;
  readonly clock: Clock;
  /** Wall clock, milliseconds since 1970. */
  readonly unixMs: () => number;
  readonly cookies: Cookies;
  readonly pages: Pages;
  readonly uploads: Uploads;
  readonly history: History;
  readonly logs: LogHub;
  readonly daemon: DaemonControl;
  readonly log: Logger;
  /** All functions by name, for `Admin_availableFunctions`. */
  readonly functions: ReadonlyMap<string, AdminFunction>;
  /** Ends the daemon, after the reply is on its way. */
  readonly stop: () => void;
};

/** One call, its arguments checked. */
export type Call = {
  readonly context: Context;
  readonly args: BencodeMap;
  /** `HOST:PORT` of the caller. */
  readonly from: string;
  /** Does the caller get asynchronous messages (protocol 10 §1.2)? */
  readonly isAsync: boolean;
  /** Sends an asynchronous message to the caller, with the txid of the call; nothing once the caller is silent for 30 s. */
  readonly push: (reply: Reply) => void;
};

export type AdminFunction = {
  readonly name: string;
  readonly access: Access;
  readonly args: Readonly<Record<string, Argument>>;
  readonly run: (call: Call) => Reply | Promise<Reply>;
};

/** A required argument. */
export function needs(type: ArgumentType): Argument {
  return { type, required: true };
}

/** An optional argument. */
export function may(type: ArgumentType): Argument {
  return { type, required: false };
}

/** An optional argument that may have another type than the one that is listed. */
export function either(type: ArgumentType, also: ArgumentType): Argument {
  return { type, required: false, also };
}

/** The text of the first argument that is missing or of another type than it should be; null if all are well. */
export function argumentError(declared: AdminFunction['args'], args: BencodeMap): string | null {
  for (const [name, { type, required, also }] of Object.entries(declared)) {
    const value = args.get(name);
    if (value === undefined ? required : ![type, also].includes(typeOf(value))) {
      return `Entry [${name}] is required and must be of type [${type}]`;
    }
  }
  return null;
}

function typeOf(value: Bencode): ArgumentType {
  if (typeof value === 'bigint') return 'Int';
  if (value instanceof Uint8Array) return 'String';
  return value instanceof Map ? 'Dict' : 'List';
}
