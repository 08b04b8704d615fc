/**
 * The log of the daemon, one event a line on stderr. Fields are cut, and nothing in them can move a cursor or begin a
 * line; an event that comes too often is counted instead (abuse case D9). How a line looks: log-line.ts.
 */
import { BoundedMap, createTokenBucket, type LogFields, type Logger, type TokenBucket } from '../base/index.ts';
import {
  EVENT_LINES_BURST,
  EVENT_LINES_PER_SECOND,
  MAX_EARLY_LINES,
  MAX_EVENT_KINDS,
  MAX_FIELD_CHARACTERS,
} from './limits.ts';
import { formOfStderr, type Level, type LogEvent, putLine } from './log-line.ts';

/** A log; whoever starts a daemon that fails reads why, and nothing else. */
export type DaemonLog = Logger & {
  /** All is open: writes what was said so far, and from now on at once. */
  readonly begin: () => void;
  /** Events below are dropped from now on. */
  readonly setLevel: (level: Level) => void;
  /** Tells `listener` every event, whatever the level. */
  readonly listen: (listener: (event: LogEvent) => void) => void;
};

/** From the least to the most that is said. */
const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/**
 * @param level events below it are dropped
 * @param nowMs for the limits; monotonic
 * @param put where lines go; for tests
 */
export function createLog(
  level: Level,
  nowMs: () => number = () => performance.now(),
  put: (line: string) => void = putLine,
): DaemonLog {
  const form = formOfStderr();
  let early: string[] | null = [];
  const listeners: ((event: LogEvent) => void)[] = [];
  const limit = createLimit(nowMs);
  let wanted = level;
  const write = (event: LogEvent): void => {
    for (const listener of listeners) listener(event);
    if (LEVELS.indexOf(event.level) > LEVELS.indexOf(wanted)) return;
    const line = form(event, new Date());
    if (early === null) put(line);
    else if (early.length < MAX_EARLY_LINES) early.push(line);
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
    begin: () => {
      for (const line of early ?? []) put(line);
      early = null;
    },
    setLevel: (next) => {
      wanted = next;
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
