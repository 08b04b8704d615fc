/**
 * The log of the daemon: pino on stderr, one event a line; readable lines on a terminal, JSON otherwise.
 * pino costs 30 ms of CPU, so it is loaded after sockets and TUN are open; what is said before is kept until then.
 */
import type { LogFields, Logger } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { MAX_EARLY_LINES } from './limits.ts';

type Level = Config['log']['level'];
type Sink = (level: Level, event: string, fields: LogFields) => void;

/** A log that begins before its library is loaded. */
export type DaemonLog = Logger & {
  /** Loads the library and writes what was said so far. */
  readonly begin: () => Promise<void>;
};

/** @param level events below it are dropped */
export function createLog(level: Level): DaemonLog {
  const early: [Level, string, LogFields][] = [];
  let sink: Sink = (at, event, fields) => {
    if (early.length < MAX_EARLY_LINES) early.push([at, event, fields]);
  };
  const say =
    (at: Level) =>
    (event: string, fields: LogFields = {}) =>
      sink(at, event, fields);
  return {
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    begin: async () => {
      sink = await openSink(level);
      for (const line of early.splice(0)) sink(...line);
    },
  };
}

async function openSink(level: Level): Promise<Sink> {
  const { default: pino } = await import('pino');
  const destination =
    process.stderr.isTTY === true
      ? (await import('./log-pretty.ts')).prettyDestination()
      : pino.destination({ fd: 2, sync: true });
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
  return (at, event, fields) => logger[at](fields, event);
}
