/** Our own functions that do something: ping, trace, find, stop. Units are in the names; an unknown value is absent. */
import { equal, getInt, getText } from '../../base/index.ts';
import { formatIp6, formatPublicKey, type Ip6 } from '../../crypto/index.ts';
import type { PingAnswer } from '../../node/index.ts';
import { SELF_LABEL } from '../../switch/index.ts';
import { formatLabel, parseLabel } from '../../wire/index.ts';
import { NOT_A_NODE, nodeOf, timeoutOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { DEFAULT_TIMEOUT_MS, DEFAULT_TRACE_TIMEOUT_MS } from '../limits.ts';
import { namesOf } from '../names.ts';
import type { Reply } from '../reply.ts';

const NODE = { node: needs('String'), timeout: may('Int') } as const;

export const fcmeshTools: readonly AdminFunction[] = [
  {
    name: 'Fcmesh_ping',
    access: 'reader',
    args: NODE,
    run: async (call) => {
      const target = nodeOf(call, 'node');
      if (target === null) return { error: NOT_A_NODE };
      const { node } = call.context;
      const timeoutMs = timeoutOf(call, DEFAULT_TIMEOUT_MS);
      // Nobody looks for a node at itself: its own switch answers.
      const isSelf = equal(target, node.inspect().address);
      const answer = await (isSelf ? node.pingLabel(SELF_LABEL, timeoutMs, false) : node.ping(target, timeoutMs));
      return {
        ...pingReply(answer),
        address: formatIp6(target),
        tooFar: answer === null ? reasonOf(call, target) : null,
      };
    },
  },
  {
    name: 'Fcmesh_pingLabel',
    access: 'reader',
    args: { label: needs('String'), timeout: may('Int'), keyPing: may('Int') },
    run: async (call) => {
      const label = parseLabel(getText(call.args, 'label') ?? '');
      if (label === null) return { error: 'not a label: it looks like 0000.0000.0000.0013' };
      const keyPing = (getInt(call.args, 'keyPing') ?? 0n) !== 0n;
      return pingReply(await call.context.node.pingLabel(label, timeoutOf(call, DEFAULT_TIMEOUT_MS), keyPing));
    },
  },
  {
    name: 'Fcmesh_trace',
    access: 'reader',
    args: NODE,
    run: async (call) => {
      const target = nodeOf(call, 'node');
      if (target === null) return { error: NOT_A_NODE };
      const hops = await call.context.node.trace(target, timeoutOf(call, DEFAULT_TRACE_TIMEOUT_MS));
      if (hops === null)
        return { error: 'none', found: false, address: formatIp6(target), hops: [], tooFar: reasonOf(call, target) };
      const names = namesOf(call.context.node.peers());
      return {
        error: 'none',
        found: true,
        address: formatIp6(target),
        hops: hops.map((hop) => ({
          address: formatIp6(hop.address),
          name: names(hop.address),
          label: formatLabel(hop.label),
          rttUs: hop.rttUs,
        })),
      };
    },
  },
  {
    name: 'Fcmesh_find',
    access: 'reader',
    args: NODE,
    run: async (call) => {
      const target = nodeOf(call, 'node');
      if (target === null) return { error: NOT_A_NODE };
      const result = await call.context.node.find(target, timeoutOf(call, DEFAULT_TIMEOUT_MS));
      return {
        error: 'none',
        found: result.found,
        address: formatIp6(result.address),
        key: result.key === null ? null : formatPublicKey(result.key),
        label: result.label === null ? null : formatLabel(result.label),
        hops: result.hops,
        queries: result.queries,
        elapsedMs: result.elapsedMs,
        tooFar: result.found ? null : reasonOf(call, target),
      };
    },
  },
  {
    name: 'Fcmesh_stop',
    access: 'operator',
    args: {},
    run: ({ context }) => {
      context.stop();
      return { error: 'none', pid: context.facts.pid };
    },
  },
];

/** Why a node was not reached, where that is known: it is there, but too far away. */
function reasonOf({ context }: Call, target: Ip6): Reply | null {
  const known = context.node.tooFar(target);
  return known === null ? null : { hops: known.hops, missingBits: known.missingBits };
}

function pingReply(answer: PingAnswer | null): Reply {
  if (answer === null) return { error: 'none', answered: false };
  return {
    error: 'none',
    answered: true,
    rttUs: answer.rttUs,
    label: formatLabel(answer.label),
    hops: answer.hops,
    protocol: answer.protocol,
    key: answer.key === null ? null : formatPublicKey(answer.key),
  };
}
