/**
 * A way that is too long for one label, made shorter: from the node that named it we go along it, hop by hop, until a node
 * is met to which we know a shorter way ourselves. Long ways mostly lead back through a relay that we know.
 * Source: protocol 08 §8 (`gp`), 05 §3.4.
 */
import { writeU64 } from '../../base/index.ts';
import { addressKey, addressOf, type Ip6 } from '../../crypto/index.ts';
import {
  canonical,
  convert,
  type EncodingScheme,
  firstDirector,
  formNumber,
  INVALID,
  log2,
  SELF_LABEL,
  splice,
  V358,
} from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { LISTED_MS, MAX_LISTED, SHORTEN_STEPS } from '../limits.ts';
import { labelOf, shortestPaths } from '../map/paths.ts';
import { type Context, isUsable } from '../query/context.ts';
import type { Answer, Respondent } from '../query/pending.ts';
import { validate } from '../query/validate.ts';
import { TARGET_BYTES } from '../spec.ts';
import { pageLabel } from './crawl.ts';

/** A way in two parts: our label to a node, and that node's label to the end. Both are usable alone, not as one. */
export type LongWay = { readonly at: Respondent; readonly label: Label; readonly rest: Label };

/**
 * Looks for a label to the end of a long way; what is found is only built, nobody has answered over it.
 * @param asking called for each query
 * @param done called once, perhaps at once: the label, or null when a relay is silent or no shorter way is known; then with the
 *   shortest way that was met, which is too long
 */
export function shorten(context: Context, way: LongWay, asking: () => void, done: ShortenDone): void {
  step(context, way, SHORTEN_STEPS, { asking, done });
}

type ShortenDone = (label: Label | null, way: LongWay) => void;

type Callbacks = { readonly asking: () => void; readonly done: ShortenDone };

/** Goes on to the next node of the way, and from there over the narrowest label. */
function step(context: Context, way: LongWay, steps: number, { asking, done }: Callbacks): void {
  const scheme = schemeOf(context, way.at.address);
  const director = firstDirector(way.rest, scheme);
  if (director === null || log2(way.rest) < director.bits || steps === 0) return done(null, way);
  const goOn = (next: Respondent): void => {
    const ways = waysOver(context, way, director.bits, next);
    const label = ways.map(({ label, rest }) => splice(rest, label)).find((label) => label !== INVALID);
    if (label !== undefined) return done(label, way);
    const narrowest = ways.reduce<LongWay | null>(
      (a, b) => (a === null || log2(b.label) < log2(a.label) ? b : a),
      null,
    );
    if (narrowest === null) return done(null, way);
    step(context, narrowest, steps - 1, { asking, done });
  };
  const known = context.map
    .get(addressKey(way.at.address))
    ?.links.find((link) => link.interfaceNumber === director.number);
  if (known !== undefined && known.downUntilMs <= context.nowMs) return goOn(known.to);
  const target = new Uint8Array(TARGET_BYTES.label);
  writeU64(target, 0, pageLabel(scheme, director.number));
  const isSent = validate(context, {
    to: way.at,
    label: way.label,
    purpose: 'urgent',
    query: 'gp',
    target,
    tries: 2,
    impatient: true,
    done: (answer) => {
      const next = answer === null ? null : peerBehind(context, answer, director.number, scheme);
      if (next === null) done(null, way);
      else goOn(next);
    },
  });
  if (isSent) asking();
  else done(null, way);
}

/** The way from its next node on: over labels of ours to that node, cheapest first, and as it was. */
function waysOver(context: Context, way: LongWay, bits: number, next: Respondent): readonly LongWay[] {
  const { map, nowMs } = context;
  const rest = way.rest >> BigInt(bits);
  const scheme = schemeOf(context, next.address);
  const narrow = rest === SELF_LABEL ? rest : canonical(scheme, rest);
  const ways: LongWay[] = [];
  // A relay's director is as wide as its interface toward us needs.
  const add = (label: Label | null, inverseForm: number): void => {
    if (label === null || narrow === null) return;
    const isWide = narrow === SELF_LABEL || (formNumber(narrow, scheme) ?? 0) >= inverseForm;
    const widened = isWide ? narrow : convert(scheme, narrow, inverseForm);
    if (widened !== INVALID) ways.push({ at: next, label, rest: widened });
  };
  const node = map.get(addressKey(next.address));
  if (addressKey(next.address) === map.self.id) add(SELF_LABEL, 0);
  if (node !== undefined) {
    const reach = shortestPaths(map, { nowMs, overPaths: true, target: node }).get(node);
    if (reach !== undefined) add(labelOf(reach), reach.inverseForm);
    for (const path of node.paths) if (isUsable(path, nowMs, LISTED_MS)) add(path.label, path.inverseForm);
  }
  const hop = BigInt.asUintN(bits, way.rest) | (1n << BigInt(bits));
  const onward = splice(hop, way.label);
  if (onward !== INVALID) ways.push({ at: next, label: onward, rest });
  return ways;
}

/** The peer that a reply lists behind an interface. */
function peerBehind(
  context: Context,
  answer: Answer,
  interfaceNumber: number,
  scheme: EncodingScheme,
): Respondent | null {
  for (const { key, label, protocol } of answer.reply.nodes.slice(-MAX_LISTED)) {
    const director = firstDirector(label, scheme);
    if (director?.number !== interfaceNumber || log2(label) !== director.bits) continue;
    const address = addressOf(context.options.crypto, key);
    return address === null ? null : { key, address, protocol };
  }
  return null;
}

function schemeOf(context: Context, address: Ip6): EncodingScheme {
  return context.map.get(addressKey(address))?.scheme ?? V358;
}
