/**
 * What this node itself would answer to a router query: tools ask their own node in the same words as any other.
 * Source: protocol 08 §3, 10 §2 "Router and sessions".
 * Only the order of `gp` differs: tools take the first entry as the node itself.
 */
import { equal, readU64 } from '../../base/index.ts';
import { asIp6, compareDistance } from '../../crypto/index.ts';
import type { AdminAnswer, AdminQuery, NodeSnapshot } from '../../node/index.ts';
import { SELF_LABEL, V358_BYTES } from '../../switch/index.ts';
import type { ListedNode } from '../../wire/index.ts';
import { MAX_LISTED_NODES } from '../spec.ts';

/** The answer; labels of its nodes count from here. */
export function ownAnswer(
  snapshot: NodeSnapshot,
  { query, target }: Pick<AdminQuery, 'query' | 'target'>,
): AdminAnswer {
  const nodes = nodesFor(snapshot, query, target).slice(0, MAX_LISTED_NODES);
  return { rttUs: 0, protocol: snapshot.protocol, scheme: V358_BYTES, formNumber: 0, nodes };
}

function nodesFor(snapshot: NodeSnapshot, query: string, target: Uint8Array | null): readonly ListedNode[] {
  const { key, address, protocol, routes } = snapshot;
  const self: ListedNode = { key, address, label: SELF_LABEL, protocol };
  if (query === 'gp') {
    const nearby = target?.length === 8 ? readU64(target, 0) : SELF_LABEL;
    const peers = routes.filter(({ via, label }) => via === null && label >= nearby);
    return [self, ...peers.sort((a, b) => (a.label < b.label ? -1 : 1))];
  }
  const sought = target === null ? null : asIp6(target);
  if (sought === null) return [];
  const near = [...routes].sort((a, b) => compareDistance(sought, a.address, b.address));
  if (query === 'fn') return near;
  return equal(sought, address) ? [self] : near.slice(0, 1);
}
