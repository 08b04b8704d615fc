/** The face that links and sessions see: packets are sorted by their clear part, without copies and before any proof. */
import t from 'tap';
import { concat } from '../../src/base/index.ts';
import { createDataTable } from '../../src/channel/index.ts';
import { createCredentials, createCryptoAuth, Users } from '../../src/cryptoauth/index.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';
import { A, B, fakeSlots, pair, say, seededRng } from './support.ts';

const crypto = createFakeBackend();
const alice = createCredentials(crypto, { login: 'alice', password: say('right') });

function faceOfB() {
  const users = new Users(crypto);
  users.add({ login: 'alice', password: 'right', name: null });
  const environment = { crypto, rng: seededRng('b'), identity: B, users, rules: 'hardened' } as const;
  return createCryptoAuth(environment, createDataTable(fakeSlots(), 8));
}

/** A packet somewhere in other bytes. */
function buried(packet: Uint8Array): { bytes: Uint8Array; offset: number } {
  return { bytes: concat(new Uint8Array(7).fill(0xee), packet, new Uint8Array(9).fill(0xee)), offset: 7 };
}

t.test('a hello says who sent it and that it shows credentials', async (t) => {
  const face = faceOfB();
  const hello = pair({ credentials: alice }).a.association.seal(say('hello'), 0);
  t.same(face.peek(hello), { publicKey: A.publicKey, isFirst: true, hasCredentials: true });
  t.equal(face.peek(pair({}).a.association.seal(say('hello'), 0))?.hasCredentials, false);
  t.equal(face.peek(hello.subarray(0, face.shortestBytes - 1)), null, 'a runt says nothing');
  t.equal(face.peek(concat(Uint8Array.of(0, 0, 0, 4), hello.subarray(4))), null, 'nor does data');
  t.equal(face.peek(concat(Uint8Array.of(0, 0, 0, 2), hello.subarray(4)))?.isFirst, false, 'a key begins nothing');
});

t.test('the same is found where the packet lies in other bytes', async (t) => {
  const face = faceOfB();
  const hello = pair({ credentials: alice }).a.association.seal(say('hello'), 0);
  const { bytes, offset } = buried(hello);
  t.ok(face.isHandshakeAt(bytes, offset, hello.length));
  t.ok(face.isFirstAt(bytes, offset, hello.length));
  t.notOk(face.isFirstAt(bytes, offset, face.shortestBytes - 1), 'too short');
  t.ok(face.isKnownAt(bytes, offset));
  t.ok(face.isFromAt(bytes, offset, A.publicKey));
  t.notOk(face.isFromAt(bytes, offset, B.publicKey));
  t.equal(face.markAt(bytes, offset), face.markAt(hello, 0));
  t.notOk(face.isHandshakeAt(Uint8Array.of(0, 0, 0, 4), 0, 4), 'counters begin at 4');
  t.notOk(face.isHandshakeAt(Uint8Array.of(0, 0, 0), 0, 3));
});

t.test('a password that we do not know is told from one that we know', async (t) => {
  const wrong = createCredentials(crypto, { login: null, password: say('wrong') });
  const hello = pair({ credentials: wrong }).a.association.seal(say('hello'), 0);
  t.notOk(faceOfB().isKnownAt(hello, 0));
});

t.test('each hello has a mark of its own, also when it is repeated', async (t) => {
  const face = faceOfB();
  const { a } = pair({ credentials: alice });
  const [first, second] = [a.association.seal(say('hello'), 0), a.association.seal(say('hello'), 100)];
  t.not(face.markAt(first, 0), face.markAt(second, 0));
});

t.test('error numbers say what was wrong with the credentials, or nothing', async (t) => {
  const { refusalOf } = faceOfB();
  t.equal(refusalOf(8, false), 'password required');
  t.equal(refusalOf(8, true), 'unknown login');
  t.equal(refusalOf(9, true), 'unknown login');
  for (const error of [6, 7, 11]) t.equal(refusalOf(error, true), 'wrong password or key');
  for (const error of [1, 2, 10, 12, 13, 14, 15]) t.equal(refusalOf(error, true), null);
});

t.test('a channel goes with the node it was asked for, and is closed without a trace', async (t) => {
  const slots = fakeSlots();
  const environment = {
    crypto,
    rng: seededRng('b'),
    identity: B,
    users: new Users(crypto),
    rules: 'hardened',
  } as const;
  const face = createCryptoAuth(environment, createDataTable(slots, 8));
  const channel = face.channel({ peerKey: A.publicKey, credentials: null, requireAuth: false }, 0);
  t.same([channel.sendRow, channel.openRow, channel.sealsHandshake], [-1, -1, true]);
  channel.close();
  t.equal(slots.slots.size, 0);
  t.throws(() => face.channel({ peerKey: B.publicKey, credentials: null, requireAuth: false }, 0), {
    code: 'ERR_PEER_KEY',
  });
});
