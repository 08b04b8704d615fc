import t from 'tap';
import { silent } from '../../src/base/index.ts';
import { createArena } from '../../src/packet/index.ts';
import { KeptOut } from '../../src/tun/index.ts';
import { KEPT_OUT_BURST, MAX_KEPT_OUT, TOLD_BURST } from '../../src/tun/limits.ts';

const AT = 100;

function setUp() {
  const arena = createArena({ tunSlots: 1, receiveSlots: 0, outputSlots: 0, descriptors: 1 });
  const lines: unknown[] = [];
  const log = { ...silent, info: (event: string, fields?: object) => void lines.push({ event, ...fields }) };
  const keptOut = new KeptOut(arena, log, 0);
  /** A packet from `fc00::<from>` with a payload. */
  const note = (from: number, protocol: number, payload: readonly number[], nowMs = 0) => {
    arena.bytes.fill(0, AT, AT + 100);
    arena.bytes[AT + 6] = protocol;
    arena.bytes[AT + 8] = 0xfc;
    arena.bytes[AT + 22] = from >> 8;
    arena.bytes[AT + 23] = from & 0xff;
    arena.bytes.set(payload, AT + 40);
    keptOut.note(AT, 40 + payload.length, nowMs);
  };
  return { keptOut, note, lines };
}

const toPort22 = [0x80, 0, 0, 22];

t.test('who, what, how often and when, newest first; the rule is one that would let it in', async (t) => {
  const { keptOut, note, lines } = setUp();
  note(1, 6, toPort22);
  note(2, 17, [0, 1, 0xff, 0xff], 10);
  note(1, 6, toPort22, 20);
  note(1, 58, [128, 0], 30);
  const seen = keptOut.list().map(({ address, ...one }) => ({ from: address[15], ...one }));
  t.same(seen, [
    { from: 1, rule: 'icmp', isRule: true, count: 1, lastMs: 30 },
    { from: 1, rule: 'tcp/22', isRule: true, count: 2, lastMs: 20 },
    { from: 2, rule: 'udp/65535', isRule: true, count: 1, lastMs: 10 },
  ]);
  t.match(lines[0], { event: 'firewall.refused', address: /^fc00:.*0001$/, rule: 'tcp/22' });
  t.equal(lines.length, 3, 'one line for each, not for each packet');
});

t.test('what no rule opens is not called one', async (t) => {
  const { keptOut, note } = setUp();
  note(1, 47, []);
  note(1, 6, [0, 1, 0]);
  note(1, 44, [6, 0, 0, 0x40, 0, 0, 0, 9, 1, 2, 3, 4]);
  note(1, 44, [6, 0, 0, 1, 0, 0, 0, 9, ...toPort22]);
  t.same(
    keptOut.list().map(({ rule, isRule }) => [rule, isRule]),
    [
      ['tcp/22', true],
      ['a later fragment', false],
      ['tcp without ports', false],
      ['protocol 47', false],
    ],
  );
});

t.test('a flood fills neither the list nor the log, and costs a bounded number of entries', async (t) => {
  const { keptOut, note, lines } = setUp();
  for (let port = 0; port < 100_000; port++) note(1, 6, [0, 1, port >> 8, port & 0xff]);
  t.equal(keptOut.list().length, KEPT_OUT_BURST);
  t.equal(lines.length, TOLD_BURST);
  for (let second = 1; second < 100; second++) note(second, 6, toPort22, second * 1000);
  t.equal(keptOut.list().length, MAX_KEPT_OUT);
  t.match(keptOut.list()[0], { lastMs: 99_000 });
});
