import { readFileSync } from 'node:fs';
import t from 'tap';
import type { SectionField } from '../../src/config/field.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import { ALL_KEYS as KEYS } from '../../src/config/keys.ts';
import { needRestart } from '../../src/config/restart.ts';
import { schema } from '../../src/config/schema.ts';
import { renderTemplate } from '../../src/config/template.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const MANUAL = readFileSync(new URL('../../docs/manual.md', import.meta.url), 'utf8');

function configOf(text: string): Config {
  const loaded = loadConfig(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** All paths that a reader knows. */
function pathsOf({ fields }: SectionField, prefix = ''): readonly string[] {
  return Object.entries(fields).flatMap(([name, { field }]) => {
    if (field.kind === 'section') return pathsOf(field, `${prefix}${name}.`);
    if (field.kind === 'list' && field.of.kind === 'section') return pathsOf(field.of, `${prefix}${name}[].`);
    return [`${prefix}${name}`];
  });
}

t.test('the reader knows the keys of the list, and no others', async (t) => {
  const own = KEYS.filter(({ field }) => field !== null).map(({ path }) => path);
  t.same([...pathsOf(schema)].sort(), [...own].sort());
  t.equal(new Set(own).size, own.length);
});

t.test('the manual has a row for each, with its default and what reload does', async (t) => {
  const code = (value: string): string => `\`${value}\``;
  for (const { path, fallback, required, note, about, reload } of KEYS) {
    const list = typeof fallback === 'string' || fallback === null ? fallback : `[${fallback.join(', ')}]`;
    const value = list !== null ? ` ${code(list)} ` : required ? ' required ' : note === '' ? ' ' : ` ${note} `;
    t.ok(MANUAL.includes(`| ${code(path)} |${value}| ${about} | ${reload} |\n`), path);
  }
  const rows = MANUAL.match(/^\| `[a-z]+[\w.[\]]*` \|.*\| (yes|no|new addresses)[^|]*\|$/gm) ?? [];
  t.equal(rows.length, KEYS.length, 'and no others');
});

t.test('what a reload cannot take over is said so, section by section', async (t) => {
  const config = configOf(`identity: {privateKey: ${PRIVATE}}\n`);
  t.same(needRestart(config, config), []);
  const next: Config = {
    ...config,
    tun: { ...config.tun, mtu: 1280 },
    user: 'somebody',
    firewall: { inbound: 'allow', allow: [] },
    log: { level: 'debug' },
  };
  t.same(needRestart(config, next), ['tun', 'user']);
});

t.test('the file of `init` has each key, as it holds or as an example', async (t) => {
  const lines = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' }).split('\n');
  for (const { path, fallback, written } of KEYS) {
    const name = path.replace(/^.*[.\]]\.?/, '');
    const line = lines.find((one) => new RegExp(`^[ #-]*${name}:`).test(one));
    t.ok(line, path);
    const value = written.example ?? written.value ?? (typeof fallback === 'string' ? fallback : '');
    t.ok(lines.some((one) => one.includes(name) && one.includes(value)) || path === 'listen' || path === 'supernodes');
    if (written.hint !== undefined)
      t.ok(
        lines.some((one) => one.endsWith(`# ${written.hint}`)),
        written.hint,
      );
  }
});

t.test('every default passes the check of its own key', async (t) => {
  const text = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' });
  t.match(configOf(text).warnings, []);
});
