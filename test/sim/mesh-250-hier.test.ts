import t from 'tap';
import { assertHeals } from './mesh.ts';

t.setTimeout(300_000);

t.test('a tenth of 250 nodes (hier) dies at once: seven sessions of ten work again within ten seconds', async (t) => {
  await assertHeals(t, 'hier', 0.7);
});
