/** The schema of the reader, made from the list of keys: sections and lists of sections by their paths. */
import { type Entry, list, type SectionField, section } from './field.ts';
import { KEYS, type KeyFacts } from './keys.ts';

/** Sections that have to be there. */
const NEEDED = new Set(['identity']);

/** The whole file. */
export const schema: SectionField = sectionOf('', KEYS);

/** The keys that begin with `prefix`, as a section. */
function sectionOf(prefix: string, keys: readonly KeyFacts[]): SectionField {
  const fields: Record<string, Entry> = {};
  for (const { path, field, required } of keys) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...deeper] = path.slice(prefix.length).split('.');
    if (deeper.length === 0 && field !== null) fields[name] = { field, required };
    else if (deeper.length > 0) {
      const isList = name.endsWith('[]');
      const inner = sectionOf(`${prefix}${name}.`, keys);
      fields[isList ? name.slice(0, -2) : name] = { field: isList ? list(inner) : inner, required: NEEDED.has(name) };
    }
  }
  return section(fields);
}
