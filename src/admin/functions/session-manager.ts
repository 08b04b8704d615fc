/** End-to-end sessions as stock tools see them. Source: protocol 10 §2 "SessionManager". */
import { getInt } from '../../base/index.ts';
import { formatIp6, formatNodeAddress } from '../../crypto/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, may, needs } from '../function.ts';
import { PER_PAGE } from '../spec.ts';

export const sessionManager: readonly AdminFunction[] = [
  {
    name: 'SessionManager_getHandles',
    access: 'reader',
    args: { page: may('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const take = () => node.inspect().sessions.map((session) => session.receiveHandle);
      const page = pages.read(`${call.from} getHandles`, pageOf(call), PER_PAGE.getHandles, clock.nowMs(), take);
      return { handles: page.entries, total: page.total, more: page.more ? 1 : null };
    },
  },
  {
    name: 'SessionManager_sessionStats',
    access: 'reader',
    args: { handle: needs('Int') },
    run: ({ context, args }) => {
      const handle = getInt(args, 'handle');
      const session = context.node.inspect().sessions.find((one) => BigInt(one.receiveHandle) === handle);
      if (session === undefined) return { error: 'no such session' };
      return {
        ip6: formatIp6(session.address),
        addr: formatNodeAddress({
          protocol: session.protocol ?? 0,
          label: session.label ?? 0n,
          publicKey: session.key,
        }),
        state: session.state,
        handle: session.receiveHandle,
        sendHandle: session.sendHandle ?? 0,
        metric: session.rttUs ?? 0,
        duplicates: session.duplicates,
        lostPackets: session.lost,
        receivedOutOfRange: session.outOfRange,
        noiseProto: 0,
      };
    },
  },
];
