// The options of scripts/bench; its head describes them, and a test compares the two.
import { parseArgs } from 'node:util';

export const OPTIONS = {
  quick: { type: 'boolean', default: false },
  micro: { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  scale: { type: 'boolean', default: false },
  readme: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '10' },
  runs: { type: 'string' },
  seconds: { type: 'string' },
  peers: { type: 'string' },
  parts: { type: 'string' },
  out: { type: 'string' },
};

/** What `--scale` measures, one after the other. */
export const PARTS = ['links', 'sessions', 'spread', 'relays'];
/** One of these at a time. */
const MODES = ['micro', 'soak', 'scale', 'readme'];
/** Medians that go into a document are of more runs than those one looks at. */
const RUNS = { usual: 3, quick: 1, readme: 5 };
const SECONDS = { usual: 5, quick: 2 };

/** Reads the command line. @throws Error with what is wrong, as a sentence */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: OPTIONS });
  const number = (text, otherwise) => (text === undefined ? otherwise : Number(text));
  const runs = number(values.runs, values.quick ? RUNS.quick : values.readme ? RUNS.readme : RUNS.usual);
  const seconds = number(values.seconds, values.quick ? SECONDS.quick : SECONDS.usual);
  const minutes = number(values.minutes);
  if (![runs, seconds, minutes].every((one) => one > 0)) throw new Error('numbers above 0 are needed');
  const modes = MODES.filter((mode) => values[mode]);
  if (modes.length > 1) throw new Error(`--${modes.join(' and --')} are different measurements: one at a time`);
  if (values.write && !values.readme) throw new Error('--write belongs to --readme');
  if (values.parts !== undefined && !values.scale) throw new Error('--parts belongs to --scale');
  const parts = values.parts?.split(',') ?? PARTS;
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`--scale has no part ${unknown} (${PARTS.join(', ')})`);
  return { ...values, mode: modes[0] ?? 'usual', runs, seconds, minutes, parts };
}
