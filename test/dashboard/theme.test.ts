import t from 'tap';
import type { Tone } from '../../src/dashboard/line.ts';
import { greyed, themeFor } from '../../src/dashboard/theme.ts';

const TONES: readonly Tone[] = ['plain', 'strong', 'dim', 'good', 'warn', 'bad', 'chosen'];

t.test('only states have a colour, and NO_COLOR leaves none', async (t) => {
  const theme = themeFor({});
  t.same(
    TONES.filter((tone) => theme[tone].color !== undefined),
    ['good', 'warn', 'bad'],
  );
  const colourless = themeFor({ NO_COLOR: '1' });
  t.ok(TONES.every((tone) => colourless[tone].color === undefined));
  t.ok(themeFor({ NO_COLOR: '' }).bad.color, 'an empty NO_COLOR says nothing');
});

t.test('the background decides the colours; what the user says wins', async (t) => {
  const light = themeFor({ COLORFGBG: '0;15' });
  const dark = themeFor({ COLORFGBG: '15;0' });
  t.not(light.bad.color, dark.bad.color);
  t.same(themeFor({ COLORFGBG: '15;0', FCMESH_BACKGROUND: 'light' }), light);
  t.not(themeFor({}).warn.color, dark.warn.color);
});

t.test('an old frame is grey all over, but for the sentence that says so', async (t) => {
  const grey = greyed(themeFor({}));
  t.same(
    TONES.filter((tone) => grey[tone].dim !== true),
    ['strong'],
  );
});
