/** Where hardened nodes do what no stock transcript shows; each test is named after its section of protocol 02. */

import t from 'tap';
import { isZero } from '../../src/base/index.ts';
import { type Opened, sealSlot } from '../../src/channel/index.ts';
import { type CryptoBackend, SecretKey } from '../../src/crypto/index.ts';
import { ERROR } from '../../src/cryptoauth/errors.ts';
import { createCredentials } from '../../src/cryptoauth/index.ts';
import { MAX_SPENT_HELLOS } from '../../src/cryptoauth/limits.ts';
import { RESET_MS, SETUP_RESET_MS } from '../../src/cryptoauth/spec.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';
import { A, B, establish, type Party, pair, pass, restarted, say, snapshot, sure } from './support.ts';

const stock = { rules: 'stock' } as const;

function kindOf(packet: Uint8Array): number {
  return sure(packet[3]);
}

function via(opened: Opened): string {
  return opened.ok ? `${opened.kind} ${opened.via} ${opened.established}` : `error ${opened.error}`;
}

/** A packet on its way. */
function packetOf(from: Party, words: string, nowMs: number): Uint8Array {
  return from.association.seal(say(words), nowMs);
}

t.test('§10: a hello accepted after a long silence is answered with a key packet at once', async (t) => {
  for (const rules of ['stock', 'hardened'] as const) {
    const { a, b } = pair({ rules }, { rules });
    establish(a, b);
    const nowMs = 20_000;
    const again = restarted(a, B);
    again.association.checkTimeouts(nowMs);
    const opened = b.association.open(packetOf(again, 'hello again', nowMs), nowMs);
    const answer = b.association.seal(say('answer'), nowMs, sure(opened.ok ? opened.via : null));
    t.equal(kindOf(answer), rules === 'stock' ? 0 : 2, rules);
  }
});

t.test('§10: an answer that took longer than 10 s does not reset the initiator', async (t) => {
  for (const rules of ['stock', 'hardened'] as const) {
    const { a, b } = pair({ rules }, { rules });
    pass(a, b, 'hello', 0);
    const nowMs = 30_000;
    b.association.checkTimeouts(nowMs);
    b.association.open(packetOf(a, 'hello, still', nowMs), nowMs);
    t.equal(pass(b, a, 'key', nowMs).ok, true);
    t.equal(kindOf(packetOf(a, 'data', nowMs)), rules === 'stock' ? 0 : 4, rules);
  }
});

t.test('§14.1: a replayed hello does not disturb a live session', async (t) => {
  const { a, b } = pair();
  const recorded = packetOf(a, 'hello', 0);
  a.association.resetHandshake(0);
  establish(a, b);
  const { sendRow, openRow } = b.association;
  t.equal(via(b.association.open(recorded, 1)), 'hello pending false');
  t.same([b.association.sendRow, b.association.openRow], [sendRow, openRow]);
  t.same([b.association.pending, b.association.stateNumber], [true, 100]);
  t.equal(via(pass(a, b, 'data', 2)), 'data live true');
  t.equal(via(pass(b, a, 'data', 2)), 'data live true');
  t.equal(kindOf(b.association.seal(say('answer'), 3, 'pending')), 2);
  t.equal(via(pass(a, b, 'data', SETUP_RESET_MS)), 'data live true');
  b.association.checkTimeouts(SETUP_RESET_MS + 3);
  t.equal(b.association.pending, false, 'the half-open session is dropped after 10 s');
  t.equal(via(pass(a, b, 'data', SETUP_RESET_MS + 4)), 'data live true');
});

t.test('§14.1: under the stock rules the same hello ends it', async (t) => {
  const { a, b } = pair(stock, stock);
  const recorded = packetOf(a, 'hello', 0);
  a.association.resetHandshake(0);
  establish(a, b);
  t.equal(via(b.association.open(recorded, 1)), 'hello live false');
  t.same([b.association.stateNumber, b.association.sendRow, b.table.rowsUsed], [2, -1, 0]);
  t.equal(via(pass(a, b, 'data', 2)), 'error 2');
});

t.test(
  '§14.1, H6: a peer that restarted gets a new session, and the old row lives until its first data packet',
  async (t) => {
    const { a, b } = pair();
    establish(a, b);
    const oldRow = b.association.sendRow;
    const again = restarted(a, B);
    t.equal(via(pass(again, b, 'hello', 1)), 'hello pending false');
    t.ok(kindOf(packetOf(b, 'user data', 1)) >= 4, 'user data goes on over the live row');
    t.equal(via(pass(b, again, 'key', 2, 'pending')), 'key live false');
    t.equal(b.association.sendRow, oldRow);
    t.equal(via(pass(again, b, 'data', 3)), 'data live true');
    t.not(b.association.sendRow, oldRow);
    t.equal(b.association.openRow, b.association.sendRow);
    t.equal(via(pass(b, again, 'data', 4)), 'data live true');
    b.association.checkTimeouts(4 + SETUP_RESET_MS);
    t.same([b.association.pending, b.table.rowsUsed, b.keys.slots.has(sealSlot(oldRow))], [false, 1, false]);
    t.equal(via(b.association.open(packetOf(a, 'old data', 4), 4)), 'error 15', 'the old key is refused after');
  },
);

t.test('§14.1: the user of the live session stays until the new one is proven', async (t) => {
  const { a, b } = pair();
  const alice = b.environment.users.add({ login: 'alice', password: 'secret', name: null });
  establish(a, b);
  const credentials = createCredentials(a.environment.crypto, { login: 'alice', password: say('secret') });
  const again = restarted(a, B, { credentials });
  pass(again, b, 'hello', 1);
  t.equal(b.association.user, null);
  pass(b, again, 'key', 2, 'pending');
  pass(again, b, 'data', 3);
  t.equal(b.association.user, alice);
});

t.test('§14.1: a hello that arrives late, after the key, does not undo the handshake', async (t) => {
  for (const rules of ['stock', 'hardened'] as const) {
    const { a, b } = pair({ rules }, { rules });
    const late = packetOf(b, 'hello of b', 0);
    pass(a, b, 'hello of a', 0);
    pass(b, a, 'key', 0);
    t.equal(a.association.open(late, 1).ok, true);
    t.equal(via(pass(a, b, 'data', 2)), rules === 'stock' ? 'error 10' : 'data live true', rules);
  }
});

t.test('§14.1: a hello of our own beside a live session renews it without a gap', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const [rowOfA, rowOfB] = [a.association.sendRow, b.association.sendRow];
  t.equal(via(pass(a, b, 'hello', 1, 'pending')), 'hello pending false');
  t.equal(via(pass(a, b, 'data', 1)), 'data live true');
  t.equal(via(pass(b, a, 'data', 1)), 'data live true');
  t.equal(via(pass(b, a, 'key', 2, 'pending')), 'key live false');
  t.not(a.association.sendRow, rowOfA, 'her answer is fresh: we send with the new keys');
  t.same([a.association.openRow, a.association.pending, a.association.stateNumber], [rowOfA, true, 4]);
  t.equal(via(pass(b, a, 'data on the old row', 2)), 'data live true');
  t.equal(b.association.sendRow, rowOfB);
  t.equal(via(pass(a, b, 'data', 3)), 'data live true');
  t.equal(via(pass(b, a, 'data', 3)), 'data live true');
  for (const { association } of [a, b]) association.checkTimeouts(3 + SETUP_RESET_MS);
  for (const side of [a, b]) {
    t.same([side.association.pending, side.association.stateNumber, side.table.rowsUsed], [false, 100, 1]);
    t.equal(side.association.openRow, side.association.sendRow);
  }
});

t.test('§14.1: a renewal that is never completed leaves the session as it was', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const row = a.association.sendRow;
  pass(a, b, 'hello', 0, 'pending');
  pass(b, a, 'key', 0, 'pending');
  packetOf(a, 'lost', 1);
  t.equal(via(pass(b, a, 'data', 9000)), 'data live true');
  a.association.checkTimeouts(SETUP_RESET_MS);
  t.same([a.association.sendRow, a.association.openRow, a.association.pending], [row, row, false]);
  b.association.checkTimeouts(SETUP_RESET_MS);
  t.equal(via(pass(a, b, 'data', SETUP_RESET_MS)), 'data live true');
  pass(a, b, 'hello', SETUP_RESET_MS, 'pending');
  t.equal(a.association.pending, true);
  a.association.checkTimeouts(2 * SETUP_RESET_MS);
  t.equal(a.association.pending, false, 'nor does a hello without an answer stay');
});

t.test('§14.1: what was on its way when the keys changed is still read, for 10 s', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const [early, late, latest] = ['early', 'late', 'latest'].map((words) => packetOf(a, words, 0));
  pass(a, b, 'hello', 1, 'pending');
  pass(b, a, 'key', 1, 'pending');
  pass(a, b, 'data', 1);
  t.equal(via(b.association.open(sure(late), 2)), 'data live true');
  t.equal(via(b.association.open(sure(early), 2)), 'data live true');
  t.equal(via(b.association.open(sure(early), 2)), `error ${ERROR.REPLAY}`, 'but not twice');
  pass(a, b, 'data', 3);
  b.association.checkTimeouts(2 + SETUP_RESET_MS);
  t.equal(via(b.association.open(sure(latest), 2 + SETUP_RESET_MS)), `error ${ERROR.DECRYPT}`);
});

t.test('§14.1: should each side have kept another session, the next packet brings them together', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const oldRow = b.association.sendRow;
  const again = restarted(a, B);
  pass(again, b, 'hello', 1);
  pass(b, again, 'key', 1, 'pending');
  pass(again, b, 'late data of a handshake that was given up', 1);
  t.not(b.association.sendRow, oldRow);
  t.equal(via(pass(a, b, 'data', 2)), 'data live true');
  t.equal(b.association.sendRow, oldRow);
  t.equal(via(pass(b, a, 'data', 2)), 'data live true');
});

t.test('§14.1: a stock peer cannot tell: it restarts, and it is asked for a renewal', async (t) => {
  const { a, b } = pair({}, stock);
  establish(a, b);
  const again = restarted(b, A);
  const opened = pass(again, a, 'hello', 1);
  t.equal(via(opened), 'hello pending false');
  pass(a, again, 'key', 1, 'pending');
  pass(again, a, 'data', 1);
  t.equal(via(pass(a, again, 'data', 1)), 'data live true');
  t.equal(via(pass(a, again, 'hello', 2, 'pending')), 'hello live false');
  t.equal(via(pass(again, a, 'key', 2)), 'key live false');
  t.equal(via(pass(a, again, 'data', 3)), 'data live true');
  t.equal(via(pass(again, a, 'data', 3)), 'data live true');
  a.association.checkTimeouts(3 + SETUP_RESET_MS);
  t.same([a.table.rowsUsed, again.table.rowsUsed], [1, 1]);
});

t.test('§14.2: a hello that led to a session is refused for ever after, and so are those before it', async (t) => {
  const { a, b } = pair();
  const unanswered = packetOf(a, 'first hello', 0);
  b.association.open(unanswered, 0);
  a.association.resetHandshake(0);
  const used = packetOf(a, 'second hello', 0);
  b.association.open(used, 0);
  pass(b, a, 'key', 0);
  pass(a, b, 'data', 0);
  const before = snapshot(b);
  for (const old of [unanswered, used]) t.equal(via(b.association.open(old, 1)), `error ${ERROR.INVALID_PACKET}`);
  const asRepeat = Uint8Array.from(used);
  asRepeat[3] = 1;
  t.equal(
    via(b.association.open(asRepeat, 1)),
    `error ${ERROR.INVALID_PACKET}`,
    'the nonce field is not authenticated',
  );
  t.equal(snapshot(b), before);
  b.association.checkTimeouts(RESET_MS);
  t.equal(b.association.stateNumber, 0);
  t.equal(via(b.association.open(used, RESET_MS)), `error ${ERROR.INVALID_PACKET}`, 'also after the session has ended');
});

t.test('§14.2: a hello that was only followed by another one is not refused: that one may be the replay', async (t) => {
  const { a, b } = pair();
  const replayed = packetOf(a, 'old hello', 0);
  a.association.resetHandshake(0);
  pass(a, b, 'genuine hello', 0);
  t.equal(b.association.open(replayed, 0).ok, true);
  t.equal(via(pass(a, b, 'genuine hello, repeated', 1)), 'hello live false');
  pass(b, a, 'key', 1);
  t.equal(via(pass(a, b, 'data', 1)), 'data live true');
});

t.test('§14.2: the memory is bounded, the oldest are forgotten first', async (t) => {
  const { a, b } = pair();
  for (let round = 0; round < 2 * MAX_SPENT_HELLOS; round++) {
    const again = restarted(a, B, {}, `round ${round}`);
    for (let more = 0; more < 12; more++) {
      pass(again, b, 'hello', 0);
      if (more < 11) again.association.resetHandshake(0);
    }
    pass(b, again, 'key', 0, 'pending');
    pass(again, b, 'data', 0);
  }
  t.equal(b.association.stateNumber, 100);
  t.equal(b.association.state.usedHellos.length, MAX_SPENT_HELLOS);
  t.equal(b.association.state.seenHellos.length, 0);
});

t.test('§14.4: temporary private keys are wiped as soon as they are not needed', async (t) => {
  const { a, b } = pair();
  pass(a, b, 'hello', 0);
  const { handshaking } = a.association.state;
  const ours = handshaking.name === 'SENT_HELLO' ? handshaking.our.secret : null;
  pass(b, a, 'key', 0);
  t.equal(sure(ours).bytes.length, 32, 'another key packet may still come');
  t.equal('our' in b.association.state.handshaking, false, 'the responder needs it no more once it has answered');
  pass(a, b, 'data', 0);
  pass(b, a, 'data', 0);
  t.throws(() => sure(ours).bytes, { code: 'ERR_KEY_WIPED' });
});

t.test('§14.4: what is closed, reset or replaced is wiped', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const secret = sure(a.association.state.current).secret;
  a.association.close();
  a.association.close();
  t.throws(() => secret.bytes, { code: 'ERR_KEY_WIPED' });
  t.same([a.table.rowsUsed, a.keys.slots.size, a.association.sendRow, a.association.openRow], [0, 0, -1, -1]);
  t.equal(via(a.association.open(packetOf(b, 'data', 1), 1)), `error ${ERROR.NO_SESSION}`);
  t.throws(() => a.association.seal(say('x'), 1), { code: 'ERR_CLOSED' });
  const old = sure(b.association.state.current).secret;
  b.association.resetHandshake(1);
  t.throws(() => old.bytes, { code: 'ERR_KEY_WIPED' });
  t.equal(kindOf(packetOf(b, 'hello', 1)), 0);
});

/** All boxes with a secret that a value holds, with the way to each. */
function secretsIn(value: unknown, path = ''): [string, SecretKey][] {
  if (value instanceof SecretKey) return [[path, value]];
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, part]) => secretsIn(part, `${path}.${name}`));
}

const STEPS = ['hello', 'key', 'data', 'data'] as const;

for (const [what, end] of [
  ['reset', ({ association }: Party) => association.resetHandshake(0)],
  ['closed', ({ association }: Party) => association.close()],
] as const)
  t.test(`§14.4: a handshake that is ${what} half way leaves no secret at either side`, async (t) => {
    for (let steps = 1; steps <= STEPS.length; steps++) {
      const { a, b } = pair();
      for (const [step, words] of STEPS.slice(0, steps).entries())
        step % 2 === 0 ? pass(a, b, words, 0) : pass(b, a, words, 0);
      for (const side of [a, b]) {
        const secrets = secretsIn(side.association.state);
        t.ok(secrets.length > 0);
        end(side);
        for (const [path, secret] of secrets)
          t.throws(() => secret.bytes, { code: 'ERR_KEY_WIPED' }, `${steps} steps: ${path}`);
      }
    }
  });

t.test('§14.4: a closed association leaves nothing that it computed with', async (t) => {
  const fake = createFakeBackend();
  const points = new Set<Uint8Array>();
  const crypto: CryptoBackend = {
    ...fake,
    hsalsa: (point) => {
      points.add(point);
      return fake.hsalsa(point);
    },
  };
  const { a, b } = pair({ crypto }, { crypto });
  establish(a, b);
  t.ok(
    [...points].some((point) => !isZero(point)),
    'the point shared with the peer is kept while they talk',
  );
  a.association.close();
  b.association.close();
  t.same(
    [...points].filter((point) => !isZero(point)),
    [],
  );
});

t.test('§14.5: a forged first data packet does not move the window (R4)', async (t) => {
  for (const rules of ['stock', 'hardened'] as const) {
    const { a, b } = pair({ rules }, { rules });
    pass(a, b, 'hello', 0);
    pass(b, a, 'key', 0);
    const genuine = packetOf(a, 'data', 0);
    const forged = Uint8Array.from(genuine);
    forged.set([0, 0, 1, 0]);
    const before = snapshot(b);
    t.equal(via(b.association.open(forged, 0)), `error ${ERROR.DECRYPT}`);
    t.equal(snapshot(b) === before, rules === 'hardened');
    const stockSays = `error ${ERROR.REPLAY}`;
    t.equal(via(b.association.open(genuine, 0)), rules === 'stock' ? stockSays : 'data live true', rules);
    t.equal(via(pass(a, b, 'data', 0)), 'data live true', `${rules}: and then it goes on`);
  }
});
