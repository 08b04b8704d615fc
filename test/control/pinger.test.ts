import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createCounters, utf8 } from '../../src/base/index.ts';
import { answer, createAnswerBudget } from '../../src/control/answer.ts';
import { MAX_OUTSTANDING } from '../../src/control/limits.ts';
import { readPacket } from '../../src/control/packet.ts';
import { Pinger, type PingOptions, type ReceivedPing } from '../../src/control/pinger.ts';
import { type ControlFrame, control } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { arrivedFrom, controlVectors, FRAME_AT, frameOf, someKey } from './frames.ts';

const LABEL = 0x1553n;
const options: PingOptions = { timeoutMs: 2000, data: utf8('hello') };

/** What the node at the other end would tell. */
const SUPERNODE = { key: someKey(5), version: 22, path: 0x1fn } as const;
const SEEN_AT = { kind: 'udp', address: Uint8Array.of(192, 0, 2, 7), port: 21000 } as const;
/** What a plain PONG tells. */
const NOTHING = { key: null, snode: null, rpath: null, linkAddress: null };

/** Counts up, so that cookies differ and runs repeat. */
function createPinger(): Pinger {
  let next = 0;
  return new Pinger({ bytes: (count) => Uint8Array.from({ length: count }, () => next++ & 0xff) }, someKey(7));
}

/** What a node of ours at the other end answers to a packet of `send`. */
function pongTo(packet: Uint8Array): ControlFrame {
  const query = readPacket(packet);
  assert.ok(query !== null);
  const context = { ownKey: someKey(9), supernode: SUPERNODE, askerAddress: SEEN_AT, nowMs: 0 };
  const reply = answer(
    { ...context, budget: createAnswerBudget(0), counters: createCounters() },
    query.frame,
    arrivedFrom(0x15n),
  );
  const read = reply === null ? null : readPacket(reply);
  assert.ok(read !== null);
  return read.frame;
}

function sent(pinger: Pinger, changes: Partial<PingOptions> = {}, nowMs = 0) {
  const ping = pinger.send(LABEL, { ...options, ...changes }, nowMs);
  assert.ok(ping !== null);
  return ping;
}

const refusal = (result: ReceivedPing): string => (result.ok ? 'accepted' : result.refusal);

t.test('a ping has the layout of stock: handle, cookie, data, along the label', async (t) => {
  const { id, packet } = sent(createPinger());
  t.equal(readPacket(packet)?.header.label, LABEL);
  t.equal(
    Buffer.from(packet.subarray(FRAME_AT + 2)).toString('hex'),
    `000309f9110200000015${id.toString(16).padStart(8, '0')}0001020304050607${Buffer.from('hello').toString('hex')}`,
  );
});

t.test('an answer is matched once, with its round trip', async (t) => {
  const pinger = createPinger();
  const { id, packet } = sent(pinger, {}, 100.5);
  const pong = pongTo(packet);
  t.same(pinger.receive(pong, LABEL, 112.75), {
    ok: true,
    ping: { id, kind: 'ping', label: LABEL, rttMs: 12.25, version: 21, ...NOTHING, data: utf8('hello') },
  });
  t.equal(pinger.outstanding, 0);
  t.equal(refusal(pinger.receive(pong, LABEL, 113)), 'unknown', 'a replay (R5)');
});

t.test('a key ping brings the key', async (t) => {
  const pinger = createPinger();
  const { packet } = sent(pinger, { kind: 'keyPing' });
  const result = pinger.receive(pongTo(packet), LABEL, 5);
  t.match(result, { ok: true, ping: { kind: 'keyPing', rttMs: 5 } });
  if (result.ok) t.same(result.ping.key, someKey(9));
});

t.test('each kind of question brings its fact, and nothing of the others', async (t) => {
  const facts = {
    ping: {},
    keyPing: { key: someKey(9) },
    getSnode: { snode: SUPERNODE },
    rpath: { rpath: 0x15n },
    llAddr: { linkAddress: SEEN_AT },
  } as const;
  for (const kind of ['ping', 'keyPing', 'getSnode', 'rpath', 'llAddr'] as const) {
    const pinger = createPinger();
    const result = pinger.receive(pongTo(sent(pinger, { kind }).packet), LABEL, 5);
    t.match(result, { ok: true, ping: { kind, version: 21 } });
    if (!result.ok) continue;
    const { key, snode, rpath, linkAddress } = result.ping;
    t.same({ key, snode, rpath, linkAddress }, { ...NOTHING, ...facts[kind] }, kind);
  }
});

t.test('a PONG to a KEYPING does not count, nor the reverse', async (t) => {
  const pinger = createPinger();
  const other = createPinger();
  sent(pinger, { kind: 'keyPing' });
  t.equal(refusal(pinger.receive(pongTo(sent(other).packet), LABEL, 1)), 'unknown');
  sent(other, { kind: 'keyPing' });
  t.equal(refusal(other.receive(pongTo(sent(createPinger(), { kind: 'keyPing' }).packet), LABEL, 1)), 'unknown');
});

t.test('answers with a wrong handle, cookie, label or data are refused, and the right one still counts', async (t) => {
  const pinger = createPinger();
  const pong = pongTo(sent(pinger).packet);
  const changed = (at: number): ControlFrame => {
    const body = new Uint8Array(pong.body);
    body[at] = (body[at] ?? 0) ^ 1;
    return { type: pong.type, body };
  };
  t.equal(refusal(pinger.receive(changed(0), LABEL, 1)), 'malformed', 'magic');
  t.equal(refusal(pinger.receive(changed(11), LABEL, 1)), 'unknown');
  for (let at = 12; at < 20; at++) t.equal(refusal(pinger.receive(changed(at), LABEL, 1)), 'cookie');
  t.equal(refusal(pinger.receive(pong, 0x15n, 1)), 'label');
  t.equal(refusal(pinger.receive(changed(20), LABEL, 1)), 'data');
  t.equal(refusal(pinger.receive({ ...pong, body: pong.body.subarray(0, -1) }, LABEL, 1)), 'data');
  t.equal(refusal(pinger.receive({ ...pong, body: pong.body.subarray(0, 19) }, LABEL, 1)), 'malformed');
  t.equal(refusal(pinger.receive({ ...pong, type: control.TYPE.ping }, LABEL, 1)), 'notPong');
  t.equal(pinger.outstanding, 1);
  t.equal(refusal(pinger.receive(pong, LABEL, 1)), 'accepted');
});

t.test('a ping without answer expires at its deadline, once, and a late answer does not count', async (t) => {
  const pinger = createPinger();
  const first = sent(pinger, { timeoutMs: 2000 }, 0);
  const second = sent(pinger, { timeoutMs: 500 }, 0);
  t.same(pinger.expire(499.9), []);
  t.same(pinger.expire(500), [{ id: second.id, kind: 'ping', label: LABEL }]);
  t.same(pinger.expire(1999), []);
  t.equal(refusal(pinger.receive(pongTo(first.packet), LABEL, 2000)), 'unknown');
  t.same(pinger.expire(2000), [{ id: first.id, kind: 'ping', label: LABEL }]);
  t.same(pinger.expire(99_999), []);
});

t.test('a full table refuses new pings until old ones end', async (t) => {
  const pinger = createPinger();
  const ids = new Set<number>();
  for (let i = 0; i < MAX_OUTSTANDING; i++) ids.add(sent(pinger, {}, 0).id);
  t.equal(ids.size, MAX_OUTSTANDING);
  t.equal(pinger.send(LABEL, options, 0), null);
  t.equal(pinger.outstanding, MAX_OUTSTANDING);
  t.equal(pinger.expire(2000).length, MAX_OUTSTANDING);
  t.not(pinger.send(LABEL, options, 2000), null);
});

t.test('too much data and impossible timeouts are mistakes of the caller', async (t) => {
  const pinger = createPinger();
  const wrong: Partial<PingOptions>[] = [
    { data: new Uint8Array(257) },
    { kind: 'keyPing', data: new Uint8Array(53) },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { timeoutMs: 60_001 },
  ];
  for (const changes of wrong) t.throws(() => sent(pinger, changes), { code: 'ERR_PING' });
  t.ok(sent(pinger, { data: new Uint8Array(256) }));
  t.ok(sent(pinger, { kind: 'keyPing', data: new Uint8Array(52) }));
  t.equal(pinger.outstanding, 2);
});

t.test('the data of the caller are copied', async (t) => {
  const pinger = createPinger();
  const data = utf8('mine');
  const pong = pongTo(sent(pinger, { data }).packet);
  data.fill(0);
  t.equal(refusal(pinger.receive(pong, LABEL, 1)), 'accepted');
});

t.test('captured pongs of others mean nothing to us', async (t) => {
  const pinger = createPinger();
  sent(pinger);
  for (const { frame } of controlVectors.captured[4] ?? [])
    t.equal(refusal(pinger.receive(frameOf(frame), LABEL, 1)), 'unknown');
});

t.test('hostile answers are accepted only if they say the same', async (t) => {
  const pong = control.emit(pongTo(sent(createPinger()).packet));
  const tally = hostile(
    (bytes) => {
      const pinger = createPinger();
      sent(pinger);
      const frame = control.parse(bytes);
      const result = frame === null ? null : pinger.receive(frame, LABEL, 1);
      assert.equal(pinger.outstanding, result?.ok === true ? 0 : 1);
      return result?.ok === true ? result : null;
    },
    [pong],
  );
  t.equal(tally.accepted, 1, 'the sample in full length');
  fc.assert(
    fc.property(fc.nat(14), fc.uint8Array({ minLength: 4, maxLength: 80 }), (type, body) => {
      const pinger = createPinger();
      sent(pinger);
      assert.equal(pinger.receive({ type, body }, LABEL, 1).ok, false);
    }),
  );
});
