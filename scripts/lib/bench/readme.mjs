// The table of README.md's section "Performance", made from one run, with the machine and the versions below it: figures
// without these say nothing.
import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- bench -->';
const END = '<!-- /bench -->';
const LINE_CHARACTERS = 119;

/** Two digits are what such measurements are worth. */
export function two(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  return Math.abs(value) >= 10 ? String(Math.round(value)) : value.toPrecision(2);
}

const gbit = (value) => (typeof value === 'number' ? two(value / 1000) : '');
const grouped = (value) => {
  if (typeof value !== 'number') return '';
  const rounded = Number(value.toPrecision(2));
  return String(rounded).replace(/(?<=\d)(?=(\d{3})+$)/g, ' ');
};
const pair = (a, b) => (typeof a === 'number' && typeof b === 'number' ? `${two(a)} / ${two(b)}` : '');

/** What stands in each line. */
const LINES = [
  ['one TCP stream, Gbit/s', (one) => gbit(one.tcp1Mbit)],
  ['four TCP streams, Gbit/s', (one) => gbit(one.tcp4Mbit)],
  ['CPU of both ends, ns a byte', (one) => two(one.nsPerByte)],
  ['packets of 64 bytes a second', (one) => grouped(one.packetsPerSecond)],
  ['ping on an idle link, median / p99 ms', (one) => pair(one.idleMs?.p50, one.idleMs?.p99)],
  ['ping beside a full stream, median / p99 ms', (one) => pair(one.loadedMs?.p50, one.loadedMs?.p99)],
  ['passed on by a relay, Gbit/s', (one) => gbit(one.chain?.tcp1Mbit)],
  ['CPU of the relay, ns a byte', (one) => two(one.chain?.middleNsPerByte)],
  ['memory before traffic / after it, MB', (one) => pair(one.idleMb, one.residentAfterUdpMb)],
];

/** The table and what is below it, in Markdown. @param rows medians, ours first */
export function readmeText({ machine, engine, date, rows, runs }) {
  const names = rows.map(({ name, title, crypto }) => (name === 'fcmesh' ? `${title}, ${crypto}` : title));
  const line = (cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |').replaceAll('|  |', '| |');
  const table = [
    line(['', ...names]),
    `|${'---|'.repeat(rows.length + 1)}`,
    ...LINES.map(([name, read]) => line([name, ...rows.map(read)])),
  ];
  return `${table.join('\n')}\n\n${wrapped(below({ machine, engine, date, rows, runs }))}`;
}

function below({ machine, engine, date, rows, runs }) {
  const { processor, cores, load, kernel, node } = machine;
  const versions = new Map(rows.map(({ name, version }) => [name.split('-avx')[0].split('-libsodium')[0], version]));
  const others = [...versions].map(([name, version]) => `${name} ${version}`).join(', ');
  const place = `${processor}, ${cores} cores, Linux ${kernel}, Node ${node}, load ${load} at the start`;
  return `${place}; ${engine.text}. ${others}. ${runs === 1 ? 'One run' : `Medians of ${runs} runs in turn`}, ${date.slice(0, 10)}.`;
}

function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + 1 + word.length > LINE_CHARACTERS) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

/** `text` with `inner` between the two comments. @throws Error when they are not there, once each and in order */
export function replaced(text, inner) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  const isOnce = from === text.lastIndexOf(BEGIN) && to === text.lastIndexOf(END);
  if (from < 0 || to < from || !isOnce) throw new Error(`there is no ${BEGIN} ... ${END}, once and in this order`);
  return `${text.slice(0, from)}${BEGIN}\n${inner}\n${text.slice(to)}`;
}

/** Puts the text into a file. */
export function writeReadme(file, text) {
  writeFileSync(file, replaced(readFileSync(file, 'utf8'), text));
}
