/**
 * The questions that a control frame asks the end of a label, and what the answers tell. Source: protocol 06 §2.1 to §2.5.
 *
 *   kind      tells                                                answered by
 *   --------  ---------------------------------------------------  -------------------
 *   ping      the protocol version                                 every node
 *   keyPing   also the key                                         every node
 *   getSnode  also the supernode that is used there, if any        every node
 *   rpath     also by which label we are reached from there        version 21 and up
 *   llAddr    also the link address at which we are seen there     neighbours, 22 and up
 */
import type { PublicKey } from '../crypto/index.ts';
import {
  type ControlFrame,
  control,
  controlGetSnode,
  controlKeyPing,
  controlLlAddr,
  controlPing,
  controlRpath,
  type Label,
  type LinkAddress,
  PROTOCOL_VERSION,
} from '../wire/index.ts';
import { MAX_USER_DATA_BYTES, PING_DATA_PREFIX_BYTES } from './spec.ts';

/** What is asked for, see the table. */
export type PingKind = 'ping' | 'keyPing' | 'getSnode' | 'rpath' | 'llAddr';

/** What an answer tells besides the version, not authenticated; null where its kind tells nothing of it. */
export type PongFacts = {
  readonly key: PublicKey | null;
  /** `path` is the label from who answered to its supernode. */
  readonly snode: { readonly key: PublicKey; readonly version: number; readonly path: Label } | null;
  readonly rpath: Label | null;
  readonly linkAddress: LinkAddress | null;
};

/** An answer as it was read. */
export type Pong = PongFacts & { readonly version: number; readonly data: Uint8Array };

type Kind = {
  /** Most user data in front of which handle and cookie still fit. */
  readonly maxDataBytes: number;
  /** Type of the frame that answers. */
  readonly answer: number;
  readonly ask: (data: Uint8Array, label: Label, ownKey: PublicKey) => Uint8Array;
  /** Total; null for another frame or a damaged one. */
  readonly read: (frame: ControlFrame) => Pong | null;
};

const NOTHING: PongFacts = { key: null, snode: null, rpath: null, linkAddress: null };
const QUERY = { reply: false, version: PROTOCOL_VERSION } as const;
const NO_SNODE = { snodeVersion: 0, kbps: 0, snodeKey: null, pathToSnode: 0n } as const;

/** All kinds. */
export const KINDS: Readonly<Record<PingKind, Kind>> = {
  ping: {
    maxDataBytes: MAX_USER_DATA_BYTES,
    answer: control.TYPE.pong,
    ask: (data) => controlPing.emit({ ...QUERY, data }),
    read: (frame) => {
      const pong = controlPing.parse(frame);
      return pong && { ...NOTHING, version: pong.version, data: pong.data };
    },
  },
  keyPing: {
    maxDataBytes: controlKeyPing.MAX_DATA - PING_DATA_PREFIX_BYTES,
    answer: control.TYPE.keyPong,
    ask: (data, _label, ownKey) => controlKeyPing.emit({ ...QUERY, data, publicKey: ownKey }),
    read: (frame) => {
      const pong = controlKeyPing.parse(frame);
      return pong && { ...NOTHING, version: pong.version, data: pong.data, key: pong.publicKey };
    },
  },
  getSnode: {
    maxDataBytes: MAX_USER_DATA_BYTES,
    answer: control.TYPE.getSnodeReply,
    ask: (data) => controlGetSnode.emit({ ...QUERY, ...NO_SNODE, data }),
    read: (frame) => {
      const pong = controlGetSnode.parse(frame);
      if (pong === null) return null;
      const { version, data, snodeKey: key, snodeVersion, pathToSnode: path } = pong;
      return { ...NOTHING, version, data, snode: key && { key, version: snodeVersion, path } };
    },
  },
  rpath: {
    maxDataBytes: MAX_USER_DATA_BYTES,
    answer: control.TYPE.rpathReply,
    ask: (data, label) => controlRpath.emit({ ...QUERY, data, label }),
    read: (frame) => {
      const pong = controlRpath.parse(frame);
      return pong && { ...NOTHING, version: pong.version, data: pong.data, rpath: pong.label };
    },
  },
  llAddr: {
    maxDataBytes: MAX_USER_DATA_BYTES,
    answer: control.TYPE.llAddrReply,
    ask: (data) => controlLlAddr.emit({ ...QUERY, data, address: { kind: 'none' } }),
    read: (frame) => {
      const pong = controlLlAddr.parse(frame);
      return pong && { ...NOTHING, version: pong.version, data: pong.data, linkAddress: pong.address };
    },
  },
};

/** Which kind of question `frame` answers; null for a frame that answers none. */
export function kindAnswered(frame: ControlFrame): PingKind | null {
  for (const kind of Object.keys(KINDS) as PingKind[]) if (KINDS[kind].answer === frame.type) return kind;
  return null;
}
