/**
 * The log of the daemon: pino on stderr, one event a line; readable lines on a terminal, JSON otherwise, with the
 * priority in front (`<4>`) where the journal reads it. Fields are cut, and nothing in them can move a cursor or begin a
 * line; an event that comes too often is counted instead (abuse case D9).
 * pino costs 30 ms of CPU, so it is loaded after sockets and TUN are open; what is said before is kept until then.
 */
import { BoundedMap, createTokenBucket, type LogFields, type Logger, type TokenBucket } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import {
  EVENT_LINES_BURST,
  EVENT_LINES_PER_SECOND,
  MAX_EARLY_LINES,
  MAX_EVENT_KINDS,
  MAX_FIELD_CHARACTERS,
} from './limits.ts';

type Level = Config['log']['level'];

/** One event on its way. */
export type LogEvent = { readonly level: Level; readonly event: string; readonly fields: LogFields };

type Sink = { readonly write: (event: LogEvent) => void; readonly setLevel: (level: Level) => void };

/** A log that begins before its library is loaded. */
export type DaemonLog = Logger & {
  /** Loads the library and writes what was said so far. */
  readonly begin: () => Promise<void>;
  /** Events below are dropped from now on. */
  readonly setLevel: (level: Level) => void;
  /** Tells `listener` every event, whatever the level. */
  readonly listen: (listener: (event: LogEvent) => void) => void;
};

/** Priorities of syslog, for the journal. */
const PRIORITIES = { error: 3, warn: 4, info: 6, debug: 7 } as const;

/**
 * @param level events below it are dropped
 * @param nowMs for the limits; monotonic
 */
export function createLog(level: Level, nowMs: () => number = () => performance.now()): DaemonLog {
  const early: LogEvent[] = [];
  const listeners: ((event: LogEvent) => void)[] = [];
  const limit = createLimit(nowMs);
  let wanted = level;
  let sink: Sink | null = null;
  const write = (event: LogEvent): void => {
    for (const listener of listeners) listener(event);
    if (sink !== null) sink.write(event);
    else if (early.length < MAX_EARLY_LINES) early.push(event);
  };
  const say =
    (at: Level) =>
    (event: string, fields: LogFields = {}): void => {
      const suppressed = limit(event);
      if (suppressed === null) return;
      if (suppressed > 0) write({ level: 'warn', event: 'log.suppressed', fields: { of: event, count: suppressed } });
      write({ level: at, event, fields: cleaned(fields) });
    };
  return {
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    begin: async () => {
      sink = await openSink(wanted);
      for (const line of early.splice(0)) sink.write(line);
    },
    setLevel: (next) => {
      wanted = next;
      sink?.setLevel(next);
    },
    listen: (listener) => void listeners.push(listener),
  };
}

/** @returns of an event: null if it is one too many, otherwise how many were left out before it */
function createLimit(nowMs: () => number): (event: string) => number | null {
  const kinds = new BoundedMap<string, { readonly bucket: TokenBucket; suppressed: number }>(MAX_EVENT_KINDS);
  return (event) => {
    const now = nowMs();
    let kind = kinds.get(event);
    if (kind === undefined) {
      const bucket = createTokenBucket({ ratePerSecond: EVENT_LINES_PER_SECOND, burst: EVENT_LINES_BURST }, now);
      kind = { bucket, suppressed: 0 };
      kinds.set(event, kind);
    }
    if (!kind.bucket.take(now)) {
      kind.suppressed++;
      return null;
    }
    const { suppressed } = kind;
    kind.suppressed = 0;
    return suppressed;
  };
}

/** Fields without anything that a terminal, a pager or a line-by-line reader could take for more than text. */
export function cleaned(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cleanText(value) : value]),
  );
}

function cleanText(text: string): string {
  const short = text.length > MAX_FIELD_CHARACTERS ? `${text.slice(0, MAX_FIELD_CHARACTERS)}...` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (symbol) => {
    return `\\u${(symbol.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** Does the journal read stderr? */
export function isJournal(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  return !isTerminal && (environment.JOURNAL_STREAM ?? '') !== '';
}

/** A line with its priority in front, as systemd reads it. */
export function withPriority(level: Level, line: string): string {
  return `<${PRIORITIES[level]}>${line}`;
}

async function openSink(level: Level): Promise<Sink> {
  const { default: pino } = await import('pino');
  const isTerminal = process.stderr.isTTY === true;
  const raw = pino.destination({ fd: 2, sync: true });
  let current: Level = level;
  const journal = { write: (line: string) => void raw.write(withPriority(current, line)) };
  const destination = isTerminal
    ? (await import('./log-pretty.ts')).prettyDestination()
    : isJournal(process.env, isTerminal)
      ? journal
      : raw;
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    write: ({ level: at, event, fields }) => {
      current = at;
      logger[at](fields, event);
    },
    setLevel: (next) => {
      logger.level = next;
    },
  };
}
