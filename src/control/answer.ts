/**
 * Answers to control queries, always along the path they came by. Source: protocol 06 §2, §4.
 *
 *   query     answer                                          not answered
 *   --------  ----------------------------------------------  --------------------------------------
 *   PING      PONG, same data                                 version below 20
 *   KEYPING   KEYPONG with our key, same data                 more than 64 bytes of data
 *   GETSNODE  supernode or zeros, same data                   -
 *   RPATH     label from us to the asker, same data           -
 *   LLADDR    link address at which we see him, same data     return path longer than one hop
 *
 * Nothing else is answered: no reply, no error, no unknown type. An answer is as long as its query.
 */
import { type Counters, createTokenBucket, type TokenBucket } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { INVALID, isOneHop, labelFor, reverse64 } from '../switch/index.ts';
import {
  type ControlFrame,
  control,
  controlGetSnode,
  controlKeyPing,
  controlLlAddr,
  controlPing,
  controlRpath,
  isCompatible,
  type Label,
  type LinkAddress,
  PROTOCOL_VERSION,
  type SwitchHeader,
} from '../wire/index.ts';
import { ANSWER_BURST, ANSWERS_PER_SECOND } from './limits.ts';
import { packetOf } from './packet.ts';

/** The supernode in use. */
export type Supernode = {
  readonly key: PublicKey;
  readonly version: number;
  /** Label from us to it. */
  readonly path: Label;
};

/** What an answer depends on besides the query. */
export type AnswerContext = {
  readonly ownKey: PublicKey;
  /** Null = none, answered with zeros. */
  readonly supernode: Supernode | null;
  /** Where we see the peer of the arriving link; null if it has no UDP address. */
  readonly askerAddress: LinkAddress | null;
  /** Budget of the arriving interface, see `createAnswerBudget`. */
  readonly budget: TokenBucket;
  readonly counters: Counters;
  readonly nowMs: number;
};

/** The budget of one interface: 100 answers/s, 200 at once (protocol 06 §4). */
export function createAnswerBudget(nowMs: number): TokenBucket {
  return createTokenBucket({ ratePerSecond: ANSWERS_PER_SECOND, burst: ANSWER_BURST }, nowMs);
}

/**
 * The answer to a query as a whole packet, to be put into our own switch.
 * @param header switch header of the query as it arrived
 * @returns null if there is none to give; a refused query is counted by its reason
 */
export function answer(context: AnswerContext, frame: ControlFrame, header: SwitchHeader): Uint8Array | null {
  const returnLabel = reverse64(header.label);
  const reply = replyTo(context, frame, returnLabel);
  if (typeof reply === 'string') {
    context.counters.add(`control.${reply}`);
    return null;
  }
  if (!context.budget.take(context.nowMs)) {
    context.counters.add('control.answerLimit');
    return null;
  }
  return packetOf(returnLabel, reply());
}

type Refusal = 'malformed' | 'incompatible' | 'notNeighbour' | 'unasked' | 'unknownType' | 'noReturnPath';

/** What to say, as a function so that a query beyond the budget costs no more than reading it. */
function replyTo(context: AnswerContext, frame: ControlFrame, returnLabel: Label): Refusal | (() => Uint8Array) {
  if (returnLabel === 0n) return 'noReturnPath';
  const common = { reply: true, version: PROTOCOL_VERSION } as const;
  switch (frame.type) {
    case control.TYPE.ping: {
      const query = controlPing.parse(frame);
      if (query === null) return 'malformed';
      if (!isCompatible(query.version)) return 'incompatible';
      return () => controlPing.emit({ ...common, data: query.data });
    }
    case control.TYPE.keyPing: {
      const query = controlKeyPing.parse(frame);
      if (query === null) return 'malformed';
      return () => controlKeyPing.emit({ ...common, publicKey: context.ownKey, data: query.data });
    }
    case control.TYPE.getSnodeQuery: {
      const query = controlGetSnode.parse(frame);
      if (query === null) return 'malformed';
      return () =>
        controlGetSnode.emit({ ...common, ...supernodeFields(context.supernode, returnLabel), data: query.data });
    }
    case control.TYPE.rpathQuery: {
      const query = controlRpath.parse(frame);
      if (query === null) return 'malformed';
      return () => controlRpath.emit({ ...common, label: returnLabel, data: query.data });
    }
    case control.TYPE.llAddrQuery: {
      const query = controlLlAddr.parse(frame);
      if (query === null) return 'malformed';
      if (!isOneHop(returnLabel)) return 'notNeighbour';
      const address = context.askerAddress ?? controlLlAddr.OPAQUE_ADDRESS;
      return () => controlLlAddr.emit({ ...common, address, data: query.data });
    }
    case control.TYPE.error:
    case control.TYPE.pong:
    case control.TYPE.keyPong:
    case control.TYPE.getSnodeReply:
    case control.TYPE.rpathReply:
    case control.TYPE.llAddrReply:
      return 'unasked';
    default:
      return 'unknownType';
  }
}

function supernodeFields(supernode: Supernode | null, returnLabel: Label) {
  const path = supernode === null ? INVALID : labelFor(supernode.path, returnLabel);
  const kbps = controlGetSnode.KBPS_IN_REPLIES;
  // A path that cannot be widened for the asker is of no use to him: as if there were no supernode.
  if (supernode === null || path === INVALID) return { snodeVersion: 0, kbps, snodeKey: null, pathToSnode: 0n };
  return { snodeVersion: supernode.version, kbps, snodeKey: supernode.key, pathToSnode: path };
}
