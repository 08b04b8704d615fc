/** The log as a stream. Source: protocol 10 §1.2, §2 "log". */
import { getInt, getText, toHex, utf8 } from '../../base/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { LINES_PER_PAGE, MAX_LOG_MANY } from '../limits.ts';
import { fileOf, LEVELS, type LogLine, messageOf } from '../log-hub.ts';
import type { Reply } from '../reply.ts';

export const adminLog: readonly AdminFunction[] = [
  {
    name: 'AdminLog_subscribe',
    access: 'reader',
    args: { level: may('String'), file: may('String'), line: may('Int') },
    run: (call) => {
      const { context, args, from } = call;
      const word = (getText(args, 'level') ?? 'KEYS').toUpperCase();
      const level = LEVELS.find((known) => known === word);
      if (level === undefined) return { error: `level must be one of ${LEVELS.join(', ')}` };
      const streamId = newStreamId(call);
      const wish = { from, level, file: getText(args, 'file'), push: call.push };
      const begun = context.logs.subscribe(streamId, wish, context.clock.nowMs());
      return begun ? { error: 'none', streamId } : { error: 'Max subscription count reached.' };
    },
  },
  {
    name: 'AdminLog_unsubscribe',
    access: 'reader',
    args: { streamId: needs('String') },
    run: ({ context, args }) => {
      const streamId = getText(args, 'streamId') ?? '';
      if (!/^[0-9a-f]{16}$/.test(streamId)) return { error: 'Invalid streamId.' };
      return { error: context.logs.unsubscribe(streamId) ? 'none' : 'No such subscription.' };
    },
  },
  {
    name: 'AdminLog_subscriptions',
    access: 'reader',
    args: {},
    run: ({ context }) => ({ error: 'none', subscriptions: context.logs.list() }),
  },
  {
    name: 'AdminLog_logMany',
    access: 'operator',
    args: { count: needs('Int') },
    run: ({ context, args }) => {
      const asked = getInt(args, 'count') ?? 0n;
      if (asked < 0n || asked > BigInt(MAX_LOG_MANY)) return { error: `count must be 0 to ${MAX_LOG_MANY}` };
      for (let number = 0; number < Number(asked); number++) context.log.info('admin.log_many', { number });
      return { error: 'none' };
    },
  },
  {
    name: 'Fcmesh_log',
    access: 'reader',
    args: { page: may('Int') },
    run: (call) => {
      const { logs, pages, clock } = call.context;
      const page = pages.read(`${call.from} log`, pageOf(call), LINES_PER_PAGE, clock.nowMs(), () => [...logs.lines()]);
      return { error: 'none', lines: page.entries.map(lineReply), total: page.total, more: page.more ? 1 : null };
    },
  },
];

function lineReply(line: LogLine): Reply {
  return {
    unixMs: line.unixMs,
    level: line.level,
    event: line.event,
    file: fileOf(line.event),
    message: messageOf(line).slice(0, 600),
  };
}

/** Sixteen hex digits that nobody else has; no secret, since ending a stream needs the password. */
function newStreamId({ context, from }: Call): string {
  const seed = `${from} ${context.logs.nextNumber()} ${context.unixMs()}`;
  return toHex(context.crypto.sha256(utf8(seed)).subarray(0, 8));
}
