/** End-to-end sessions as stock tools see them. Source: protocol 10 §2 "SessionManager". */
import { equal, getInt, getText } from '../../base/index.ts';
import { formatIp6, type Ip6, isMeshAddress, parseIp6 } from '../../crypto/index.ts';
import type { SessionSnapshot } from '../../node/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';
import { addressText, known } from './node-reply.ts';
import { metricOf } from './stock-cost.ts';

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
    run: (call) => {
      const handle = getInt(call.args, 'handle');
      return stats(call, (one) => BigInt(one.receiveHandle) === handle);
    },
  },
  {
    name: 'SessionManager_sessionStatsByIP',
    access: 'reader',
    args: { ip6: needs('String') },
    run: (call) => {
      const address = addressOfCall(call);
      if (address === null) return { error: 'malformed_ip' };
      return stats(call, (one) => equal(one.address, address));
    },
  },
  {
    name: 'SessionManager_resetCA',
    access: 'operator',
    args: { ip6: needs('String') },
    run: (call) => {
      const address = addressOfCall(call);
      if (address === null) return { error: 'malformed_ip' };
      return { error: call.context.node.resetSession(address) ? 'none' : 'no such session' };
    },
  },
];

function addressOfCall({ args }: Call): Ip6 | null {
  const address = parseIp6(getText(args, 'ip6') ?? '');
  return address !== null && isMeshAddress(address) ? address : null;
}

function stats({ context }: Call, isAsked: (session: SessionSnapshot) => boolean): Reply {
  const snapshot = context.node.inspect();
  const session = snapshot.sessions.find(isAsked);
  if (session === undefined) return { error: 'no such session' };
  const unixMs = context.unixMs();
  const lastIn = session.silentMs === null ? 0 : unixMs - session.silentMs;
  // A session that was only answered to has no path of its own: tools want the one it would take.
  const way = known(snapshot, session.address);
  const label = session.label ?? way?.label ?? 0n;
  const lastUsed = session.idleMs === null ? 0 : unixMs - session.idleMs;
  return {
    ip6: formatIp6(session.address),
    addr: addressText({ key: session.key, label, protocol: session.protocol ?? way?.protocol ?? 0 }),
    state: session.state,
    handle: session.receiveHandle,
    sendHandle: session.sendHandle ?? 0,
    metric: metricOf(session, snapshot),
    duplicates: session.duplicates,
    lostPackets: session.lost,
    receivedOutOfRange: session.outOfRange,
    timeOfLastIn: lastIn,
    timeOfLastOut: lastUsed,
    timeOfLastUsage: lastUsed,
    maintainSession: 0,
    noiseProto: 0,
  };
}
