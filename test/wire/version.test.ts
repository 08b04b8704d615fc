import t from 'tap';
import { isCompatible, OLDEST_COMPATIBLE, PROTOCOL_VERSION } from '../../src/wire/index.ts';

t.test('we speak 21 to everybody from 20 up', async (t) => {
  t.equal(PROTOCOL_VERSION, 21);
  t.equal(OLDEST_COMPATIBLE, 20);
  t.same([0, 19, 20, 22, 99].map(isCompatible), [false, false, true, true, true]);
});
