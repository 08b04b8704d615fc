/** How our links did in slots of ten seconds, as stock shows what it tells a supernode. Source: protocol 10 §2, 09 §3. */
import type { PeerSnapshot } from '../../node/index.ts';
import { DROPS_UNIT, MAX_DROPS, RPATH_PROTOCOL, SLOT_MS, SLOTS } from '../../supernode/index.ts';
import { formatLabel } from '../../wire/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, needs } from '../function.ts';
import type { Sample } from '../history.ts';
import type { Reply } from '../reply.ts';
import { ASK_NEIGHBOUR_MS, PER_PAGE } from '../spec.ts';
import { addressText } from './node-reply.ts';

/** What stock says while a neighbour has not told by which label it reaches us. */
const NOT_TOLD = 0xffff_ffff_ffff_ffffn;
const SAMPLES_PER_SLOT = SLOT_MS / 1000;

export const reachability: readonly AdminFunction[] = [
  {
    name: 'ReachabilityCollector_getPeerInfo',
    access: 'operator',
    args: { page: needs('Int') },
    run: async (call) => {
      const { node, pages, clock } = call.context;
      const take = () => node.peers().filter(({ state }) => state === 'established');
      const page = pages.read(`${call.from} peerInfo`, pageOf(call), PER_PAGE.peerInfo, clock.nowMs(), take);
      return { peers: await Promise.all(page.entries.map((peer) => infoOf(call, peer))), error: 'none' };
    },
  },
];

async function infoOf(call: Call, peer: PeerSnapshot): Promise<Reply> {
  const { key, label, protocol } = peer;
  const backLabel = await backLabelOf(call, peer);
  return {
    addr: addressText({ key, label, protocol: protocol ?? 0 }),
    pathThemToUs: formatLabel(backLabel ?? NOT_TOLD),
    querying: backLabel === null,
    ...slotsOf(call.context.history.read(peer)),
  };
}

/** The label by which a neighbour reaches us, as it says; older ones do not know the question. */
async function backLabelOf({ context }: Call, { label, protocol }: PeerSnapshot): Promise<bigint | null> {
  if ((protocol ?? 0) < RPATH_PROTOCOL) return null;
  const outcome = await context.node.tryLabel(label, { kind: 'rpath', timeoutMs: ASK_NEIGHBOUR_MS });
  return outcome.result === 'pong' ? outcome.answer.rpath : null;
}

/** Rings of slots: slot number N of a link stands at N mod 18, what is not measured yet is 0. @param samples one a second */
function slotsOf(samples: readonly Sample[]): Reply {
  const taken = Math.floor((samples.at(-1)?.number ?? 0) / SAMPLES_PER_SLOT);
  const [lagSlots, dropSlots, kbRecvSlots] = [emptyRing(), emptyRing(), emptyRing()];
  for (let slot = Math.max(0, taken - SLOTS); slot < taken; slot++) {
    const first = slot * SAMPLES_PER_SLOT;
    const seconds = samples.filter(({ number }) => number > first && number <= first + SAMPLES_PER_SLOT);
    const at = slot % SLOTS;
    lagSlots[at] = Math.round(mean(seconds.map(({ rttUs }) => rttUs)) / 1000);
    dropSlots[at] = Math.min(MAX_DROPS, Math.floor((mean(seconds.map(({ lossPpm }) => lossPpm)) / 1e6) * DROPS_UNIT));
    kbRecvSlots[at] = Math.round(seconds.reduce((sum, { rxBps }) => sum + rxBps, 0) / 1024);
  }
  return { lagSlots, dropSlots, kbRecvSlots, samples: taken };
}

function emptyRing(): number[] {
  return new Array<number>(SLOTS).fill(0);
}

/** Of the values that are known; 0 if none is. */
function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}
