/** Questions to other nodes through the mesh, as stock tools ask them. Source: protocol 10 §2 "Router and sessions". */
import { equal, getBytes, getMap, getText, latin1, writeU64 } from '../../base/index.ts';
import {
  compareDistance,
  formatIp6,
  formatNodeAddress,
  type Ip6,
  isMeshAddress,
  parseIp6,
  parseNodeAddress,
} from '../../crypto/index.ts';
import type { AdminAnswer, PingAnswer } from '../../node/index.ts';
import { SELF_LABEL } from '../../switch/index.ts';
import { formatLabel, type Label, nodeList, parseLabel } from '../../wire/index.ts';
import { nodeOf, timeoutOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { DEFAULT_TIMEOUT_MS, MAX_QUERY_PAYLOAD } from '../limits.ts';
import type { Reply } from '../reply.ts';
import { addressText, known, listedNodes, type Reached, reach, schemeOf, schemeReply } from './node-reply.ts';
import { ownAnswer } from './own-answer.ts';

/** What stock says of an argument that means no node, and of one that means a node it does not know. */
const PARSE_PATH = 'parse_path';
const NOT_FOUND = 'not_found';
/** Queries that a node answers (protocol 08 §2). */
const QUERIES: readonly string[] = ['pn', 'fn', 'gp', 'nh'];

export const router: readonly AdminFunction[] = [
  {
    name: 'RouterModule_pingNode',
    access: 'operator',
    args: { path: needs('String'), timeout: may('Int') },
    run: pingNode,
  },
  {
    name: 'RouterModule_lookup',
    access: 'operator',
    args: { address: needs('String') },
    run: ({ context, args }) => {
      const address = parseIp6(getText(args, 'address') ?? '');
      if (address === null || !isMeshAddress(address)) return { error: 'address invalid' };
      const snapshot = context.node.inspect();
      const there = known(snapshot, address);
      if (there !== null) return { error: 'none', result: formatLabel(there.label) };
      const [nearest] = [...snapshot.routes].sort((a, b) => compareDistance(address, a.address, b.address));
      if (nearest === undefined) return { error: 'none', result: 'not found' };
      return { error: 'none', result: `${formatIp6(nearest.address)}@${formatLabel(nearest.label)}` };
    },
  },
  {
    name: 'RouterModule_getPeers',
    access: 'operator',
    args: { path: needs('String'), timeout: may('Int'), nearbyPath: may('String') },
    run: async (call) => {
      const nearby = parseLabel(getText(call.args, 'nearbyPath') ?? formatLabel(SELF_LABEL));
      if (nearby === null) return { error: 'parse_nearbyLabel' };
      const target = new Uint8Array(8);
      writeU64(target, 0, nearby);
      const { to, answer } = await askNode(call, 'path', 'gp', target);
      if (to === null) return { error: noNode(call, 'path') };
      if (answer === null) return { error: 'none', result: 'timeout' };
      const peers = listedNodes(answer, null);
      return { ...answered(answer), result: 'peers', peers, encodingScheme: schemeReply(schemeOf(answer)) };
    },
  },
  nodesOf('RouterModule_findNode', 'fn'),
  nodesOf('RouterModule_nextHop', 'nh'),
  {
    name: 'SubnodePathfinder_queryNode',
    access: 'operator',
    args: { address: needs('String'), args: needs('Dict'), timeoutMilliseconds: may('Int') },
    run: async (call) => {
      const { context } = call;
      const to = parseNodeAddress(context.crypto, getText(call.args, 'address') ?? '');
      if (to === null) return { error: 'Invalid address' };
      const asked = getMap(call.args, 'args') ?? new Map();
      const query = latin1(getBytes(asked, 'q') ?? new Uint8Array());
      const target = getBytes(asked, 'tar');
      if (!QUERIES.includes(query)) return { error: 'args.q must be one of pn, fn, gp, nh' };
      if ((target?.length ?? 0) > 16) return { error: 'args.tar is too long' };
      const timeoutMs = timeoutOf(call, DEFAULT_TIMEOUT_MS, 'timeoutMilliseconds');
      const payload = getBytes(asked, 'txid') ?? new Uint8Array();
      if (payload.length > MAX_QUERY_PAYLOAD) return { error: 'args.txid is too long' };
      const adminQuery = { ...to, key: to.publicKey, query, target, payload };
      const answer = await context.node.query(adminQuery, timeoutMs);
      if (answer === null) return { error: 'timeout', lag: timeoutMs };
      const address = addressText({ key: to.publicKey, label: to.label, protocol: answer.protocol });
      // An answer counts only if it repeats the whole transaction id, the payload behind ours included.
      return { error: 'none', lag: answer.rttUs / 1000, address, response: { ...responseOf(answer), txid: payload } };
    },
  },
];

async function pingNode(call: Call): Promise<Reply> {
  const timeoutMs = timeoutOf(call, DEFAULT_TIMEOUT_MS);
  const path = getText(call.args, 'path') ?? '';
  const label = parseLabel(path) ?? parseNodeAddress(call.context.crypto, path)?.label ?? null;
  const address = label === null ? nodeOf(call, 'path') : null;
  if (label === null && address === null) return { error: PARSE_PATH };
  const started = call.context.clock.nowMs();
  const answer = await pingEither(call, label, address, timeoutMs);
  const elapsedMs = call.context.clock.nowMs() - started;
  if (answer === null) return elapsedMs < timeoutMs ? { error: NOT_FOUND } : { result: 'timeout', ms: elapsedMs };
  return {
    result: 'pong',
    ms: answer.rttUs / 1000,
    protocol: answer.protocol,
    version: '',
    ...addressOfAnswer(call, answer, address),
  };
}

function pingEither(
  { context }: Call,
  label: Label | null,
  address: Ip6 | null,
  timeoutMs: number,
): Promise<PingAnswer | null> {
  if (label !== null) return context.node.pingLabel(label, timeoutMs, true);
  return address === null ? Promise.resolve(null) : context.node.ping(address, timeoutMs);
}

function addressOfAnswer(call: Call, answer: PingAnswer, asked: Ip6 | null): Reply {
  const key = answer.key ?? (asked === null ? null : known(call.context.node.inspect(), asked)?.key) ?? null;
  if (key === null) return { from: formatLabel(answer.label) };
  const addr = formatNodeAddress({ protocol: answer.protocol, label: answer.label, publicKey: key });
  const from = formatLabel(answer.label);
  return { addr, from: asked === null ? from : `${formatIp6(asked)}@${from}` };
}

/** Why `reach` came to nothing. */
function noNode({ context, args }: Call, argument: string): string {
  const text = getText(args, argument) ?? '';
  const isOne = parseLabel(text) ?? parseIp6(text) ?? parseNodeAddress(context.crypto, text);
  return isOne === null ? PARSE_PATH : NOT_FOUND;
}

/** A function that asks one node for nodes near a target. */
function nodesOf(name: string, query: 'fn' | 'nh'): AdminFunction {
  return {
    name,
    access: 'operator',
    args: { nodeToQuery: needs('String'), target: needs('String'), timeout: may('Int') },
    run: async (call) => {
      const target = parseIp6(getText(call.args, 'target') ?? '');
      if (target === null) return { error: 'parse_target' };
      const { to, answer } = await askNode(call, 'nodeToQuery', query, target);
      if (to === null) return { error: noNode(call, 'nodeToQuery') };
      if (answer === null) return { error: 'none', result: 'timeout' };
      return { ...answered(answer), result: 'nodes', nodes: listedNodes(answer, to.label) };
    },
  };
}

async function askNode(
  call: Call,
  argument: string,
  query: string,
  target: Uint8Array,
): Promise<{ readonly to: Reached | null; readonly answer: AdminAnswer | null }> {
  const timeoutMs = timeoutOf(call, DEFAULT_TIMEOUT_MS);
  const to = await reach(call, argument, timeoutMs);
  if (to === null) return { to, answer: null };
  const snapshot = call.context.node.inspect();
  // By whatever label: a path that leads back to us is not asked over.
  if (equal(to.key, snapshot.key)) return { to, answer: ownAnswer(snapshot, { query, target }) };
  return { to, answer: await call.context.node.query({ ...to, query, target }, timeoutMs) };
}

function answered(answer: AdminAnswer): Reply {
  return { error: 'none', ms: answer.rttUs / 1000 };
}

/** The message of the answer as it was on the wire. */
function responseOf({ protocol, scheme, formNumber, nodes }: AdminAnswer): Reply {
  const listed =
    nodes.length === 0
      ? {}
      : { n: nodeList.emitNodes(nodes), np: nodeList.emitVersions(nodes.map((node) => node.protocol)) };
  return { p: protocol, es: scheme, ei: formNumber, ...listed };
}
