/**
 * Announces our links to the supernode in use, one message at a time. Source: protocol 09 §3.
 *
 *   event                              then
 *   ---------------------------------  ----------------------------------------------------------------
 *   another supernode                  nothing said, nothing kept; the first message has the R flag
 *   the delay for what there is is up  one message; the next only after its reply
 *   reply, hash as expected            what it said is known there
 *   reply, another hash                everything again, with the R flag
 *   the supernode's clock jumped       everything again, with the R flag
 *   no reply in 6 s                    the supernode is given up
 */
import { concat, equal } from '../base/index.ts';
import { addressKey } from '../crypto/index.ts';
import { announcement } from '../wire/index.ts';
import { type ClockSkew, corrected, theirTimeMs } from './clock-skew.ts';
import { Contents, type Draft } from './contents.ts';
import type { Context } from './context.ts';
import { MAX_KEPT } from './limits.ts';
import { LinkStates } from './link-states.ts';
import type { Answer } from './queries.ts';
import { RetainedAnnouncements } from './retained.ts';
import { ReverseLabels } from './reverse-labels.ts';
import { CHECK_MS, DELAY_MS, INTERVAL_MS } from './spec.ts';
import type { Way } from './types.ts';

/** The announcements of one client. */
export type Announcer = {
  readonly begin: (way: Way) => void;
  readonly end: () => void;
  /** A reply of the supernode in use to whatever: it carries its time. */
  readonly heard: (answer: Answer) => void;
  readonly tick: () => void;
  readonly reverse: ReverseLabels;
  readonly links: () => number;
  readonly dueMs: () => number;
};

/** Makes one that is silent until `begin`. @param giveUp the supernode did not answer */
export function createAnnouncer(context: Context, giveUp: (reason: string) => void): Announcer {
  const { counters, crypto, rng, signer } = context.options;
  const kept = new RetainedAnnouncements();
  const reverse = new ReverseLabels();
  const states = new LinkStates(context.nowMs);
  const contents = new Contents(reverse, states);
  /** Address of the supernode that `kept` and `contents` are about. */
  let about = '';
  let clock: ClockSkew | null = null;
  let reset = true;
  /** Number of the message that waits for its reply, 0 while none does. */
  let waiting = 0;
  let messages = 0;
  let wasFull = false;
  let repliedMs = 0;
  let intervalMs: number = INTERVAL_MS.max;
  let lastStampMs = 0;
  let nextMs = Number.POSITIVE_INFINITY;

  function begin({ address }: Way): void {
    if (about !== addressKey(address)) {
      about = addressKey(address);
      clock = null;
      restart();
    }
    waiting = 0;
    repliedMs = context.nowMs;
    nextMs = context.nowMs;
  }

  function end(): void {
    nextMs = Number.POSITIVE_INFINITY;
  }

  /** What was said is void, on both sides. */
  function restart(): void {
    kept.clear();
    contents.clear();
    reset = true;
    wasFull = false;
    lastStampMs = 0;
  }

  function heard({ sentMs, rttMs, reply }: Answer): void {
    if (reply.receivedMs === null) return;
    const { skewMs, jumped } = corrected(clock, { sentMs, rttMs, receivedMs: reply.receivedMs });
    clock = { skewMs };
    if (!jumped) return;
    counters.add('supernode.clockJump');
    restart();
  }

  function tick(): void {
    const { nowMs, peers } = context;
    if (nowMs < nextMs) return;
    nextMs = nowMs + CHECK_MS;
    reverse.tick(context);
    states.sample(peers, nowMs);
    if (waiting === 0 && clock !== null && nowMs - repliedMs >= delayMs()) announce(clock);
  }

  function delayMs(): number {
    if (wasFull) return DELAY_MS.full;
    const news = contents.news(context);
    return news === 'none' ? intervalMs : Math.min(intervalMs, DELAY_MS[news]);
  }

  function announce(skew: ClockSkew): void {
    const { inUse, nowMs } = context;
    if (inUse === null) return;
    const draft = contents.draft(context);
    const timestampMs = Math.max(lastStampMs + 1, theirTimeMs(skew, nowMs));
    // Each item is put in front of those before it.
    const items = [...draft.items].reverse();
    const { signingKey } = signer;
    const body = announcement.emitBody({ signingKey, supernode: inUse.address, timestampMs, reset, items });
    const bytes = concat(signer.sign(body), body);
    const number = ++messages;
    const asked = context.queries.ask(context, inUse, {
      query: 'ann',
      announcement: bytes,
      done: (answer) => {
        // The supernode may have been given up meanwhile, and taken again.
        if (waiting === number) replied(bytes, draft, answer);
      },
    });
    if (!asked) return;
    waiting = number;
    lastStampMs = timestampMs;
  }

  function replied(bytes: Uint8Array, draft: Draft, answer: Answer | null): void {
    waiting = 0;
    if (answer === null || answer.reply.receivedMs === null) return giveUp('an announcement was not answered');
    const { nowMs } = context;
    repliedMs = nowMs;
    wasFull = draft.full;
    intervalMs = draft.full
      ? Math.max(INTERVAL_MS.min, intervalMs / 2)
      : Math.min(INTERVAL_MS.max, intervalMs + INTERVAL_MS.step);
    if (reset) kept.clear();
    reset = false;
    kept.add(bytes);
    draft.confirmed(nowMs, rng);
    const { stateHash } = answer.reply;
    if (stateHash === null || !equal(stateHash, kept.hash(crypto))) {
      counters.add('supernode.stateMismatch');
      restart();
    } else if (kept.size > MAX_KEPT) restart();
    heard(answer);
  }

  return { begin, end, heard, tick, reverse, links: () => contents.links, dueMs: () => nextMs };
}
