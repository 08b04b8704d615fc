import t from 'tap';
import { createCredentials, MAX_USERS, Users } from '../../src/cryptoauth/index.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';
import { A, say, sure } from './support.ts';

const crypto = createFakeBackend();
const shown = (login: string | null, password: string) => createCredentials(crypto, { login, password: say(password) });

t.test('a user is found by password and by login', async (t) => {
  const users = new Users(crypto);
  users.add({ login: 'alice', password: 'one', name: null });
  const bob = users.add({ login: 'bob', password: 'two', name: 'Bob', restrictedTo: A.address });
  for (const credentials of [shown(null, 'two'), shown('bob', 'two')]) {
    t.equal(users.find(credentials.authType, credentials.lookup), bob);
    t.same(credentials.secret.bytes, bob.secret.bytes);
  }
});

t.test('the first of several users with the same password is found', async (t) => {
  const users = new Users(crypto);
  const first = users.add({ login: 'first', password: 'same', name: null });
  users.add({ login: 'second', password: 'same', name: null });
  t.equal(users.find(1, shown(null, 'same').lookup), first);
});

t.test('type 0, unknown types and strangers match nobody', async (t) => {
  const users = new Users(crypto);
  users.add({ login: 'alice', password: 'one', name: null });
  const { lookup } = shown('alice', 'one');
  for (const type of [0, 3, 4, 255]) t.equal(users.find(type, lookup), null, `type ${type}`);
  t.equal(users.find(1, lookup), null, 'the lookup of the other type');
  for (let byte = 0; byte < 7; byte++) {
    const damaged = new Uint8Array(lookup);
    damaged[byte] = sure(damaged[byte]) ^ 1;
    t.equal(users.find(2, damaged), null, `byte ${byte} of the lookup counts`);
  }
});

t.test('a removed user is not found, and its secret is gone', async (t) => {
  const users = new Users(crypto);
  const alice = users.add({ login: 'alice', password: 'one', name: null });
  t.equal(users.remove('alice'), true);
  t.equal(users.remove('alice'), false);
  t.equal(users.find(1, shown(null, 'one').lookup), null);
  t.throws(() => alice.secret.bytes, { code: 'ERR_KEY_WIPED' });
});

t.test('what stock nodes cannot use is refused', async (t) => {
  const users = new Users(crypto);
  users.add({ login: 'alice', password: 'one', name: null });
  t.throws(() => users.add({ login: 'alice', password: 'two', name: null }), { code: 'ERR_USER' });
  t.throws(() => users.add({ login: 'bob', password: '', name: null }), { code: 'ERR_PASSWORD' });
  t.throws(() => users.add({ login: 'bob', password: 'x'.repeat(65), name: null }), { code: 'ERR_PASSWORD' });
  t.throws(() => users.add({ login: '', password: 'one', name: null }), { code: 'ERR_LOGIN' });
  t.throws(() => users.add({ login: 'x'.repeat(256), password: 'one', name: null }), { code: 'ERR_LOGIN' });
  t.throws(() => shown(null, ''), { code: 'ERR_PASSWORD' });
  t.throws(() => shown('', 'one'), { code: 'ERR_LOGIN' });
  t.equal(users.list().length, 1);
});

t.test('the table is bounded', async (t) => {
  const users = new Users(crypto);
  for (let index = 0; index < MAX_USERS; index++) users.add({ login: `user ${index}`, password: 'same', name: null });
  t.throws(() => users.add({ login: 'one more', password: 'same', name: null }), { code: 'ERR_USER' });
});

t.test('secrets do not print', async (t) => {
  const users = new Users(crypto);
  const printed = JSON.stringify([users.add({ login: 'alice', password: 'one', name: null }), shown('bob', 'two')]);
  t.match(printed, '<secret>');
});
