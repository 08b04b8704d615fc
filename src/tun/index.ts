/**
 * The TUN side: IPv6 packets of this machine go into sessions, and come out of them.
 *
 * Promises: the source of every packet written to the TUN is the address of the session's key and its destination our
 * own; what nobody here asked for is dropped unless allowed; ICMPv6 errors go to the local machine only.
 * Refuses: packets with another source address, destinations outside fc00::/8, IPv4.
 * Follows protocol 07 §4.
 */
export { createFirewall, type Firewall } from './firewall.ts';
export { type FirewallRule, formatFirewallRule, parseFirewallRule } from './firewall-rule.ts';
export { ADDRESS_UNREACHABLE, LEAST_MTU, NO_ROUTE, packetTooBig, refusalCode, unreachable } from './icmp.ts';
export { createIncoming, type Incoming } from './incoming.ts';
export { KeptOut, type KeptOutEntry } from './kept-out.ts';
export { BULK_BYTES, ICMP_BURST, ICMP_PER_SECOND } from './limits.ts';
export { isTcpOpening, lowerSegmentSize } from './mss.ts';
export { createOutgoing, NO_SESSION, NOT_OURS, type Outgoing, TO_SELF } from './outgoing.ts';
export { StandingQueue } from './standing-queue.ts';
