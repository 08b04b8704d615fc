/** The numbers of the TUN layer, each with its reason. */

/** Flows of the inbound firewall: sets of eight, 16384 of TCP and as many others (400 KiB each); a busy desktop has a few hundred. */
export const FLOW_SETS = 2048;
export const FLOWS_PER_SET = 8;

/** A TCP connection may be silent this long and still be answered: ssh sessions rest for hours (RFC 5382 asks for 2 h 4 min). */
export const TCP_FLOW_MS = 7_440_000;
/** ... as long as nobody answered the first packet, this long (RFC 5382 §5: 4 minutes) ... */
export const TCP_OPENING_MS = 240_000;
/** ... and when both sides have said that they are done, as long as the last packets may be repeated (RFC 9293: twice 2 minutes). */
export const TCP_CLOSED_MS = 240_000;
/** After a reset nothing is repeated but what was under way. */
export const TCP_RESET_MS = 10_000;
/** Others: RFC 4787 asks for 2 minutes at least. */
export const OTHER_FLOW_MS = 180_000;
/** A flow in use is written again only after this time, so that most packets cost one look. */
export const FLOW_REFRESH_MS = 16_000;
/**
 * After the start, packets of connections that are open may come in for this long: the table is new, they may be older. The
 * kernel resets what it does not know, and what it answers is a flow again.
 */
export const GRACE_MS = 60_000;

/** What was kept out is listed for so many pairs of stranger and port; each packet noted costs a text and a look. */
export const MAX_KEPT_OUT = 64;
export const KEPT_OUT_PER_SECOND = 20;
export const KEPT_OUT_BURST = 50;
/** Lines of the log about new ones, per second and at once: a scan of ports is some lines, not thousands. */
export const TOLD_PER_SECOND = 0.2;
export const TOLD_BURST = 10;

/** ICMPv6 errors to the local TUN, per second and at once (RFC 4443 §2.4 f asks for a limit). */
export const ICMP_PER_SECOND = 20;
export const ICMP_BURST = 50;

/** A queue in the TUN device that is not empty for so long stands: a usual round trip, as CoDel has it (RFC 8289 §4.2). */
export const STANDING_MS = 100;
/** What a standing queue loses is at least so long: not acknowledgements, pings or keystrokes. */
export const BULK_BYTES = 576;
