/** What others ask for: `ping`, `find`, `trace` of a node by its address, and whether a label leads to it. */
import { addressKey, type Ip6 } from '../crypto/index.ts';
import { SELF_LABEL } from '../switch/index.ts';
import type { Label } from '../wire/index.ts';
import { FRESH_MS, MAX_TRACES, SEARCH_QUERIES } from './limits.ts';
import type { KnownPath } from './map/known-path.ts';
import type { MapNode } from './map/map.ts';
import { bestPath, type Context } from './query/context.ts';
import type { Answer, Respondent } from './query/pending.ts';
import { validate } from './query/validate.ts';
import type { Crawl } from './search/crawl.ts';
import { askNextHop, prefixes, waysTo } from './search/improve.ts';
import type { Searches, SearchResult } from './search/search.ts';
import { MAX_LABEL_BITS } from './spec.ts';
import type { Effect, TraceStep } from './types.ts';

/** The commands of one router. Each answers with exactly one effect that carries its `id`. */
export type Commands = {
  readonly ping: (id: number, address: Ip6) => void;
  readonly find: (id: number, address: Ip6) => void;
  readonly trace: (id: number, address: Ip6) => void;
  /** Asks whether a label that somebody names leads to the node. */
  readonly check: (id: number, to: Respondent, label: Label) => void;
};

/** What a location came to. */
type Located = {
  readonly node: MapNode | null;
  readonly path: KnownPath | null;
  readonly queries: number;
  readonly answer: Answer | null;
};

export function createCommands(context: Context, crawl: Crawl, searches: Searches): Commands {
  let traces = 0;

  function emit(effect: Effect): void {
    context.effects.push(effect);
  }

  /** Finds a verified path: known, by the map, or by search. */
  function locate(address: Ip6, then: (located: Located) => void): void {
    const node = context.map.get(addressKey(address));
    const known = node === undefined ? null : bestPath(context, node, FRESH_MS);
    if (node !== undefined && known !== null) return then({ node, path: known, queries: 0, answer: null });
    let queries = 0;
    /** The attempts under way, and one for this function itself. */
    let open = 1;
    let ended = false;
    const end = (answer: Answer | null, asked: number): void => {
      queries += asked;
      open--;
      if (ended || (answer === null && open > 0)) return;
      ended = true;
      then({ node: answer?.node ?? null, path: answer?.path ?? null, queries, answer });
    };
    const labels = node === undefined ? [] : waysTo(context, node, new Set());
    for (const label of labels) {
      open++;
      if (
        node === undefined ||
        !validate(context, { to: node, label, purpose: 'urgent', impatient: true, done: (answer) => end(answer, 1) })
      )
        open--;
    }
    open++;
    const done = (result: SearchResult): void => {
      if (!result.found) crawl.again();
      end(result.answer, result.queries);
    };
    if (!searches.start({ target: address, queries: SEARCH_QUERIES, purpose: 'urgent', wanted: true, done })) open--;
    end(null, 0);
  }

  function ping(id: number, address: Ip6): void {
    locate(address, ({ node, path, answer }) => {
      if (node === null || path === null) return pong(id, node, path, null);
      if (answer !== null) return pong(id, node, path, answer.rttMs);
      const done = (reply: Answer | null): void => pong(id, node, path, reply?.rttMs ?? null);
      if (!validate(context, { to: node, label: path.label, purpose: 'urgent', tries: 1, done }))
        pong(id, node, path, null);
    });
  }

  function pong(id: number, node: MapNode | null, path: KnownPath | null, rttMs: number | null): void {
    const { key = null, protocol = 0 } = node ?? {};
    emit({ type: 'pong', id, rttMs, key, label: path?.label ?? null, hops: path?.hops ?? null, protocol });
  }

  function find(id: number, address: Ip6): void {
    const startMs = context.nowMs;
    locate(address, ({ node, path, queries }) => {
      emit({
        type: 'searchEnded',
        id,
        address,
        found: path !== null,
        key: node?.key ?? null,
        label: path?.label ?? null,
        hops: path?.hops ?? null,
        queries,
        elapsedMs: context.nowMs - startMs,
        tooFar: path === null ? context.far.get(addressKey(address), context.nowMs) : null,
      });
    });
  }

  function trace(id: number, address: Ip6): void {
    if (traces >= MAX_TRACES) return emit({ type: 'traceEnded', id, address, hops: null });
    traces++;
    const end = (hops: readonly TraceStep[] | null): void => {
      traces--;
      emit({ type: 'traceEnded', id, address, hops });
    };
    locate(address, ({ path }) => {
      if (path === null) return end(null);
      walk(path, MAX_LABEL_BITS, end);
    });
  }

  /** Learns the relays one by one, then asks all of them at once. */
  function walk(path: KnownPath, steps: number, end: (hops: readonly TraceStep[]) => void): void {
    const { rest } = context.map.decode(path.label);
    const isKnown = rest === SELF_LABEL || steps === 0;
    const next = (): void => walk(path, context.map.decode(path.label).rest < rest ? steps - 1 : 0, end);
    if (isKnown || !askNextHop(context, crawl, path.label, 'urgent', next)) measure(path, end);
  }

  function measure(path: KnownPath, end: (hops: readonly TraceStep[]) => void): void {
    const steps: { node: MapNode; step: TraceStep }[] = prefixes(context, path.label).map(([node, label]) => ({
      node,
      step: { address: node.address, key: node.key, label, rttMs: null },
    }));
    let open = steps.length;
    const finish = (): void => {
      open--;
      if (open <= 0) end(steps.map(({ step }) => step));
    };
    if (open === 0) return finish();
    for (const [index, { node, step }] of steps.entries()) {
      const done = (answer: Answer | null): void => {
        if (answer !== null) steps[index] = { node, step: { ...step, rttMs: answer.rttMs } };
        finish();
      };
      if (!validate(context, { to: node, label: step.label, purpose: 'urgent', tries: 2, done })) finish();
    }
  }

  function check(id: number, to: Respondent, label: Label): void {
    const done = (answer: Answer | null): void =>
      pong(id, answer?.node ?? null, answer?.path ?? null, answer?.rttMs ?? null);
    if (!validate(context, { to, label, purpose: 'urgent', done })) done(null);
  }

  return { ping, find, trace, check };
}
