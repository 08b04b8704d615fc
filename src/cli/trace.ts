/** `fcmesh trace NODE`: every hop on the way, with cumulative round trips. */
import { asMap, getInt, getList } from '../base/index.ts';
import { formatMs, formatText } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { msOf, textOf } from './fields.ts';
import { TRACE_TIMEOUT_MS } from './limits.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, note, print, printJson, withProgress } from './output.ts';
import { renderTable } from './table.ts';
import { tooFarOf, tooFarText } from './too-far.ts';

/** @returns 1 if no way to the node was found */
export async function run(node: string, options: CommonOptions): Promise<number> {
  const work = clientOf(options).call('Fcmesh_trace', { node }, TRACE_TIMEOUT_MS);
  const reply = await withProgress(`tracing ${node}`, options.json === true, work);
  const hops = (getList(reply, 'hops') ?? []).map((hop) => {
    const map = asMap(hop) ?? new Map();
    return {
      address: textOf(map, 'address'),
      name: textOf(map, 'name'),
      label: textOf(map, 'label'),
      rttMs: msOf(map, 'rttUs'),
    };
  });
  const isFound = getInt(reply, 'found') === 1n;
  const tooFar = tooFarOf(reply);
  if (options.json === true) printJson({ address: textOf(reply, 'address'), hops, tooFar });
  else if (!isFound) note(tooFar === null ? `No way to ${node} is known.` : tooFarText(node, tooFar));
  else {
    const rows = hops.map((hop, index) => [
      String(index + 1),
      formatText(hop.name),
      formatText(hop.address),
      formatText(hop.label),
      formatMs(hop.rttMs),
    ]);
    print(
      ...renderTable(
        [
          { title: 'HOP', align: 'right' },
          { title: 'NAME' },
          { title: 'ADDRESS' },
          { title: 'LABEL' },
          { title: 'RTT', align: 'right' },
        ],
        rows,
      ),
    );
  }
  return isFound ? EXIT.done : EXIT.failed;
}
