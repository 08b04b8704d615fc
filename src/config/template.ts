/** The file that `init` writes, made from the list of keys: each with its value and a word about it. */

import { ALL_KEYS, type KeyFacts } from './keys.ts';

/** What the template says about the node it is for. */
export type TemplateFacts = {
  /** 64 hex digits: the result is a secret, too. */
  readonly privateKeyHex: string;
  /** 39 characters. */
  readonly address: string;
  /** 54 characters. */
  readonly key: string;
  /** Whom the daemon becomes; absent: the default. */
  readonly user?: string;
};

/** Where the words begin, in columns. */
const HINT_COLUMN = 41;

/** What stands beside the name of a section or a list. */
const HEADS: Readonly<Record<string, string>> = {
  tun: 'the network device for programs of this machine',
  listen: 'where peers reach us; open this UDP port in your firewall',
  lan: 'finding peers in the local network',
  peers: 'nodes that we connect to; ask somebody for these lines:',
  accept: 'who may connect to us; an empty list accepts nobody',
  supernodes: 'route servers that may be used; none are needed, and no others are trusted',
  admin: 'the socket for fcmesh status, peers, ping and the tools of cjdns',
  firewall: 'connections from the mesh to this machine',
};

/** Lists that are written one entry a line; the others stand in brackets. */
const BLOCK_LISTS = new Set(['listen', 'supernodes']);

/** The text of a new configuration; `loadConfig` accepts it. */
export function renderTemplate(facts: TemplateFacts): string {
  const sections = [...new Set(ALL_KEYS.map(({ path }) => sectionOf(path)))];
  const head = [
    '# fcmesh: configuration of one node. Keep this file secret: it holds the private key.',
    '# After a change: fcmesh check, then fcmesh reload (some keys need a restart, and it says which).',
  ];
  return `${[head, ...sections.map((name) => linesOf(name, facts))].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** `tun` of `tun.mtu`, `peers` of `peers[].key`. */
function sectionOf(path: string): string {
  return path.replace(/[.[].*$/, '');
}

function linesOf(section: string, facts: TemplateFacts): readonly string[] {
  const keys = ALL_KEYS.filter(({ path }) => sectionOf(path) === section);
  const entries = keys.filter(({ path }) => path.startsWith(`${section}[].`));
  if (entries.length > 0) return [beside(`${section}: []`, HEADS[section]), ...exampleOf(entries)];
  const [only] = keys;
  if (only !== undefined && only.path === section) return plainOf(only, facts);
  const first = beside(`${section}:`, HEADS[section]);
  return [first, ...identityWords(section, facts), ...keys.flatMap((key) => keyLines(key, facts))];
}

/** A key that stands by itself. */
function plainOf({ path, fallback, written }: KeyFacts, facts: TemplateFacts): readonly string[] {
  if (!BLOCK_LISTS.has(path))
    return [beside(`${path}: ${textOf(path, written.value ?? fallback, facts)}`, written.hint)];
  const items = Array.isArray(fallback) ? fallback : [];
  const name = items.length === 0 ? `${path}: []` : `${path}:`;
  const example = written.example === undefined ? [] : [beside(`  # - ${written.example}`, written.hint)];
  return [beside(name, HEADS[path]), ...items.map((item) => `  - ${item}`), ...example];
}

/** A key of a section: with its value, or as a comment. */
function keyLines({ path, fallback, written }: KeyFacts, facts: TemplateFacts): readonly string[] {
  const name = path.slice(path.indexOf('.') + 1);
  if (written.example !== undefined) return [beside(`  # ${name}: ${written.example}`, written.hint)];
  return [beside(`  ${name}: ${textOf(path, written.value ?? fallback, facts)}`, written.hint)];
}

/** An entry of a list of sections, as a comment. */
function exampleOf(keys: readonly KeyFacts[]): readonly string[] {
  return keys.map(({ path, written }, index) => {
    const name = path.slice(path.indexOf('.') + 1);
    const lead = written.isInstead ? '  # ' : index === 0 ? '- ' : '  ';
    return beside(`  # ${lead}${name}: ${written.example ?? ''}`, written.hint);
  });
}

function textOf(path: string, value: string | readonly string[] | null, facts: TemplateFacts): string {
  if (path === 'identity.privateKey') return facts.privateKeyHex;
  if (path === 'user' && facts.user !== undefined) return facts.user;
  return typeof value === 'string' ? value : `[${(value ?? []).join(', ')}]`;
}

function identityWords(section: string, { address, key }: TemplateFacts): readonly string[] {
  if (section !== 'identity') return [];
  return [
    '  # Who this node is. Whoever has this key is this node; losing it means a new address.',
    `  #   address ${address}`,
    `  #   key     ${key}`,
  ];
}

/** A line with a word beside it. */
function beside(line: string, hint: string | undefined): string {
  return hint === undefined ? line : `${line.padEnd(HINT_COLUMN - 1)} # ${hint}`;
}
