/** The numbers of the TUN layer, each with its reason. */

/** Flows of the inbound firewall: sets of four, 16384 in all (256 KiB); a busy desktop has a few hundred. */
export const FLOW_SETS = 4096;
export const FLOWS_PER_SET = 4;

/** A TCP connection may be silent this long and still be answered: ssh sessions rest for hours (RFC 5382 asks for 2 h 4 min). */
export const TCP_FLOW_S = 7_440;
/** Others: RFC 4787 asks for 2 minutes at least. */
export const OTHER_FLOW_S = 180;
/** A flow in use is written again only after this time, so that most packets cost one look. */
export const FLOW_REFRESH_S = 16;

/** ICMPv6 errors to the local TUN, per second and at once (RFC 4443 §2.4 f asks for a limit). */
export const ICMP_PER_SECOND = 20;
export const ICMP_BURST = 50;

/** A queue in the TUN device that is not empty for so long stands: a usual round trip, as CoDel has it (RFC 8289 §4.2). */
export const STANDING_MS = 100;
/** What a standing queue loses is at least so long: not acknowledgements, pings or keystrokes. */
export const BULK_BYTES = 576;

/** Hop limit of every packet that leaves the mesh (protocol 07 §4). */
export const HOP_LIMIT = 42;
