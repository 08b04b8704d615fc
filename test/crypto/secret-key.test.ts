import { format, inspect } from 'node:util';
import t from 'tap';
import { SecretKey } from '../../src/crypto/index.ts';

const TEXT = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';

t.test('64 hex digits of either case are a key, nothing else is', async (t) => {
  t.equal(SecretKey.fromHex(TEXT)?.revealHex(), TEXT);
  t.equal(SecretKey.fromHex(TEXT.toUpperCase())?.revealHex(), TEXT);
  for (const text of ['', TEXT.slice(2), `${TEXT}00`, TEXT.replace('1f', 'xx'), `${TEXT}\n`])
    t.equal(SecretKey.fromHex(text), null);
  t.equal(SecretKey.fromBytes(new Uint8Array(31)), null);
  t.throws(() => new SecretKey(new Uint8Array(33)), { code: 'ERR_KEY_LENGTH' });
});

t.test('no way of printing shows it', async (t) => {
  const key = SecretKey.fromHex(TEXT);
  const shown = [`${key}`, JSON.stringify({ key }), inspect(key), inspect({ key }, { showHidden: true, depth: 9 })];
  for (const text of [...shown, format('%s %o %j', key, key, key), Object.entries(key ?? {}).join()]) {
    t.notMatch(text, /1f44|31,\s*68/, text);
  }
  t.match(shown, [/<secret>/, /<secret>/, /<secret>/, /<secret>/]);
});

t.test('the constructor copies, wiping leaves nothing', async (t) => {
  const source = new Uint8Array(32).fill(7);
  const key = new SecretKey(source);
  source.fill(0);
  const { bytes } = key;
  t.equal(bytes[0], 7);
  key.wipe();
  key.wipe();
  t.same(bytes, new Uint8Array(32));
  t.throws(() => key.bytes, { code: 'ERR_KEY_WIPED' });
  t.throws(() => key.revealHex(), { code: 'ERR_KEY_WIPED' });
  t.equal(`${key}`, '<secret>');
});
