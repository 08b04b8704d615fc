/**
 * A search that its caller watches: every answer is sent as it comes, then the end. Source: protocol 10 §2
 * "SearchRunner_search", 08 §6. It asks with `fn`, nearest node first; the paths that carry data are found by `route/`.
 */
import { equal, getInt, getText } from '../../base/index.ts';
import {
  addressKey,
  addressOf,
  closerTo,
  compareDistance,
  type Ip6,
  isMeshAddress,
  parseIp6,
} from '../../crypto/index.ts';
import type { AdminAnswer } from '../../node/index.ts';
import { isUsable, splice } from '../../switch/index.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { DEFAULT_TIMEOUT_MS, SEARCH_STEP_MS } from '../limits.ts';
import type { Reply } from '../reply.ts';
import { MAX_SEARCH_REQUESTS, SEARCH_REQUESTS } from '../spec.ts';
import { addressText, known, listedNodes, type Reached } from './node-reply.ts';

const END: Reply = { complete: 1, error: 'none' };

export const searchRunner: readonly AdminFunction[] = [
  {
    name: 'SearchRunner_search',
    access: 'operator',
    args: { ipv6: needs('String'), maxRequests: may('Int') },
    run: search,
  },
  {
    name: 'SearchRunner_showActiveSearch',
    access: 'operator',
    args: { number: needs('Int') },
    // Those of the router are its own business; those of callers end before anybody could look.
    run: () => ({ activeSearches: 0, error: 'none' }),
  },
];

async function search(call: Call): Promise<Reply> {
  const { node } = call.context;
  const target = parseIp6(getText(call.args, 'ipv6') ?? '');
  if (target === null || !isMeshAddress(target)) return { error: 'ipv6 invalid' };
  const asked = new Set<string>();
  let candidates: readonly Reached[] = node.inspect().routes;
  for (let requests = requestsOf(call); requests > 0; requests--) {
    const [next] = candidates
      .filter(({ address }) => !asked.has(addressKey(address)))
      .sort((a, b) => compareDistance(target, a.address, b.address));
    if (next === undefined) break;
    asked.add(addressKey(next.address));
    const answer = await node.query({ ...next, query: 'fn', target }, SEARCH_STEP_MS);
    if (answer === null) continue;
    call.push({ from: addressText(next), ms: answer.rttUs / 1000, nodes: listedNodes(answer, next.label) });
    if (equal(next.address, target)) return END;
    candidates = [...candidates, ...nearer(call, answer, next, target)];
  }
  // The router knows more ways to look.
  const found = await node.find(target, DEFAULT_TIMEOUT_MS);
  if (found.found && found.key !== null && found.label !== null) {
    const protocol = known(node.inspect(), target)?.protocol ?? 0;
    const from = addressText({ key: found.key, label: found.label, protocol });
    call.push({ from, ms: found.elapsedMs, nodes: [from] });
  }
  return END;
}

/** Nonsense and 0 mean what stock does of itself. */
function requestsOf({ args }: Call): number {
  const asked = getInt(args, 'maxRequests') ?? 0n;
  if (asked <= 0n) return SEARCH_REQUESTS;
  return asked > BigInt(MAX_SEARCH_REQUESTS) ? MAX_SEARCH_REQUESTS : Number(asked);
}

/** The nodes of an answer that are closer to the target than who answered, and can be reached over it. */
function nearer({ context }: Call, answer: AdminAnswer, from: Reached, target: Ip6): readonly Reached[] {
  return answer.nodes.flatMap(({ key, label, protocol }) => {
    const address = addressOf(context.crypto, key);
    const there = splice(label, from.label);
    const isNearer = address !== null && isUsable(there) && closerTo(target, address, from.address);
    return isNearer ? [{ key, address, label: there, protocol }] : [];
  });
}
