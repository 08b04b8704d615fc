/** The map of the mesh and pings through it, as stock tools see them. Source: protocol 10 §2 "Router and sessions", §3. */
import { getBytes, getInt, getText } from '../../base/index.ts';
import { distance, formatIp6, formatNodeAddress, formatPublicKey, parseNodeAddress } from '../../crypto/index.ts';
import type { NodeSnapshot, PingAnswer, RouteSnapshot } from '../../node/index.ts';
import { SELF_LABEL } from '../../switch/index.ts';
import { formatLabel, parseLabel } from '../../wire/index.ts';
import { nodeOf, pageOf, timeoutOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { DEFAULT_TIMEOUT_MS } from '../limits.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';

/** Wait of SwitchPinger_ping when none is named (protocol 10 §2). */
const SWITCH_PING_TIMEOUT_MS = 2_000;

export const router: readonly AdminFunction[] = [
  {
    name: 'NodeStore_dumpTable',
    access: 'anybody',
    args: { page: needs('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const snapshot = node.inspect();
      const reader = `${call.from} dumpTable`;
      const page = pages.read(reader, pageOf(call), PER_PAGE.dumpTable, clock.nowMs(), () => tableOf(snapshot));
      return {
        routingTable: page.entries,
        count: page.total,
        peers: snapshot.peers.filter((peer) => peer.state === 'established').length,
        more: page.more ? 1 : null,
      };
    },
  },
  {
    name: 'RouterModule_pingNode',
    access: 'operator',
    args: { path: needs('String'), timeout: may('Int') },
    run: async (call) => {
      const timeoutMs = timeoutOf(call, DEFAULT_TIMEOUT_MS);
      const path = getText(call.args, 'path') ?? '';
      const label = parseLabel(path) ?? parseNodeAddress(call.context.crypto, path)?.label ?? null;
      const address = label === null ? nodeOf(call, 'path') : null;
      if (label === null && address === null)
        return { error: 'Unexpected address, must be either an ipv6 address, a path or a full address' };
      const started = call.context.clock.nowMs();
      const answer =
        label !== null
          ? await call.context.node.pingLabel(label, timeoutMs, true)
          : address !== null
            ? await call.context.node.ping(address, timeoutMs)
            : null;
      const elapsedMs = call.context.clock.nowMs() - started;
      return {
        ...pong(answer, elapsedMs),
        ...(answer === null ? {} : addressOfAnswer(call, answer, address)),
        error: null,
      };
    },
  },
  {
    name: 'SwitchPinger_ping',
    access: 'operator',
    args: { path: needs('String'), timeout: may('Int'), data: may('String'), keyPing: may('Int') },
    run: async (call) => {
      const path = getText(call.args, 'path') ?? '';
      const label = parseLabel(path);
      if (label === null) return { error: 'path was not parsable.' };
      const keyPing = (getInt(call.args, 'keyPing') ?? 0n) !== 0n;
      const answer = await call.context.node.pingLabel(label, timeoutOf(call, SWITCH_PING_TIMEOUT_MS), keyPing);
      if (answer === null) return { result: 'timeout' };
      return {
        result: 'pong',
        ms: answer.rttUs / 1000,
        version: answer.protocol,
        path: formatLabel(answer.label),
        data: getBytes(call.args, 'data'),
        key: answer.key === null ? null : formatPublicKey(answer.key),
      };
    },
  },
];

/** All routes as the stock table has them, the node itself first: tools take the smallest path as the own address (§3). */
function tableOf(snapshot: NodeSnapshot): readonly Reply[] {
  const { key, address, protocol } = snapshot;
  const self: RouteSnapshot = { key, address, protocol, label: SELF_LABEL, hops: 0, rttUs: 0, lossPpm: 0, via: null };
  const own = formatIp6(address);
  const others = snapshot.routes.filter((route) => formatIp6(route.address) !== own);
  return [self, ...others].map((route) => ({
    ip: formatIp6(route.address),
    addr: formatNodeAddress({ protocol: route.protocol, label: route.label, publicKey: route.key }),
    path: formatLabel(route.label),
    // Stock's cost counts about 1024 a hop; ours is measured, so the round trip in µs stands in for it.
    link: route.rttUs ?? 1024 * route.hops,
    version: route.protocol,
    time: 0,
    bucket: bucketOf(distance(address, route.address)),
  }));
}

/** Index of the first bit in which two swapped addresses differ; 127 for equal ones (protocol 08 §3). */
function bucketOf(difference: bigint): number {
  return difference === 0n ? 127 : 128 - difference.toString(2).length;
}

function pong(answer: PingAnswer | null, elapsedMs: number): Reply {
  if (answer === null) return { result: 'timeout', ms: elapsedMs };
  return { result: 'pong', ms: answer.rttUs / 1000, protocol: answer.protocol, version: '' };
}

function addressOfAnswer(call: Call, answer: PingAnswer, asked: ReturnType<typeof nodeOf>): Reply {
  const known = call.context.node
    .inspect()
    .routes.find((route) => (asked === null ? false : formatIp6(route.address) === formatIp6(asked)));
  const key = answer.key ?? known?.key ?? null;
  if (key === null) return { from: formatLabel(answer.label) };
  const addr = formatNodeAddress({ protocol: answer.protocol, label: answer.label, publicKey: key });
  return {
    addr,
    from: asked === null ? formatLabel(answer.label) : `${formatIp6(asked)}@${formatLabel(answer.label)}`,
  };
}
