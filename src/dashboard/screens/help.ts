/** All keys on one page. */

import { fit } from '../../text/index.ts';
import { type Line, line, piece } from '../line.ts';

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['1 2 3 4 5', 'peers, sessions, routes, map, log'],
  ['↑ ↓  j k', 'move; page up, page down, home, end as usual'],
  ['enter', 'peers: the last 15 minutes; sessions, map: the path; routes: measure it'],
  ['esc', 'back; clears the filter first'],
  ['/', 'filter by name, address, state; enter keeps it, esc clears it'],
  ['s  S', 'sort by the next column; the other way round'],
  ['t', 'map: tree or both sides'],
  ['q', 'quit'],
];

const WORDS: readonly string[] = [
  'quality  0 to 100: 100 less 4 for each 1 % of loss, 1 for each 10 ms of',
  '         jitter, 1 for each 50 ms of round trip; 80 and more is good.',
  '         A bar is the worst of 10 s, the newest is on the right.',
  'rtt      median of the last pings;  p95: 19 of 20 were faster;  -: not known',
  'in, out  bits per second;  sessions: bytes since they began',
];

/** Everything between head and foot. */
export function helpScreen(): readonly Line[] {
  return [
    ...KEYS.map(([keys, meaning]) => [piece(` ${fit(keys, 11)}`, 'strong'), piece(meaning)]),
    [],
    ...WORDS.map((text) => line(` ${text}`)),
  ];
}
