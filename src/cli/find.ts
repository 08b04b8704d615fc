/** `fcmesh find NODE`: looks a node up in the mesh. */
import { getInt } from '../base/index.ts';
import { formatMs, formatText } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { countOf, numberOf, textOf } from './fields.ts';
import { FIND_TIMEOUT_MS } from './limits.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson, withProgress } from './output.ts';
import { renderPairs } from './table.ts';
import { tooFarOf, tooFarText } from './too-far.ts';

/** @returns 1 if the node was not found */
export async function run(node: string, options: CommonOptions): Promise<number> {
  const work = clientOf(options).call('Fcmesh_find', { node }, FIND_TIMEOUT_MS);
  const reply = await withProgress(`looking for ${node}`, options.json === true, work);
  const result = {
    found: getInt(reply, 'found') === 1n,
    address: textOf(reply, 'address'),
    key: textOf(reply, 'key'),
    label: textOf(reply, 'label'),
    hops: numberOf(reply, 'hops'),
    queries: countOf(reply, 'queries'),
    elapsedMs: countOf(reply, 'elapsedMs'),
    tooFar: tooFarOf(reply),
  };
  if (options.json === true) printJson(result);
  else {
    print(
      ...renderPairs([
        ['found', result.found ? 'yes' : 'no'],
        ['address', formatText(result.address)],
        ['key', formatText(result.key)],
        ['label', formatText(result.label)],
        ['hops', formatText(result.hops)],
        ['queries', String(result.queries)],
        ['took', formatMs(result.elapsedMs)],
      ]),
      ...(result.tooFar === null ? [] : ['', tooFarText(result.address ?? node, result.tooFar)]),
    );
  }
  return result.found ? EXIT.done : EXIT.failed;
}
