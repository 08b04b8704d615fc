/** Log lines for a person at a terminal: `12:30:05 warn  link.down  peer=… reason=…`. Loaded only there. */
import { styleText } from 'node:util';

const COLOURS = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const;

/** A destination for pino that turns its JSON lines into readable ones on stderr. */
export function prettyDestination(): { write: (line: string) => void } {
  return { write: (line) => void process.stderr.write(`${prettyLine(line)}\n`) };
}

/** One line of pino as text; what is not from pino stays as it is. */
export function prettyLine(line: string): string {
  const record = parse(line);
  if (record === null) return line.trimEnd();
  const { level, time, event, ...fields } = record;
  const name = String(level);
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const details = Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`);
  return [clock, coloured(name, name.padEnd(5)), String(event), ...details].join(' ');
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function coloured(level: string, text: string): string {
  const colour = Object.entries(COLOURS).find(([name]) => name === level)?.[1];
  return colour === undefined || (process.env.NO_COLOR ?? '') !== '' ? text : styleText(colour, text);
}

/** JSON escapes control characters, so that no name or reason can move the cursor. */
function quoted(value: unknown): string {
  const text = String(value);
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(value);
}
