/** Our own numbers for the daemon, each with its reason. */

/** Time for the last reply of the admin socket to leave, before everything closes. */
export const STOP_DELAY_MS = 50;
/** A sample of each link this often, for its history. */
export const SAMPLE_MS = 1_000;
/** Lines a second that one kind of event may write, and at once: what a stranger can cause must not fill the disk. */
export const EVENT_LINES_PER_SECOND = 5;
export const EVENT_LINES_BURST = 50;
/** Kinds of events with a limit of their own; there are a few dozen. */
export const MAX_EVENT_KINDS = 256;
/** Characters of one field of a log line. */
export const MAX_FIELD_CHARACTERS = 256;
/** Readers of the metrics at a time; one Prometheus needs one. */
export const MAX_METRICS_CONNECTIONS = 8;
/** How long one of them may take to ask. */
export const METRICS_TIMEOUT_MS = 5_000;
/** How often the probe of `FCMESH_DEBUG=timers` rings. */
export const TIMER_PROBE_MS = 20;
/** How often the network device is looked at: three small files, 0.1 ms. */
export const TUN_LOOK_MS = 2_000;
/** Log lines kept until the log is there. */
export const MAX_EARLY_LINES = 256;
/** The mesh is fc00::/8, and all of it is routed to the TUN. */
export const MESH_PREFIX_LENGTH = 8;

/** The event loop counts whole milliseconds, rounded down: what rings early finds nothing due and has to ring again. */
export const LOOP_STEP_MS = 1;

/** So long a line of the log waits for whoever reads stderr: links must not miss a ping for it. */
export const STDERR_PATIENCE_MS = 20;

/** When what the start left behind is given back: the rehearsal of the packet path is over, first links are up. */
export const TIDY_AFTER_MS = 8_000;

/** What changes together (a device, its carrier, its addresses, the way out) is waited for before anybody is told. */
export const NETWORK_PATIENCE_MS = 250;
/** After a look that took long (thousands of devices) so many times as long is waited. */
export const NETWORK_REST = 20;
/** How often is looked whether the machine slept: one file of the kernel, 20 us. */
export const SLEEP_LOOK_MS = 1_000;
/** The clocks have drifted apart by more than this: it slept. Less harms no link: a busy peer is dead after a second. */
export const SLEPT_MS = 2_000;
/** A look that is late by more than this: the process was stopped. A busy machine is late by a tenth of it. */
export const LATE_LOOK_MS = 2_000;

/** A beacon of raw Ethernet follows that of IP after this time: a link by IP is up by then. */
export const ETHERNET_AFTER_MS = 150;
