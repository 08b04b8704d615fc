/** `fcmesh routes`: the nodes this one knows a way to. */
import type { BencodeMap } from '../base/index.ts';
import { formatMs, formatPercent, formatText } from '../text/index.ts';
import { msOf, numberOf, percentOf, textOf } from './fields.ts';
import { type Listing, runListing } from './listing.ts';
import type { CommonOptions } from './options.ts';

const LISTING: Listing<ReturnType<typeof routeOf>> = {
  call: 'Fcmesh_routes',
  field: 'routes',
  read: routeOf,
  columns: [
    { title: 'NAME', cell: (route) => formatText(route.name) },
    { title: 'ADDRESS', cell: (route) => formatText(route.address) },
    { title: 'LABEL', cell: (route) => formatText(route.label) },
    { title: 'HOPS', align: 'right', cell: (route) => formatText(route.hops) },
    { title: 'RTT', align: 'right', cell: (route) => formatMs(route.rttMs) },
    { title: 'LOSS', align: 'right', cell: (route) => formatPercent(route.lossPercent) },
    { title: 'PROTOCOL', align: 'right', cell: (route) => formatText(route.protocol) },
    { title: 'VIA', cell: (route) => formatText(route.via) },
  ],
  none: 'No routes: no peer is connected yet.',
};

/** @returns the exit code; a node without routes is no failure */
export async function run(options: CommonOptions): Promise<number> {
  return runListing(options, LISTING);
}

function routeOf(map: BencodeMap) {
  return {
    address: textOf(map, 'address'),
    name: textOf(map, 'name'),
    key: textOf(map, 'key'),
    label: textOf(map, 'label'),
    hops: numberOf(map, 'hops'),
    rttMs: msOf(map, 'rttUs'),
    lossPercent: percentOf(map, 'lossPpm'),
    via: textOf(map, 'via'),
    protocol: numberOf(map, 'protocol'),
  };
}
