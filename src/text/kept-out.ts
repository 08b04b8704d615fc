/** What the firewall kept out, in words, with the remedy. */
import { printable } from './columns.ts';
import { formatDuration, plural } from './units.ts';

/** As a status has it. */
export type KeptOut = {
  readonly address: string;
  readonly name: string | null;
  readonly rule: string;
  /** Would this rule let it in? */
  readonly isRule: boolean;
  readonly count: number;
  readonly lastSeconds: number;
};

/** `bob (fc..): tcp/22, 3 packets, last 5s ago; ...` on one line. */
export function keptOutText({ address, name, rule, isRule, count, lastSeconds }: KeptOut): string {
  const who = printable(name === null ? address : `${name} (${address})`);
  const remedy = isRule ? `; if it is welcome: ${rule} under firewall.allow, then fcmesh reload` : '';
  return `${who}: ${printable(rule)}, ${plural(count, 'packet')}, last ${formatDuration(lastSeconds)} ago${remedy}`;
}
