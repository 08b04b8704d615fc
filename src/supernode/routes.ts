/** Routes asked of the supernode: one question at a time for each target, and not too often. Source: protocol 09 §2, §4. */
import { BoundedMap, equal } from '../base/index.ts';
import { addressKey, addressOf, type Ip6 } from '../crypto/index.ts';
import { isUsable, SELF_LABEL } from '../switch/index.ts';
import type { Context } from './context.ts';
import { MAX_ROUTE_PAUSES, MAX_ROUTE_QUERIES, ROUTE_PAUSE_MS } from './limits.ts';
import type { Answer } from './queries.ts';
import { MIN_PROTOCOL } from './spec.ts';

/** The routes of one client. */
export type Routes = {
  /** Ends with one `route` or `noRoute` effect, at once or later; with none if the same is being asked already. */
  readonly want: (address: Ip6) => void;
};

export function createRoutes(context: Context): Routes {
  const { counters, crypto, identity } = context.options;
  const asking = new Set<string>();
  const askedMs = new BoundedMap<string, number>(MAX_ROUTE_PAUSES);

  function want(address: Ip6): void {
    const { inUse, peers, nowMs } = context;
    const id = addressKey(address);
    if (asking.has(id)) return;
    if (inUse === null || peers.some((peer) => equal(peer.address, address))) return none(address);
    // The way to the supernode itself is known, and has been answered over.
    if (equal(inUse.address, address)) {
      const { key, label, protocol } = inUse;
      return void context.effects.push({ type: 'route', key, address, label, protocol });
    }
    if (nowMs - (askedMs.get(id) ?? Number.NEGATIVE_INFINITY) < ROUTE_PAUSE_MS) return none(address);
    if (asking.size >= MAX_ROUTE_QUERIES) {
      counters.add('supernode.routeLimit');
      return none(address);
    }
    const done = (answer: Answer | null): void => {
      asking.delete(id);
      if (answer === null) counters.add('supernode.noAnswer');
      if (answer === null || !take(address, answer)) none(address);
    };
    const asked = context.queries.ask(context, inUse, {
      query: 'gr',
      source: identity.address,
      target: address,
      done,
    });
    if (!asked) return none(address);
    asking.add(id);
    askedMs.delete(id);
    askedMs.set(id, nowMs);
  }

  /** Only the first entry counts, and only if its key is that of the target (protocol 09 §2). */
  function take(address: Ip6, { reply }: Answer): boolean {
    const [node] = reply.nodes;
    if (node === undefined) return false;
    const owner = addressOf(crypto, node.key);
    const isGood =
      owner !== null &&
      equal(owner, address) &&
      node.protocol >= MIN_PROTOCOL &&
      isUsable(node.label) &&
      node.label !== SELF_LABEL;
    counters.add(isGood ? 'supernode.route' : 'supernode.badRoute');
    if (isGood) context.effects.push({ type: 'route', ...node, address });
    return isGood;
  }

  function none(address: Ip6): void {
    context.effects.push({ type: 'noRoute', address });
  }

  return { want };
}
