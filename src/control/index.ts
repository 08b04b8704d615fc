/**
 * Control frames (CTRL): answers to the queries of others, our own pings, and the hints that errors give.
 *
 * Promises: an answer goes back on the path of its query and nowhere else, is as long as the query, and is limited per
 * arriving interface; replies and errors are never answered; an answer counts only with the right cookie, label and data.
 * Refuses: to decide when to ping (`link/`, `route/`), to choose a supernode (an argument), to believe an error.
 * Follows protocol 06 and 04 §8.
 */
export { type AnswerContext, answer, createAnswerBudget, type Supernode } from './answer.ts';
export { type ErrorHint, parseError } from './error.ts';
export { kindAnswered, type PingKind, type PongFacts } from './kinds.ts';
export { readRun, readSameKey, runData, sameKeyData } from './notice.ts';
export { type ControlPacket, packetOf, readPacket } from './packet.ts';
export {
  type AnsweredPing,
  type ExpiredPing,
  Pinger,
  type PingOptions,
  type PingRefusal,
  type ReceivedPing,
  type SentPing,
} from './pinger.ts';
