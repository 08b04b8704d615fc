/** Our own numbers for the dashboard, each with its reason. */

/** One look at the daemon a second: as often as it samples, half of what the screen may show. */
export const POLL_MS = 1_000;
/** Tables that change slowly (sessions, routes) are read every so many looks, and only while they are on the screen. */
export const SLOW_POLLS = 2;
/** The round trips of a path that is being looked at are measured again after this: ten packets or so each time. */
export const TRACE_EVERY_MS = 5_000;
/** How long a trace may take. */
export const TRACE_TIMEOUT_MS = 5_000;

/**
 * Peers whose past is asked for when the dashboard starts, how many of them in one look, and how much of it: what the
 * bars show, in four questions each. All of it is read for the one that is opened.
 */
export const PAST_PEERS = 64;
export const PAST_PEERS_PER_LOOK = 8;
export const PAST_SECONDS = 160;
/** Lines of the log that are read when its screen is opened. */
export const LOG_LINES_FIRST = 200;
/** Pages of one answer that are read at most; the daemon has no table that needs more. */
export const MAX_PAGES = 4096;

/** What is kept of each peer: 15 minutes, a sample a second, as the daemon does. */
export const HISTORY_SECONDS = 900;
/** Peers whose history is kept; 512 of them take 11 MB. The one that was not seen for longest goes first. */
export const HISTORY_PEERS = 512;
/** A hole in the history of up to so many seconds is a late answer, not an absence. */
export const BRIDGED_SECONDS = 2;

/** Log lines kept: a person scrolls back a few screens, not a day. */
export const LOG_LINES = 1_000;
/** Longest text of a filter. */
export const FILTER_LETTERS = 40;
/** Screens that Esc leads back through. */
export const MAX_BACK = 8;

/** Seconds that a column of a sparkline stands for: of the totals, of a peer. */
export const TOTAL_COLUMN_SECONDS = 5;
export const PEER_COLUMN_SECONDS = 10;

/** Bars of a peer at most: six minutes; all fifteen are one key away, and each bar of each row costs time to draw. */
export const MOST_PEER_BARS = 36;

/** Smallest screen that is drawn; below it a sentence asks for more room. */
export const MIN_COLUMNS = 40;
export const MIN_ROWS = 8;
/** A terminal wider or higher than this gets a frame of this size: nobody reads more, and drawing costs. */
export const MAX_COLUMNS = 240;
export const MAX_ROWS = 100;

/** A window that is being dragged changes its size many times; the frame is drawn when that is over. */
export const RESIZE_MS = 50;
