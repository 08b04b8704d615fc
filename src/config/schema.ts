/** The schema of the reader, made from the list of keys: sections and lists of sections by their paths. */
import { type Entry, list, type SectionField, section } from './field.ts';
import { ALL_KEYS, type KeyFacts } from './keys.ts';

/** Sections that have to be there. */
const NEEDED = new Set(['identity']);

/** The whole file. */
export const schema: SectionField = sectionOf('', ALL_KEYS);

/** The keys that begin with `prefix`, as a section. */
function sectionOf(prefix: string, keys: readonly KeyFacts[]): SectionField {
  const fields: Record<string, Entry> = {};
  for (const { path, field, required, fallback } of keys) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...deeper] = path.slice(prefix.length).split('.');
    if (deeper.length === 0 && field !== null) fields[name] = { field, required, fallback };
    else if (deeper.length > 0) {
      const isList = name.endsWith('[]');
      const inner = sectionOf(`${prefix}${name}.`, keys);
      const field = isList ? list(inner) : inner;
      const plain = isList ? name.slice(0, -2) : name;
      fields[plain] = { field, required: NEEDED.has(name), fallback: isList ? [] : null };
    }
  }
  return section(fields);
}
