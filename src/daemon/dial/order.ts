/** In which order the places of a peer are dialled. Source: RFC 8305 §4. */
import { type Endpoint, formatEndpoint, hostPortOf, isIp6 } from '../../underlay/index.ts';

/** Is it an endpoint over IPv6? */
export function isOverIp6(at: Endpoint): boolean {
  return isIp6(hostPortOf(at)?.host ?? '');
}

/** What one name led to: IPv6 and IPv4 in turn, IPv6 first, each family as the resolver had it. */
export function alternating(found: readonly Endpoint[]): readonly Endpoint[] {
  const six = found.filter(isOverIp6);
  const others = found.filter((at) => !isOverIp6(at));
  const turns = Array.from({ length: Math.max(six.length, others.length) }, (_, turn) => turn);
  return turns.flatMap((turn) => [six[turn], others[turn]]).filter((at) => at !== undefined);
}

/**
 * The places of all endpoints of a peer in the order in which these were written, each place once.
 * @param lists what each endpoint leads to, itself where it is numeric
 * @param most so many at most: whoever leads to most gives up the last, so that each keeps at least one
 */
export function inOrder(lists: readonly (readonly Endpoint[])[], most: number): readonly Endpoint[] {
  const seen = new Set<string>();
  const unlike = lists.map((list) =>
    list.filter((at) => {
      const text = formatEndpoint(at);
      const isNew = !seen.has(text);
      seen.add(text);
      return isNew;
    }),
  );
  for (let over = seen.size - most; over > 0; over--) longestOf(unlike)?.pop();
  return unlike.flat();
}

function longestOf(lists: readonly Endpoint[][]): Endpoint[] | undefined {
  const length = Math.max(...lists.map((list) => list.length));
  return lists.findLast((list) => list.length === length);
}
