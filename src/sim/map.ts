/** What the observer of a world sees: who is linked with whom by which interface, and where a label really leads. */
import { hopsOf } from '../switch/index.ts';
import type { Label } from '../wire/index.ts';
import type { Adjacency, Hop } from './optimum.ts';
import type { World } from './world.ts';

/** The links that are established at both ends and pass datagrams now. */
export function adjacencyOf(world: World): Adjacency {
  const numbers = Array.from({ length: world.graph.size }, (_, host) => establishedPeers(world, host));
  return numbers.map((peers, host) => {
    const hops: Hop[] = [];
    for (const [to, out] of peers) {
      const into = numbers[to]?.get(host);
      const link = world.underlay.link(host, to);
      if (into === undefined || link === null || !world.underlay.passable(host, to)) continue;
      hops.push({ to, latencyMs: link.latencyMs + link.jitterMs / 2, out, into });
    }
    return hops;
  });
}

/** Interface numbers of the established peers of a host, by host. */
function establishedPeers(world: World, host: number): Map<number, number> {
  const peers = new Map<number, number>();
  for (const peer of world.running(host)?.node.peers() ?? []) {
    const other = world.hostOf(peer.address);
    if (other !== null && peer.state === 'established') peers.set(other, peer.interfaceNumber);
  }
  return peers;
}

/** A label followed hop by hop: where it ends, and the latency one way; null if a hop does not exist. */
export function follow(
  adjacency: Adjacency,
  from: number,
  label: Label,
): { readonly end: number; readonly latencyMs: number; readonly hops: number } | null {
  const interfaces = hopsOf(label);
  if (interfaces === null) return null;
  let end = from;
  let latencyMs = 0;
  for (const out of interfaces) {
    const hop = adjacency[end]?.find((candidate) => candidate.out === out);
    if (hop === undefined) return null;
    end = hop.to;
    latencyMs += hop.latencyMs;
  }
  return { end, latencyMs, hops: interfaces.length };
}

/** The label user data of `from` to `to` goes on, null if there is none. */
export function sessionLabel(world: World, from: number, to: number): Label | null {
  const sessions = world.running(from)?.node.inspect().sessions ?? [];
  return sessions.find((session) => world.hostOf(session.address) === to)?.label ?? null;
}
