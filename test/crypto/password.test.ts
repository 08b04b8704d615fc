import t from 'tap';
import { utf8 } from '../../src/base/index.ts';
import { isPasswordAllowed, loadNodeBackend, lookup1, lookup2, passwordSecret } from '../../src/crypto/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Password = { password: string; login: string; secret: string; searchKeyType1: string; searchKeyType2: string };
const backend = await loadNodeBackend();

t.test('the vectors of stock nodes', async (t) => {
  for (const vector of vectors<{ passwords: Password[] }>('identity').passwords) {
    t.same(passwordSecret(backend, utf8(vector.password)), hex(vector.secret));
    t.same(lookup1(backend, utf8(vector.password)), hex(vector.searchKeyType1).subarray(1));
    t.same(lookup2(backend, utf8(vector.login)), hex(vector.searchKeyType2).subarray(1));
  }
});

t.test('passwords have 1 to 64 bytes', async (t) => {
  for (const length of [1, 64]) t.ok(isPasswordAllowed(new Uint8Array(length)));
  for (const length of [0, 65]) t.notOk(isPasswordAllowed(new Uint8Array(length)));
});
