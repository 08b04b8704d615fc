/** What of a new configuration a running daemon cannot take over: says the list of keys. */
import type { Config } from './config.ts';
import { ALL_KEYS } from './keys.ts';

/**
 * Sections that differ and cannot be changed while the daemon runs; `identity` is seen elsewhere, and of `listen` the
 * new addresses can be opened.
 */
export function needRestart(old: Config, next: Config): readonly string[] {
  const fixed = ALL_KEYS.filter(({ reload, path }) => reload === 'no' && !path.startsWith('identity.'));
  const sections = [...new Set(fixed.map(({ path }) => path.split('.')[0] as keyof Config))];
  return sections.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(next[name]));
}
