/** What filters packets on this machine, for `fcmesh doctor`: nftables where root asks, else what its traces tell. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { hostPortOf } from '../underlay/index.ts';
import { type Finding, found } from './finding.ts';

type Entry = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The finding. @param config null: nothing is known of what has to pass */
export function firewallFinding(config: Config | null): Finding {
  const ports = (config?.listen ?? []).flatMap((at) => hostPortOf(at)?.port ?? []);
  if (ports.length === 0) return found('firewall', 'good', 'nothing has to pass');
  const isUfw = /^ENABLED=yes/m.test(readOr('/etc/ufw/ufw.conf', ''));
  const rules = readRules();
  const active = isUfw ? 'ufw' : rules === null ? traceOf() : filtering(rules);
  if (active === null) return found('firewall', 'good', rules === null ? 'none was seen' : 'no rule stops packets');
  const [first] = ports;
  const remedy = isUfw
    ? `If others dial this node: sudo ufw allow ${first}/udp`
    : `If others dial this node, let in: ${ports.map((port) => `UDP ${port}`).join(', ')}`;
  const sure = rules === null ? '; its rules are for root to read: sudo fcmesh doctor' : '';
  return found('firewall', 'warning', `${active} may stop packets`, `${remedy}${sure}`);
}

/**
 * The first table, other than ours, that drops or refuses something that comes in; null if none does.
 * @param entries of `nft -j list ruleset`
 */
export function filtering(entries: readonly Entry[]): string | null {
  const idOf = (one: Readonly<Record<string, unknown>>) => `${one.family} ${one.table}`;
  const incoming = new Set<string>();
  for (const { chain } of entries) {
    if (chain === undefined || !['input', 'prerouting', 'ingress'].includes(String(chain.hook))) continue;
    if (String(chain.table).startsWith('fcmesh')) continue;
    if (chain.policy === 'drop') return `nftables (table ${idOf(chain)}, chain ${chain.name}: policy drop)`;
    incoming.add(idOf(chain));
  }
  for (const { rule } of entries) {
    if (rule === undefined || !incoming.has(idOf(rule)) || !Array.isArray(rule.expr)) continue;
    const stops = rule.expr.some(
      (part: unknown) => part !== null && typeof part === 'object' && ('drop' in part || 'reject' in part),
    );
    if (stops) return `nftables (table ${idOf(rule)}, chain ${rule.chain})`;
  }
  return null;
}

/** All rules; null where they can't be read: no `nft`, or no rights. */
function readRules(): readonly Entry[] | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const text = execFileSync('nft', ['-j', 'list', 'ruleset'], { timeout: 3000, stdio: ['ignore', 'pipe', 'ignore'] });
    const read = JSON.parse(text.toString('utf8')) as { readonly nftables?: readonly Entry[] };
    return read.nftables ?? null;
  } catch {
    return null;
  }
}

function traceOf(): string | null {
  const legacy = readOr('/proc/net/ip_tables_names', '')
    .split('\n')
    .find((name) => name !== '');
  if (legacy !== undefined) return `iptables (table ${legacy})`;
  return existsSync('/etc/nftables.conf') ? 'nftables' : null;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
