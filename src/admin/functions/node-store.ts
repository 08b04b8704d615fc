/** The map of the mesh as stock tools see it. Source: protocol 10 §2 "Router and sessions", §3. */
import { equal, getInt, getText } from '../../base/index.ts';
import { distance, formatIp6, formatPublicKey, parseIp6 } from '../../crypto/index.ts';
import type { NodeSnapshot, PeerSnapshot, RouteSnapshot } from '../../node/index.ts';
import { isOneHop, isUsable, SELF_LABEL, splice, unsplice } from '../../switch/index.ts';
import { formatLabel, type Label, parseLabel } from '../../wire/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';
import { addressText, schemeReply } from './node-reply.ts';
import { costOf } from './stock-cost.ts';

export const nodeStore: readonly AdminFunction[] = [
  {
    name: 'NodeStore_dumpTable',
    access: 'anybody',
    args: { page: needs('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const reader = `${call.from} dumpTable`;
      const page = pages.read(reader, pageOf(call), PER_PAGE.dumpTable, clock.nowMs(), () => {
        const snapshot = node.inspect();
        return tableOf(snapshot).map((route) => rowOf(route, snapshot));
      });
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
      if (parent === null) return { error: 'parse_pathToParent' };
      if (child === null) return { error: 'parse_pathParentToChild' };
      const label = splice(child, parent);
      return isUsable(label) ? { error: 'none', result: formatLabel(label) } : { error: 'the path is too long' };
    },
  },
];

/** All routes as the stock table has them, the node itself first: tools take the smallest path as the own address (§3). */
function tableOf(snapshot: NodeSnapshot): readonly RouteSnapshot[] {
  const { address } = snapshot;
  return [selfOf(snapshot), ...snapshot.routes.filter((route) => !equal(route.address, address))];
}

/** In the table of stock the node itself was heard at its start. */
function selfOf({ key, address, protocol, uptimeMs: silentMs }: NodeSnapshot): RouteSnapshot {
  return { key, address, protocol, label: SELF_LABEL, hops: 0, rttUs: 0, lossPpm: 0, via: null, silentMs };
}

function rowOf(route: RouteSnapshot, { address: own, peers }: NodeSnapshot): Reply {
  // A link of ours shows that it works with every packet.
  const link = route.via === null ? peers.find(({ label }) => label === route.label) : undefined;
  return {
    ip: formatIp6(route.address),
    addr: addressText(route),
    path: formatLabel(route.label),
    link: costOf(route),
    version: route.protocol,
    time: link?.silentMs ?? route.silentMs ?? 0,
    bucket: bucketOf(distance(own, route.address)),
  };
}

/** Index of the first bit in which two swapped addresses differ; 127 for equal ones (protocol 08 §3). */
function bucketOf(difference: bigint): number {
  return difference === 0n ? 127 : 128 - difference.toString(2).length;
}

function nodeForAddr({ context, args }: Call): Reply {
  const snapshot = context.node.inspect();
  const text = getText(args, 'ip');
  const asked = text === null ? snapshot.address : parseIp6(text);
  if (asked === null) return { error: 'parse_ip' };
  const route = tableOf(snapshot).find(({ address }) => equal(address, asked));
  // As stock: tools read fields of `result` without a look at `error`.
  if (route === undefined) return { error: 'none', result: {} };
  const isSelf = route.label === SELF_LABEL;
  return {
    error: 'none',
    result: {
      key: formatPublicKey(route.key),
      protocolVersion: route.protocol,
      linkCount: isSelf ? established(snapshot).length : 0,
      cost: costOf(route),
      encodingScheme: schemeReply(),
      routeLabel: formatLabel(route.label),
      bestParent: parentReply(parentOf(snapshot, route)),
    },
  };
}

/** The last node before another on the way to it, and the rest of the way from there. */
type Parent = { readonly node: RouteSnapshot; readonly rest: Label };

/** As far as we know it: the first relay; for ourselves, as stock has it, ourselves. Null where the relay is not known. */
function parentOf(snapshot: NodeSnapshot, route: RouteSnapshot): Parent | null {
  const self = selfOf(snapshot);
  const { via, label } = route;
  if (via === null) return { node: self, rest: label };
  const relay = snapshot.routes.find(({ address }) => equal(address, via));
  return relay === undefined ? null : { node: relay, rest: unsplice(label, relay.label) };
}

function parentReply(parent: Parent | null): Reply | null {
  if (parent === null) return null;
  const { node, rest } = parent;
  return { ip: formatIp6(node.address), parentChildLabel: formatLabel(rest), isOneHop: isHop(rest) };
}

/** The links of our paths, that of us to ourselves first as in the table of stock; those between others are not kept. */
function getLink({ context, args }: Call): Reply {
  const snapshot = context.node.inspect();
  const text = getText(args, 'parent');
  const asked = text === null ? null : parseIp6(text);
  if (text !== null && asked === null) return { error: 'parse_parent' };
  const links = tableOf(snapshot).flatMap((child) => {
    const parent = parentOf(snapshot, child);
    const isAsked = parent !== null && (asked === null || equal(parent.node.address, asked));
    return isAsked ? [{ child, parent }] : [];
  });
  const number = getInt(args, 'linkNum') ?? -1n;
  const link = number >= 0n && number < BigInt(links.length) ? links[Number(number)] : undefined;
  if (link === undefined) return { error: 'not_found', result: {} };
  const { child, parent } = link;
  return {
    error: 'none',
    result: {
      parent: addressText(parent.node),
      child: addressText(child),
      cannonicalLabel: formatLabel(parent.rest),
      linkCost: Math.max(0, costOf(child) - costOf(parent.node)),
      isOneHop: isHop(parent.rest),
      bestParent: 1,
      inverseLinkEncodingFormNumber: 0,
    },
  };
}

/** One hop, and not the label of a node to itself. */
function isHop(label: Label): boolean {
  return label !== SELF_LABEL && isOneHop(label);
}

function established(snapshot: NodeSnapshot): readonly PeerSnapshot[] {
  return snapshot.peers.filter((peer) => peer.state === 'established');
}
