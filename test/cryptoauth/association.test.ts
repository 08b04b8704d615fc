import t from 'tap';
import { COUNTER_LIMIT, type Opened } from '../../src/channel/index.ts';
import { asPublicKey } from '../../src/crypto/index.ts';
import { Association } from '../../src/cryptoauth/association.ts';
import { ERROR } from '../../src/cryptoauth/errors.ts';
import { sealHandshake } from '../../src/cryptoauth/handshake-packet.ts';
import { createCredentials, errorName } from '../../src/cryptoauth/index.ts';
import { sharedPoint } from '../../src/cryptoauth/keys.ts';
import { RESET_MS, SETUP_RESET_MS } from '../../src/cryptoauth/spec.ts';
import { createFakeBackend, LOW_ORDER_KEY } from '../support/fake-crypto.ts';
import { A, B, establish, fakeIdentity, type Party, pair, party, pass, say, snapshot, sure } from './support.ts';

const crypto = createFakeBackend();
const alice = createCredentials(crypto, { login: 'alice', password: say('right') });

function result(opened: Opened): number | string {
  return opened.ok ? opened.kind : opened.error;
}

/** A packet of `from` as it would be with any temporary key inside. */
function handshakeWith(from: Party, to: Party, nonceField: number, peerEphemeral: Uint8Array): Uint8Array {
  const { handshaking } = to.association.state;
  const sealedFor =
    nonceField < 2 || handshaking.name !== 'SENT_HELLO' ? to.environment.identity.publicKey : handshaking.our.publicKey;
  const point = sure(sharedPoint(crypto, from.environment.identity.privateKey, sealedFor));
  const context = {
    ...from.environment,
    peerKey: to.environment.identity.publicKey,
    mayAnswer: () => true,
    peerPoint: () => point,
    credentials: null,
    requireAuth: false,
  };
  return sealHandshake(context, nonceField, point, peerEphemeral, say('payload'));
}

t.test('rows come with the data keys, and the fast way with the first data packet', async (t) => {
  const { a, b } = pair();
  const rows = ({ association }: Party) => [
    association.stateNumber,
    association.sendRow >= 0,
    association.openRow >= 0,
  ];
  t.same(
    [rows(a), rows(b)],
    [
      [0, false, false],
      [0, false, false],
    ],
  );
  pass(a, b, 'hello', 0);
  t.same(
    [rows(a), rows(b)],
    [
      [1, false, false],
      [2, false, false],
    ],
  );
  pass(b, a, 'key', 0);
  t.same(
    [rows(a), rows(b)],
    [
      [4, true, false],
      [3, false, false],
    ],
  );
  pass(a, b, 'data', 0);
  t.same(
    [rows(a), rows(b)],
    [
      [4, true, false],
      [100, true, true],
    ],
  );
  pass(b, a, 'data', 0);
  t.same(
    [rows(a), rows(b)],
    [
      [100, true, true],
      [100, true, true],
    ],
  );
  t.equal(a.association.openRow, a.association.sendRow);
});

t.test('counters are those of the table: what the fast path sends and receives counts here, too', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  const row = a.association.sendRow;
  a.table.sendCounter[row] = 5000;
  const packet = a.association.seal(say('data'), 0);
  t.same([...packet.subarray(0, 4)], [0, 0, 0x13, 0x88]);
  t.equal(a.table.sendCounter[row], 5001);
  t.equal(b.table.accept(b.association.openRow, 5000), true, 'the fast path was first');
  t.equal(result(b.association.open(packet, 0)), ERROR.REPLAY);
  b.table.lastInMs[b.association.openRow] = 50_000;
  t.equal(b.association.checkTimeouts(50_000 + RESET_MS - 1), false);
  t.equal(b.association.checkTimeouts(50_000 + RESET_MS), true);
  t.same([b.association.stateNumber, b.association.sendRow, b.table.rowsUsed], [0, -1, 0]);
});

t.test('a half-open session is reset after 10 s, one that only sent hellos never', async (t) => {
  const { a, b } = pair();
  pass(a, b, 'hello', 0);
  t.equal(b.association.checkTimeouts(SETUP_RESET_MS - 1), false);
  t.equal(b.association.checkTimeouts(SETUP_RESET_MS), true);
  t.equal(a.association.checkTimeouts(1e9), false);
  t.same([a.association.stateNumber, b.association.stateNumber], [1, 0]);
});

t.test(
  'H12: before the counter is used up a new handshake begins; what comes in under the old keys is read',
  async (t) => {
    for (const rules of ['stock', 'hardened'] as const) {
      const { a, b } = pair({ rules }, { rules });
      establish(a, b);
      a.table.sendCounter[a.association.sendRow] = COUNTER_LIMIT - 1;
      const last = a.association.seal(say('last'), 0);
      t.same([...last.subarray(0, 4)], [0xff, 0xff, 0xff, 0xef]);
      t.equal(result(b.association.open(last, 0)), 'data');
      const hello = a.association.seal(say('hello'), 0);
      t.same([...hello.subarray(0, 4)], [0, 0, 0, 0]);
      t.equal(a.association.sendRow, -1, 'the old row does not send again');
      t.equal(result(pass(b, a, 'under the old keys', 0)), rules === 'stock' ? ERROR.NO_SESSION : 'data', rules);
      const late = b.association.seal(say('late'), 0);
      t.equal(result(b.association.open(hello, 0)), 'hello');
      t.equal(result(pass(b, a, 'key', 0, 'pending')), 'key');
      t.equal(result(pass(a, b, 'data', 0)), 'data');
      t.equal(result(pass(b, a, 'data', 0)), 'data');
      const { sendRow } = a.association;
      t.equal(result(a.association.open(late, 0)), rules === 'stock' ? ERROR.DECRYPT : 'data', rules);
      t.equal(a.association.sendRow, sendRow, 'a late packet does not bring the used-up session back');
      for (const { association } of [a, b]) association.checkTimeouts(SETUP_RESET_MS);
      t.same([a.table.rowsUsed, b.table.rowsUsed, a.association.pending], [1, 1, false]);
    }
  },
);

t.test('H12: no counter is used twice when the exhausted session is not replaced in time', async (t) => {
  const { a, b } = pair();
  establish(a, b);
  a.table.sendCounter[a.association.sendRow] = COUNTER_LIMIT;
  pass(a, b, 'hello', 0);
  pass(b, a, 'key', 0, 'pending');
  a.association.checkTimeouts(SETUP_RESET_MS);
  t.equal(a.association.sendRow, -1);
  t.equal(a.association.seal(say('again'), SETUP_RESET_MS)[3], 0, 'a hello, not a packet of the old session');
});

t.test('H4: zero and low-order temporary keys inside authentic packets are refused', async (t) => {
  const zero = new Uint8Array(32);
  for (const rules of ['stock', 'hardened'] as const) {
    for (const nonceField of [0, 1, 2, 3]) {
      for (const key of [zero, LOW_ORDER_KEY]) {
        const { a, b } = pair({ rules }, { rules });
        if (nonceField >= 2) b.association.seal(say('hello'), 0);
        const before = snapshot(b);
        t.equal(
          result(b.association.open(handshakeWith(a, b, nonceField, key), 0)),
          ERROR.WISEGUY,
          `${rules} ${nonceField}`,
        );
        t.equal(snapshot(b), before);
      }
    }
  }
});

t.test('H4: a peer whose permanent key is of low order is refused', async (t) => {
  const { a } = pair();
  const peerKey = sure(asPublicKey(LOW_ORDER_KEY));
  const options = { peerKey, credentials: null, requireAuth: false };
  const association = new Association(a.environment, a.table, options, 0);
  const hello = party(B, A).association.seal(say('hello'), 0);
  hello.set(LOW_ORDER_KEY, 40);
  t.equal(result(association.open(hello, 0)), ERROR.WISEGUY);
  t.throws(() => association.seal(say('hello'), 0), { code: 'ERR_PEER_KEY' });
  t.throws(() => new Association(a.environment, a.table, { ...options, peerKey: A.publicKey }, 0), {
    code: 'ERR_PEER_KEY',
  });
  const zero = new Uint8Array(32) as typeof peerKey;
  t.throws(() => new Association(a.environment, a.table, { ...options, peerKey: zero }, 0), { code: 'ERR_PEER_KEY' });
});

t.test('H5: whoever must authenticate and cannot is refused, and leaves no trace', async (t) => {
  const wrong = createCredentials(crypto, { login: 'alice', password: say('wrong') });
  const unknown = createCredentials(crypto, { login: 'mallory', password: say('right') });
  const ofBob = createCredentials(crypto, { login: 'bob', password: say('right') });
  const cases = [
    [null, ERROR.AUTH_REQUIRED],
    [wrong, ERROR.HANDSHAKE_DECRYPT_FAILED],
    [unknown, ERROR.AUTH_REQUIRED],
    [ofBob, ERROR.HANDSHAKE_DECRYPT_FAILED],
    [alice, 'hello'],
  ] as const;
  for (const [credentials, expected] of cases) {
    const { a, b } = pair({ credentials }, { requireAuth: true });
    b.environment.users.add({ login: 'alice', password: 'right', name: null });
    b.environment.users.add({ login: 'bob', password: 'of bob', name: null });
    const before = snapshot(b);
    t.equal(result(pass(a, b, 'let me in', 0)), expected);
    t.equal(snapshot(b) === before, expected !== 'hello');
    t.equal(b.association.user?.login ?? null, expected === 'hello' ? 'alice' : null);
  }
});

t.test('H5: credentials that come later count from the next handshake packet on', async (t) => {
  const { a, b } = pair({}, { requireAuth: true });
  b.environment.users.add({ login: 'alice', password: 'right', name: null });
  t.equal(result(pass(a, b, 'hello', 0)), ERROR.AUTH_REQUIRED);
  a.association.dialWith(alice);
  t.equal(result(pass(a, b, 'hello', 0)), 'hello');
  t.equal(result(pass(b, a, 'key', 0)), 'key');
  t.equal(result(pass(a, b, 'data', 0)), 'data');
  t.equal(b.association.user?.login, 'alice');
});

t.test('an authentication type above 2 matches nobody', async (t) => {
  const { a, b } = pair({ credentials: alice });
  b.environment.users.add({ login: 'alice', password: 'right', name: null });
  const hello = a.association.seal(say('hello'), 0);
  for (const type of [3, 4, 255]) {
    hello[4] = type;
    t.equal(result(b.association.open(hello, 0)), ERROR.UNRECOGNIZED_AUTH);
  }
});

t.test('H8: a hello with another permanent key is refused', async (t) => {
  const { a, b } = pair();
  const mallory = party(fakeIdentity(crypto, 0x20), B);
  const before = snapshot(b);
  t.equal(result(b.association.open(mallory.association.seal(say('hello'), 0), 0)), ERROR.WRONG_PERM_PUBKEY);
  t.equal(snapshot(b), before);
  t.equal(result(pass(a, b, 'hello', 0)), 'hello');
});

t.test('an empty payload is a mistake of the program', async (t) => {
  const { a, b } = pair();
  t.throws(() => a.association.seal(new Uint8Array(0), 0), { code: 'ERR_EMPTY_PAYLOAD' });
  establish(a, b);
  t.throws(() => a.association.seal(new Uint8Array(0), 0), { code: 'ERR_EMPTY_PAYLOAD' });
});

t.test('a packet that needs a row when the table is full is refused, and nothing changes', async (t) => {
  const { a, b } = pair({ rows: 1 }, { rows: 1 });
  const taken = b.table.install(new Uint8Array(32), true, 4, 0);
  pass(a, b, 'hello', 0);
  pass(b, a, 'key', 0);
  const before = snapshot(b);
  t.equal(result(pass(a, b, 'data', 0)), ERROR.INTERNAL);
  t.equal(snapshot(b), before);
  b.table.free(taken);
  t.equal(result(pass(a, b, 'data', 0)), 'data');
});

t.test('secrets do not print', async (t) => {
  const { inspect } = await import('node:util');
  const { a, b } = pair();
  establish(a, b);
  const secret = sure(a.association.state.current).secret.revealHex();
  for (const text of [
    inspect(a.association, { depth: 9, showHidden: true }),
    inspect(a.association.state, { depth: 9 }),
  ]) {
    t.notMatch(text, secret);
  }
});

t.test('error numbers have names', async (t) => {
  t.same([errorName(14), errorName(0), errorName(1025)], ['REPLAY', 'NONE', 'ERROR_1025']);
});
