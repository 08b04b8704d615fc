/**
 * The log as the admin API gives it: the last lines, and streams to those who subscribed (protocol 10 §2 "log").
 * A stream ends when its client was silent for 30 s (§1.2); whoever decides that is the server.
 */
import { createTokenBucket, type LogFields, type TokenBucket } from '../base/index.ts';
import { LOG_LINES_BURST, LOG_LINES_PER_SECOND, MAX_LOG_LINES, MAX_SUBSCRIPTIONS } from './limits.ts';
import type { Reply } from './reply.ts';

/** Levels of stock, the most talkative first. */
export const LEVELS = ['KEYS', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Our levels in the words of stock. */
const WORDS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** One event of the log. */
export type LogLine = {
  readonly unixMs: number;
  readonly level: keyof typeof WORDS;
  /** `peer.up`. */
  readonly event: string;
  readonly fields: LogFields;
};

/** What a subscriber wants. */
export type Wish = {
  /** `HOST:PORT` of the subscriber. */
  readonly from: string;
  readonly level: LogLevel;
  /** Only events that begin with this word (`peer`), which stands for stock's file; null: all. */
  readonly file: string | null;
  readonly push: (reply: Reply) => void;
};

type Subscription = Wish & { readonly bucket: TokenBucket };

/** The subscriptions and the last lines. */
export class LogHub {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #lines: LogLine[] = [];
  #made = 0;
  readonly #isListening: (from: string) => boolean;

  /** @param isListening did this client call something lately? */
  constructor(isListening: (from: string) => boolean) {
    this.#isListening = isListening;
  }

  /** A number that no stream had before. */
  nextNumber(): number {
    return ++this.#made;
  }

  /** Streams there are. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /** Begins a stream. @param streamId a fresh name. @returns false if there are too many */
  subscribe(streamId: string, wish: Wish, nowMs: number): boolean {
    this.expire();
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) return false;
    const bucket = createTokenBucket({ ratePerSecond: LOG_LINES_PER_SECOND, burst: LOG_LINES_BURST }, nowMs);
    this.#subscriptions.set(streamId, { ...wish, bucket });
    return true;
  }

  /** Ends a stream. @returns false if there is none of this name */
  unsubscribe(streamId: string): boolean {
    return this.#subscriptions.delete(streamId);
  }

  /** Streams whose clients have vanished go. */
  expire(): void {
    for (const [id, { from }] of this.#subscriptions) if (!this.#isListening(from)) this.#subscriptions.delete(id);
  }

  /** The streams, oldest first. */
  list(): readonly Reply[] {
    this.expire();
    return [...this.#subscriptions].map(([streamId, { level, file, from }]) => ({
      streamId,
      level,
      file,
      target: from,
    }));
  }

  /** The last lines, oldest first. */
  lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** An event happened. */
  publish(line: LogLine, nowMs: number): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LOG_LINES) this.#lines.shift();
    if (this.#subscriptions.size === 0) return;
    const word = WORDS[line.level];
    const file = fileOf(line.event);
    for (const [streamId, subscription] of this.#subscriptions) {
      if (LEVELS.indexOf(word) < LEVELS.indexOf(subscription.level)) continue;
      if (subscription.file !== null && subscription.file !== file) continue;
      if (!this.#isListening(subscription.from)) this.#subscriptions.delete(streamId);
      else if (subscription.bucket.take(nowMs)) {
        const time = Math.floor(line.unixMs / 1000);
        subscription.push({ streamId, time, level: word, file, line: 0, message: messageOf(line) });
      }
    }
  }
}

/** `peer.up name=bob ms=3`: the event and its fields on one line. */
export function messageOf({ event, fields }: Pick<LogLine, 'event' | 'fields'>): string {
  return [event, ...Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`)].join(' ');
}

/** What stands for stock's source file: the first word of the event. */
export function fileOf(event: string): string {
  return event.split('.')[0] ?? event;
}

/** Nothing that moves a cursor or begins a line. */
function quoted(value: string | number | boolean | null): string {
  const text = String(value);
  if (/^[\x21\x23-\x7e]+$/.test(text)) return text;
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}
