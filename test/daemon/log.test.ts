import t from 'tap';
import { createLog } from '../../src/daemon/log.ts';
import { isJournal, journalLine, jsonLine, type LogEvent, prettyLine } from '../../src/daemon/log-line.ts';

function setUp() {
  let nowMs = 0;
  const events: LogEvent[] = [];
  const log = createLog('info', () => nowMs);
  log.listen((event) => events.push(event));
  return { log, events, pass: (ms: number) => (nowMs += ms) };
}

t.test('hostile strings are escaped and cut', async (t) => {
  const { log, events } = setUp();
  log.info('peer.up', { peer: '\u001b[2J\r\n\u202e\u2028\u009b\ud800x', name: 'n'.repeat(64_000), ms: 3 });
  t.same(events[0]?.fields, {
    peer: '\\u001b[2J\\u000d\\u000a\\u202e\\u2028\\u009b\\ud800x',
    name: `${'n'.repeat(256)}...`,
    ms: 3,
  });
});

t.test('an event that floods is counted, others are heard', async (t) => {
  const { log, events, pass } = setUp();
  for (let i = 0; i < 10_000; i++) log.warn('admin.auth_failed', { from: `host${i}` });
  t.equal(events.length, 50);
  log.info('peer.up');
  t.equal(events.length, 51);
  pass(1000);
  log.warn('admin.auth_failed');
  t.match(events.slice(-2), [
    { event: 'log.suppressed', level: 'warn', fields: { of: 'admin.auth_failed', count: 9950 } },
    { event: 'admin.auth_failed' },
  ]);
});

t.test('the journal gets priorities, a terminal does not', async (t) => {
  t.equal(isJournal({ JOURNAL_STREAM: '8:1' }, false), true);
  t.equal(isJournal({ JOURNAL_STREAM: '8:1' }, true), false);
  t.equal(isJournal({}, false), false);
  const at = new Date('2026-11-26T20:44:22.971Z');
  const event: LogEvent = { level: 'error', event: 'x', fields: { n: 1, s: 'a b' } };
  t.equal(jsonLine(event, at), '{"level":"error","time":"2026-11-26T20:44:22.971Z","n":1,"s":"a b","event":"x"}');
  t.equal(journalLine(event, at), `<3>${jsonLine(event, at)}`);
  t.match(journalLine({ ...event, level: 'debug' }, at), /^<7>/);
  t.match(prettyLine(event, at), /^\d\d:44:22 .*error.* x n=1 s="a b"$/);
});

t.test('lines wait until all is open, levels are kept, and what is below is not written', async (t) => {
  const lines: string[] = [];
  const log = createLog(
    'warn',
    () => 0,
    (line) => lines.push(JSON.parse(line).event),
  );
  log.warn('one');
  log.info('two');
  t.same(lines, []);
  log.begin();
  t.same(lines, ['one']);
  log.info('three');
  log.setLevel('info');
  log.info('four');
  log.debug('five');
  log.error('six');
  t.same(lines, ['one', 'four', 'six']);
});
