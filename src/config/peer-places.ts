/**
 * Where a peer is, as the file has it: `endpoint`, or `endpoints` for several; exactly one of the two. Everybody else knows
 * the list only.
 */
import { MAX_ENDPOINTS, type PeerToDial } from '../link/index.ts';
import { type Endpoints, formatEndpoint } from '../underlay/index.ts';
import type { WrittenPeer } from './config.ts';
import type { Problem } from './problem.ts';
import type { Place } from './reader.ts';

type Places = ReadonlyMap<string, Place>;

/** An entry with the endpoints of either key. Without any the list is empty, which `placeProblems` refuses. */
export function withEndpoints({ endpoint, endpoints, ...rest }: WrittenPeer): PeerToDial {
  const all = endpoints ?? (endpoint === null ? [] : [endpoint]);
  return { ...rest, endpoints: all as unknown as Endpoints };
}

/** Where an endpoint of a peer stands in the file. @param peer index of the entry @param index of the endpoint in its list */
export function pathOfEndpoint(peer: number, index: number, places: Places): string {
  const list = `peers[${peer}].endpoints`;
  return places.has(list) ? `${list}[${index}]` : `peers[${peer}].endpoint`;
}

/** Entries with both keys, with none, or with more endpoints than are dialled. */
export function placeProblems(peers: readonly PeerToDial[], places: Places): readonly Problem[] {
  return peers.flatMap(({ endpoints }, index) => {
    const entry = `peers[${index}]`;
    const list = `${entry}.endpoints`;
    const at = (path: string, message: string, suggestion: string): readonly Problem[] => [
      { ...(places.get(path) ?? places.get(entry) ?? { line: 1, column: 1 }), path, message, suggestion },
    ];
    if (places.has(list) && places.has(`${entry}.endpoint`))
      return at(list, 'stands beside endpoint', 'keep one of the two');
    if (places.has(list) && endpoints.length === 0) return at(list, 'names no endpoint', 'write at least one');
    if (endpoints.length === 0)
      return at(entry, 'the key "endpoint" is missing', 'write where it is: endpoint, or endpoints for several');
    if (endpoints.length <= MAX_ENDPOINTS) return [];
    return at(
      `${list}[${MAX_ENDPOINTS}]`,
      'is one too many',
      `at most ${MAX_ENDPOINTS} endpoints of a peer are dialled`,
    );
  });
}

/** Endpoints that stand twice, in one entry or in two. */
export function repeatedPlaces(peers: readonly PeerToDial[], places: Places): readonly Problem[] {
  const first = new Map<string, { readonly peer: number; readonly path: string }>();
  const problems: Problem[] = [];
  peers.forEach(({ endpoints }, peer) => {
    endpoints.forEach((endpoint, index) => {
      const path = pathOfEndpoint(peer, index, places);
      const text = formatEndpoint(endpoint);
      const earlier = first.get(text);
      if (earlier === undefined) {
        first.set(text, { peer, path });
        return;
      }
      const line = places.get(earlier.path)?.line;
      const where = line === undefined ? '' : ` (line ${line})`;
      const [message, suggestion] =
        earlier.peer === peer
          ? [`is listed twice${where}`, 'remove one of the two']
          : [`another entry has this endpoint${where}`, 'one node answers at an endpoint: remove one of the two'];
      problems.push({ ...(places.get(path) ?? { line: 1, column: 1 }), path, message, suggestion });
    });
  });
  return problems;
}
