// Tables of the benchmark, and medians over runs.

/** Lines of a table: the first column to the left, numbers to the right. */
export function table(head, rows) {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ').trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The median of each number, however deep, over results of one shape. */
export function medians(results) {
  const first = results.find((one) => one !== null && one !== undefined) ?? null;
  if (typeof first === 'number') {
    const sorted = results.filter((one) => typeof one === 'number').sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
  if (first === null || typeof first !== 'object') return first;
  return Object.fromEntries(Object.keys(first).map((key) => [key, medians(results.map((one) => one?.[key]))]));
}

const fixed = (digits) => (value) => (typeof value === 'number' ? value.toFixed(digits) : '-');
const thousands = (value) => (typeof value === 'number' ? `${Math.round(value / 1000)} k` : '-');
const mbit = fixed(0);
const trips = (value) => (value?.p50 === null || value === null || value === undefined ? '-' : `${value.p50} / ${value.p99}`);

/** Columns of the end-to-end table: head, how to read, how to print, and whether a ratio says something. */
const COLUMNS = [
  ['TCP 1 Mbit/s', (one) => one.tcp1Mbit, mbit, true],
  ['TCP 4 Mbit/s', (one) => one.tcp4Mbit, mbit, true],
  ['CPU ns/B', (one) => one.nsPerByte, fixed(2), true],
  ['64 B packets/s', (one) => one.packetsPerSecond, thousands, true],
  ['ns/packet', (one) => one.nsPerPacket, fixed(0), true],
  ['idle ping p50 / p99 ms', (one) => one.idleMs, trips, false],
  ['under load', (one) => one.loadedMs, trips, false],
  ['timers late p99 ms', (one) => one.timerLateMs, fixed(1), false],
  ['idle MB', (one) => one.idleMb, mbit, false],
  ['after TCP', (one) => one.residentMb, mbit, false],
  ['after UDP', (one) => one.residentAfterUdpMb, mbit, false],
  ['chain Mbit/s', (one) => one.chain?.tcp1Mbit, mbit, true],
  ['chain ns/B', (one) => one.chain?.nsPerByte, fixed(2), true],
  ['middle ns/B', (one) => one.chain?.middleNsPerByte, fixed(2), true],
];

/** One daemon a line, and the first one's ratio to each of the others. */
export function endToEndTable(rows) {
  const head = ['', ...COLUMNS.map(([name]) => name)];
  const lines = rows.map((one) => [`${one.title} ${one.version}`, ...COLUMNS.map(([, read, print]) => print(read(one)))]);
  const [ours, ...others] = rows;
  for (const other of others) {
    const ratio = ([, read, , compares]) => {
      const [a, b] = [read(ours), read(other)];
      return compares && typeof a === 'number' && typeof b === 'number' && b > 0 ? `${(a / b).toFixed(2)} x` : '';
    };
    lines.push([`${ours.title} / ${other.title}`, ...COLUMNS.map(ratio)]);
  }
  return `End to end, CPU time of all daemons together\n${table(head, lines)}`;
}

export function microTable({ stages }) {
  const rows = stages.map(({ stage, ns }) => [stage, ns.toFixed(1)]);
  const sum = stages.reduce((total, { ns }) => total + ns, 0);
  return `Stages in JavaScript\n${table(['', 'ns a packet'], [...rows, ['all', sum.toFixed(1)]])}`;
}

export function secretboxTable({ crypto }) {
  const rows = crypto.map(({ engine, bytes, sealNs, openNs }) => [engine, String(bytes), sealNs.toFixed(0), openNs.toFixed(0)]);
  return `Vectors of 128 sealed and opened\n${table(['', 'bytes', 'seal ns', 'open ns'], rows)}`;
}

export function exchangeLine({ exchange }) {
  return `X25519 a second: libsodium ${exchange.libsodium}, noble ${exchange.noble}`;
}
