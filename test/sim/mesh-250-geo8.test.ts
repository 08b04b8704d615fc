import t from 'tap';
import { assertHeals } from './mesh.ts';

t.setTimeout(300_000);

t.test('a tenth of 250 nodes (geo8) dies at once: nine sessions of ten work again within ten seconds', async (t) => {
  await assertHeals(t, 'geo8', 0.9);
});
