// The tables of scripts/bench --scale. Differences are to the first line: what one daemon costs without anybody is in it.
import { table } from '../tables.mjs';
import { FEWEST_FOR_MEMORY, GOALS, perOne } from './growth.mjs';

const fixed = (value, digits) => (typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '-');
const mb = (kib) => fixed(kib / 1024, 1);

export function linksTable(rows) {
  const cpu = perOne(rows, 'cpuPercent');
  const kib = perOne(rows, 'residentKib', FEWEST_FOR_MEMORY);
  const head = ['links', 'idle CPU %', '% a link', 'packets/s a link', 'MB', 'KiB a link'];
  const lines = rows.map((row, i) => [
    String(row.number),
    fixed(row.cpuPercent, 2),
    fixed(cpu[i], 4),
    fixed(row.packetsPerSecondPerLink, 2),
    mb(row.residentKib),
    fixed(kib[i], 1),
  ]);
  const { cpuPercentPerLink, packetsPerSecondPerLink, kibPerLink } = GOALS;
  lines.push(['goal', '', String(cpuPercentPerLink), String(packetsPerSecondPerLink), '', `< ${kibPerLink}`]);
  return `Idle links of one node (% of a core; packets on the cable, both ways)\n${table(head, lines)}`;
}

export function sessionsTable(rows) {
  const kib = perOne(rows, 'residentKib', FEWEST_FOR_MEMORY);
  const lines = rows.map((row, i) => [String(row.number), mb(row.residentKib), fixed(kib[i], 1)]);
  lines.push(['goal', '', `< ${GOALS.kibPerSession}`]);
  return `Sessions of one node\n${table(['sessions', 'MB', 'KiB a session'], lines)}`;
}

export function spreadLine({ count, one, many, ratio }) {
  const half = ({ mbit, hubNsPerByte }) => [fixed(mbit, 0), fixed(hubNsPerByte, 2)];
  const lines = [
    ['1 session', ...half(one)],
    [`${count} sessions, a link each`, ...half(many)],
    ['ratio', `${fixed(ratio, 2)}`, ''],
    ['goal', `>= ${GOALS.spreadRatio}`, ''],
  ];
  const title = `${count} TCP streams out of one node; the far ends share the other cores`;
  return `${title}\n${table(['', 'Mbit/s', 'its CPU ns/B'], lines)}`;
}

export function relaysTable(rows) {
  const lines = rows.map(({ number, mbit, nsPerByte, pingMs }) => [
    String(number),
    fixed(mbit, 0),
    fixed(nsPerByte, 2),
    fixed(pingMs.p50, 2),
    fixed(pingMs.p99, 2),
  ]);
  const head = ['relays', 'TCP Mbit/s', 'CPU ns/B of all', 'ping p50 ms', 'p99 ms'];
  return `Relays in a row, a daemon each\n${table(head, lines)}`;
}
