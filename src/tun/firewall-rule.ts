/** A rule of the inbound firewall, as a configuration has it: `icmp`, `tcp/22`, `udp/60000-61000`. */

/** What strangers may reach: ports of a protocol, first and last; null is all of it, and the only choice for ICMP. */
export type FirewallRule = {
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  readonly ports: { readonly first: number; readonly last: number } | null;
};

/** Reads `icmp`, `tcp/PORT`, `udp/FIRST-LAST`. */
export function parseFirewallRule(text: string): FirewallRule | null {
  if (text === 'icmp') return { protocol: 'icmp', ports: null };
  const parts = /^(tcp|udp)\/(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const [first, last] = [Number(parts[2]), Number(parts[3] ?? parts[2])];
  if (first < 1 || first > last || last > 65535) return null;
  return { protocol: parts[1] === 'tcp' ? 'tcp' : 'udp', ports: { first, last } };
}

/** Writes what `parseFirewallRule` reads. */
export function formatFirewallRule({ protocol, ports }: FirewallRule): string {
  if (ports === null) return protocol;
  return `${protocol}/${ports.first}${ports.first === ports.last ? '' : `-${ports.last}`}`;
}
