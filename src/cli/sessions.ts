/** `fcmesh sessions`: the encrypted conversations with other nodes, near and far. */
import type { BencodeMap } from '../base/index.ts';
import { formatBytes, formatDuration, formatMs, formatText, sessionState } from '../text/index.ts';
import { countOf, msOf, numberOf, textOf } from './fields.ts';
import { type Listing, runListing } from './listing.ts';
import type { CommonOptions } from './options.ts';

const LISTING: Listing<ReturnType<typeof sessionOf>> = {
  call: 'Fcmesh_sessions',
  field: 'sessions',
  read: sessionOf,
  columns: [
    { title: 'NAME', cell: (session) => formatText(session.name) },
    { title: 'ADDRESS', cell: (session) => formatText(session.address) },
    { title: 'STATE', cell: (session) => formatText(sessionState(session.state)) },
    { title: 'LABEL', cell: (session) => formatText(session.label) },
    { title: 'HOPS', align: 'right', cell: (session) => formatText(session.hops) },
    { title: 'RTT', align: 'right', cell: (session) => formatMs(session.rttMs) },
    { title: 'RECEIVED', align: 'right', cell: (session) => formatBytes(session.rxBytes) },
    { title: 'SENT', align: 'right', cell: (session) => formatBytes(session.txBytes) },
    { title: 'AGE', align: 'right', cell: (session) => formatDuration(session.ageSeconds) },
  ],
  none: 'No sessions: nobody has talked to a node of the mesh lately.',
};

/** @returns the exit code; a node without sessions is no failure */
export async function run(options: CommonOptions): Promise<number> {
  return runListing(options, LISTING);
}

function sessionOf(map: BencodeMap) {
  return {
    key: textOf(map, 'key'),
    address: textOf(map, 'address'),
    name: textOf(map, 'name'),
    state: textOf(map, 'state'),
    label: textOf(map, 'label'),
    hops: numberOf(map, 'hops'),
    rttMs: msOf(map, 'rttUs'),
    rxBytes: countOf(map, 'rxBytes'),
    txBytes: countOf(map, 'txBytes'),
    ageSeconds: countOf(map, 'ageSeconds'),
  };
}
