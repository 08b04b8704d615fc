import { readFileSync } from 'node:fs';
import t from 'tap';
import { isSigned, signedRequest } from '../../src/admin/auth.ts';
import { Cookies } from '../../src/admin/cookies.ts';
import { COOKIE_SECONDS } from '../../src/admin/spec.ts';
import { asMap, parseBencode, utf8 } from '../../src/base/index.ts';
import { loadNodeBackend } from '../../src/crypto/index.ts';

const vector = JSON.parse(readFileSync(new URL('../vectors/admin.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const { sha256 } = await loadNodeBackend();
const { password = '', cookie = '', finalMessage = '' } = vector;

function verify(message: string, word = password, biscuit = cookie): boolean {
  const datagram = utf8(message);
  const request = asMap(parseBencode(datagram)?.value);
  return request !== null && isSigned(datagram, request, word, utf8(biscuit), sha256);
}

t.test('a request is signed as in the vector', async (t) => {
  const args = new Map([['page', 0n]]);
  const question = { name: 'SessionManager_getHandles', args, txid: '0042' };
  t.equal(Buffer.from(signedRequest(question, password, cookie, sha256)).toString(), finalMessage);
});

t.test('the request of the vector is accepted, with no other password, cookie or byte', async (t) => {
  t.equal(verify(finalMessage), true);
  t.equal(verify(finalMessage, 'other'), false);
  t.equal(verify(finalMessage, password, '1700000001'), false);
  for (let at = 0; at < finalMessage.length; at++) {
    const changed = finalMessage.slice(0, at) + (finalMessage[at] === '1' ? '2' : '1') + finalMessage.slice(at + 1);
    t.equal(verify(changed), false, `byte ${at}`);
  }
});

t.test('a cookie is the time, good once and for 20 s', async (t) => {
  const cookies = new Cookies();
  const issued = cookies.issue(1_700_000_000);
  t.equal(issued, '1700000000');
  t.equal(cookies.isGood(issued, 1_700_000_000 + COOKIE_SECONDS), true);
  t.equal(cookies.isGood(issued, 1_700_000_001 + COOKIE_SECONDS), false, 'too old');
  t.equal(cookies.isGood('1700000002', 1_700_000_001), false, 'of the future');
  t.equal(cookies.spend(issued, 1_700_000_001), true);
  t.equal(cookies.isGood(issued, 1_700_000_001), false, 'spent');
});

t.test('all cookies of one second differ, and each is good', async (t) => {
  const cookies = new Cookies();
  const issued = new Set(Array.from({ length: 1000 }, () => cookies.issue(1_700_000_000)));
  t.equal(issued.size, 1000);
  t.ok([...issued].every((one) => cookies.isGood(one, 1_700_000_000)));
});

t.test('texts that are no cookies are refused', async (t) => {
  const cookies = new Cookies();
  for (const text of [
    '',
    'x',
    '170000000',
    '17000000000',
    '1700000000.0',
    '-1700000000',
    '1700000000 ',
    '9'.repeat(40),
  ]) {
    t.equal(cookies.isGood(text, 1_700_000_000), false, text);
  }
});

t.test('spent cookies are remembered up to a limit, then nothing is accepted until they are old', async (t) => {
  const cookies = new Cookies();
  let accepted = 0;
  while (cookies.spend(cookies.issue(1_700_000_000), 1_700_000_000)) accepted++;
  t.equal(accepted, 16_384);
  t.equal(cookies.spend(cookies.issue(1_700_000_030), 1_700_000_030), true);
});
