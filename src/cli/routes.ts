/** `fcmesh routes`: the nodes this one knows a way to. */
import type { BencodeMap } from '../base/index.ts';
import { formatMs, formatPercent, formatText } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { msOf, numberOf, percentOf, textOf } from './fields.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson } from './output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ADDRESS' },
  { title: 'LABEL' },
  { title: 'HOPS', align: 'right' },
  { title: 'RTT', align: 'right' },
  { title: 'LOSS', align: 'right' },
  { title: 'PROTOCOL', align: 'right' },
  { title: 'VIA' },
];

/** @returns the exit code; a node without routes is no failure */
export async function run(options: CommonOptions): Promise<number> {
  const routes = (await clientOf(options).list('Fcmesh_routes', 'routes')).map(routeOf);
  if (options.json === true) {
    printJson(routes);
    return EXIT.done;
  }
  if (routes.length === 0) {
    print('No routes: no peer is connected yet.');
    return EXIT.done;
  }
  const rows = routes.map((route) => [
    formatText(route.address),
    formatText(route.label),
    formatText(route.hops),
    formatMs(route.rttMs),
    formatPercent(route.lossPercent),
    formatText(route.protocol),
    formatText(route.via),
  ]);
  print(...renderTable(COLUMNS, rows));
  return EXIT.done;
}

function routeOf(map: BencodeMap) {
  return {
    address: textOf(map, 'address'),
    key: textOf(map, 'key'),
    label: textOf(map, 'label'),
    hops: numberOf(map, 'hops'),
    rttMs: msOf(map, 'rttUs'),
    lossPercent: percentOf(map, 'lossPpm'),
    via: textOf(map, 'via'),
    protocol: numberOf(map, 'protocol'),
  };
}
