/**
 * How a line of the log looks, and how it gets to stderr: readable on a terminal, JSON elsewhere, with the priority in
 * front (`<4>`) where the journal reads it. By hand, since this is all that a library was needed for: pino cost 30 ms of
 * CPU at each start.
 */
import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import type { LogFields } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { STDERR_PATIENCE_MS } from './limits.ts';

/** How much is said. */
export type Level = Config['log']['level'];

/** One event on its way. */
export type LogEvent = { readonly level: Level; readonly event: string; readonly fields: LogFields };

/** A line without its end. */
export type LineForm = (event: LogEvent, at: Date) => string;

/** Priorities of syslog, for the journal. */
const PRIORITIES = { error: 3, warn: 4, info: 6, debug: 7 } as const;
const COLOURS = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const;
const STDERR = 2;
/** Nobody wakes whoever waits for it: a sleep. */
const asleep = new Int32Array(new SharedArrayBuffer(4));

/** What fits whoever reads stderr. */
export function formOfStderr(): LineForm {
  const isTerminal = process.stderr.isTTY === true;
  if (isTerminal) return prettyLine;
  return isJournal(process.env, isTerminal) ? journalLine : jsonLine;
}

/** `{"level":"info","time":"2026-...","peer":"...","event":"peer.up"}`. */
export function jsonLine({ level, event, fields }: LogEvent, at: Date): string {
  return JSON.stringify({ level, time: at.toISOString(), ...fields, event });
}

/** The same with its priority in front, as systemd reads it. */
export function journalLine(event: LogEvent, at: Date): string {
  return `<${PRIORITIES[event.level]}>${jsonLine(event, at)}`;
}

/** `12:30:05 warn  link.down peer=... reason="..."`. */
export function prettyLine({ level, event, fields }: LogEvent, at: Date): string {
  const details = Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`);
  return [at.toTimeString().slice(0, 8), coloured(level, level.padEnd(5)), event, ...details].join(' ');
}

/** Does the journal read stderr? */
export function isJournal(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  return !isTerminal && (environment.JOURNAL_STREAM ?? '') !== '';
}

/** Writes a line to stderr. Whoever does not read it must not stop the daemon: after a moment the line is given up. */
export function putLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let done = 0, waitedMs = 0; done < bytes.length && waitedMs <= STDERR_PATIENCE_MS; ) {
    try {
      done += writeSync(STDERR, bytes, done);
    } catch (error) {
      // A full pipe is waited for; nobody at its end any more: the log has no place to complain.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(asleep, 0, 0, 1);
      waitedMs++;
    }
  }
}

function coloured(level: LogEvent['level'], text: string): string {
  return (process.env.NO_COLOR ?? '') !== '' ? text : styleText(COLOURS[level], text);
}

/** JSON escapes control characters, so that no name or reason can move the cursor. */
function quoted(value: unknown): string {
  const text = String(value);
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(value);
}
