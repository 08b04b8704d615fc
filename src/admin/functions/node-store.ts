/** The map of the mesh as stock tools see it. Source: protocol 10 §2 "Router and sessions", §3. */
import { getInt, getText } from '../../base/index.ts';
import { distance, formatIp6, formatNodeAddress, formatPublicKey, parseIp6 } from '../../crypto/index.ts';
import type { NodeSnapshot, PeerSnapshot, RouteSnapshot } from '../../node/index.ts';
import { isOneHop, SELF_LABEL, splice, unsplice } from '../../switch/index.ts';
import { formatLabel, parseLabel } from '../../wire/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';
import { schemeReply } from './node-reply.ts';

/** Stock's cost counts about 1024 a hop; ours is measured, so the round trip in µs stands in for it where it is known. */
const COST_PER_HOP = 1024;

export const nodeStore: readonly AdminFunction[] = [
  {
    name: 'NodeStore_dumpTable',
    access: 'anybody',
    args: { page: needs('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const reader = `${call.from} dumpTable`;
      const page = pages.read(reader, pageOf(call), PER_PAGE.dumpTable, clock.nowMs(), () => tableOf(node.inspect()));
      return {
        routingTable: page.entries,
        count: page.total,
        peers: node.peers().filter((peer) => peer.state === 'established').length,
        more: page.more ? 1 : null,
      };
    },
  },
  { name: 'NodeStore_nodeForAddr', access: 'anybody', args: { ip: may('String') }, run: nodeForAddr },
  {
    name: 'NodeStore_getLink',
    access: 'anybody',
    args: { linkNum: needs('Int'), parent: may('String') },
    run: getLink,
  },
  {
    name: 'NodeStore_getRouteLabel',
    access: 'operator',
    args: { pathToParent: needs('String'), pathParentToChild: needs('String') },
    run: ({ args }) => {
      const parent = parseLabel(getText(args, 'pathToParent') ?? '');
      const child = parseLabel(getText(args, 'pathParentToChild') ?? '');
      if (parent === null || child === null) return { error: 'path was not parsable.' };
      const label = splice(child, parent);
      return label > 0n && label >> 63n === 0n
        ? { error: 'none', result: formatLabel(label) }
        : { error: 'the path is too long' };
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
    link: costOf(route),
    version: route.protocol,
    time: 0,
    bucket: bucketOf(distance(address, route.address)),
  }));
}

function costOf({ rttUs, hops }: Pick<RouteSnapshot, 'rttUs' | 'hops'>): number {
  return rttUs ?? COST_PER_HOP * hops;
}

/** Index of the first bit in which two swapped addresses differ; 127 for equal ones (protocol 08 §3). */
function bucketOf(difference: bigint): number {
  return difference === 0n ? 127 : 128 - difference.toString(2).length;
}

function nodeForAddr({ context, args }: Call): Reply {
  const snapshot = context.node.inspect();
  const text = getText(args, 'ip');
  const asked = text === null ? snapshot.address : parseIp6(text);
  if (asked === null) return { error: 'parse_ip6_addr' };
  if (formatIp6(asked) === formatIp6(snapshot.address)) {
    return {
      error: 'none',
      result: {
        key: formatPublicKey(snapshot.key),
        protocolVersion: snapshot.protocol,
        linkCount: links(snapshot).length,
        cost: 0,
        encodingScheme: schemeReply(),
        routeLabel: formatLabel(SELF_LABEL),
      },
    };
  }
  const route = snapshot.routes.find((one) => formatIp6(one.address) === formatIp6(asked));
  if (route === undefined) return { error: 'not_found' };
  return {
    error: 'none',
    result: {
      key: formatPublicKey(route.key),
      protocolVersion: route.protocol,
      linkCount: 0,
      cost: costOf(route),
      encodingScheme: schemeReply(),
      routeLabel: formatLabel(route.label),
      bestParent: bestParent(snapshot, route),
    },
  };
}

/** As far as we know it: the first relay, and the rest of the way from there. */
function bestParent(snapshot: NodeSnapshot, route: RouteSnapshot): Reply | null {
  const parent = route.via ?? snapshot.address;
  const relay = snapshot.routes.find((one) => route.via !== null && formatIp6(one.address) === formatIp6(route.via));
  if (route.via !== null && relay === undefined) return null;
  const rest = relay === undefined ? route.label : unsplice(route.label, relay.label);
  return { ip: formatIp6(parent), parentChildLabel: formatLabel(rest), isOneHop: isOneHop(rest) };
}

/** Our own links; those between others are not kept in this form. */
function getLink({ context, args }: Call): Reply {
  const snapshot = context.node.inspect();
  const text = getText(args, 'parent');
  const parent = text === null ? snapshot.address : parseIp6(text);
  if (parent === null) return { error: 'parse_ip6_addr' };
  const number = getInt(args, 'linkNum') ?? -1n;
  const own = formatIp6(snapshot.address);
  const child = formatIp6(parent) === own && number >= 0n ? links(snapshot)[Number(number)] : undefined;
  if (child === undefined) return { error: 'not_found' };
  return {
    error: 'none',
    result: {
      parent: own,
      child: formatIp6(child.address),
      cannonicalLabel: formatLabel(child.label),
      linkCost: child.rttUs ?? COST_PER_HOP,
      isOneHop: 1,
      bestParent: 1,
      inverseLinkEncodingFormNumber: 0,
    },
  };
}

function links(snapshot: NodeSnapshot): readonly PeerSnapshot[] {
  return snapshot.peers.filter((peer) => peer.state === 'established');
}
