/** From the text of the file to a `Config`, or to the list of what is wrong with it. Pure: no file is touched here. */

import { formatHostPort, isLoopback } from '../underlay/index.ts';
import type { Config, WrittenPeer } from './config.ts';
import type { CutPasswords } from './cut-password.ts';
import { withEndpoints } from './peer-places.ts';
import type { Problem } from './problem.ts';
import { type Place, type Reading, read, readTree, type Value } from './reader.ts';
import { schema } from './schema.ts';
import { checkTogether } from './semantics.ts';
import { valuesOf } from './values.ts';

/** A configuration and where its values stand, or why there is none (in the order of the file). */
export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly places: ReadonlyMap<string, Place> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads and validates the text of a configuration. Never throws. @param cut passwords that were taken out of it */
export function loadConfig(source: string, cut?: CutPasswords): Loaded {
  return loaded(read(source, schema, cut));
}

/** The same for a tree, as JSON gives one. Never throws. */
export function loadTree(tree: unknown, cut?: CutPasswords): Loaded {
  return loaded(readTree(tree, schema, cut));
}

function loaded(reading: Reading): Loaded {
  if (reading.value === null || reading.problems.length > 0) return { ok: false, problems: inOrder(reading.problems) };
  const root = reading.value;
  const config = build(root);
  const problems = config === null ? [] : checkTogether(config, reading.places);
  if (config === null || problems.length > 0) return { ok: false, problems: inOrder(problems) };
  return { ok: true, config, places: reading.places };
}

/** Null only where a value got past its check, which the checks of the schema exclude. */
function build(root: Value): Config | null {
  const values = valuesOf(schema, root);
  if (values === undefined) return null;
  // The schema is made of the same list of keys as the type.
  const written = values as unknown as Omit<Config, 'peers'> & { readonly peers: readonly WrittenPeer[] };
  const config: Config = { ...written, peers: written.peers.map(withEndpoints), warnings: [] };
  return { ...config, warnings: [...adminWarnings(config), ...metricsWarnings(config)] };
}

function adminWarnings({ admin }: Config): readonly string[] {
  if (admin.password !== null || admin.passwordFile !== null) return [];
  return ['admin.password is NONE: every program of this machine may control the daemon'];
}

function metricsWarnings({ metrics: { listen } }: Config): readonly string[] {
  if (listen === null || isLoopback(listen.host)) return [];
  const at = formatHostPort(listen);
  return [
    `metrics.listen is ${at}: whoever reaches that address reads names and traffic of all peers, without a password`,
  ];
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
