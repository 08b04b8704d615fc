/** `fcmesh sessions`: the encrypted conversations with other nodes, near and far. */
import type { BencodeMap } from '../base/index.ts';
import { formatBytes, formatDuration, formatMs, formatText } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { countOf, msOf, numberOf, textOf } from './fields.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson } from './output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ADDRESS' },
  { title: 'STATE' },
  { title: 'LABEL' },
  { title: 'HOPS', align: 'right' },
  { title: 'RTT', align: 'right' },
  { title: 'RECEIVED', align: 'right' },
  { title: 'SENT', align: 'right' },
  { title: 'AGE', align: 'right' },
];

/** @returns the exit code; a node without sessions is no failure */
export async function run(options: CommonOptions): Promise<number> {
  const sessions = (await clientOf(options).list('Fcmesh_sessions', 'sessions')).map(sessionOf);
  if (options.json === true) {
    printJson(sessions);
    return EXIT.done;
  }
  if (sessions.length === 0) {
    print('No sessions: nobody has talked to a node of the mesh lately.');
    return EXIT.done;
  }
  const rows = sessions.map((session) => [
    formatText(session.address),
    formatText(session.state),
    formatText(session.label),
    formatText(session.hops),
    formatMs(session.rttMs),
    formatBytes(session.rxBytes),
    formatBytes(session.txBytes),
    formatDuration(session.ageSeconds),
  ]);
  print(...renderTable(COLUMNS, rows));
  return EXIT.done;
}

function sessionOf(map: BencodeMap) {
  return {
    key: textOf(map, 'key'),
    address: textOf(map, 'address'),
    state: textOf(map, 'state'),
    label: textOf(map, 'label'),
    hops: numberOf(map, 'hops'),
    rttMs: msOf(map, 'rttUs'),
    rxBytes: countOf(map, 'rxBytes'),
    txBytes: countOf(map, 'txBytes'),
    ageSeconds: countOf(map, 'ageSeconds'),
  };
}
