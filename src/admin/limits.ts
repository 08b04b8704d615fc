/** Our own numbers for the admin socket, each with its reason. What the protocol prescribes is in spec.ts. */

/** Auth failures of a host that are answered and noted at once: a person who mistypes needs fewer. */
export const FAILURE_BURST = 10;
/** ... and afterwards. What no guess can find is a random password, as `init` makes it. */
export const FAILURES_PER_SECOND = 1;
/** How long an answer to a wrong password waits. */
export const FAILURE_DELAY_MS = 250;
/** Hosts whose failures are remembered; loopback is one. */
export const MAX_HOSTS = 256;
/** Answers that wait at a time: each is a promise and a datagram. */
export const MAX_DELAYED = 32;

/** Cookies spent within their 20 s that are remembered: 800 authenticated calls a second. More are refused. */
export const MAX_SPENT_COOKIES = 16_384;

/** Pings, traces and searches under way at a time; each costs packets of the mesh. */
export const MAX_PENDING = 64;

/** Longest wait that a caller may ask for. */
export const MAX_TIMEOUT_MS = 60_000;
/** Wait when the caller names none: ping and search, trace. */
export const DEFAULT_TIMEOUT_MS = 5_000;
export const DEFAULT_TRACE_TIMEOUT_MS = 10_000;

/** Bytes that a caller may put behind the 13 of our transaction id in a query: nodes of ours take 64 in all. */
export const MAX_QUERY_PAYLOAD = 48;

/** How long a search waits for one node before it asks the next: nearly all answers of a mesh come sooner. */
export const SEARCH_STEP_MS = 1_000;

/** Snapshots kept for clients that are reading page by page, so that the pages fit together. */
export const MAX_PAGED_LISTS = 32;
/** How long such a snapshot is kept after its last page was read; a tool asks for the next page at once. */
export const PAGED_LIST_MS = 5_000;
/** ... and how long at most: 10 000 entries at four a page are read in a few seconds. */
export const MAX_PAGED_LIST_MS = 60_000;
/** A page number beyond this is beyond every table. */
export const MAX_PAGE = 1_000_000;

/** Clients that made an authenticated call lately (protocol 10 §1.2); each command of a script is one. */
export const MAX_ASYNC_CLIENTS = 1024;

/** Log streams at a time (protocol 10 §2), and what each may be sent: a flood of events must not become one of datagrams. */
export const MAX_SUBSCRIPTIONS = 64;
export const LOG_LINES_PER_SECOND = 100;
export const LOG_LINES_BURST = 500;
/** Lines kept for those who ask later: the last minutes of a normal day, 100 KB. */
export const MAX_LOG_LINES = 512;
/** Lines that AdminLog_logMany makes at most. */
export const MAX_LOG_MANY = 100;

/** Seconds of history of a link: 15 minutes, at 21 bytes each. */
export const HISTORY_SAMPLES = 900;
/** Links with a history; a node has 256 at most. */
export const MAX_HISTORIES = 256;
/** Samples per page: at most 100 bytes each. */
export const SAMPLES_PER_PAGE = 80;
/** Lines of the log per page: fields are cut to 256 bytes when they are logged. */
export const LINES_PER_PAGE = 12;

/** Texts sent in parts at a time, their parts and size, and how long one may take. */
export const MAX_UPLOADS = 4;
export const MAX_UPLOAD_PARTS = 1024;
export const MAX_UPLOAD_BYTES = 1024 * 1024;
export const UPLOAD_MS = 30_000;

/** What a reload changed is told in three lists of this many bytes: thousands of peers must not make the reply too large. */
export const REPORT_LIST_BYTES = 16_384;

/** Entries per page of our own functions: at most 560, 360 and 320 bytes each, so a reply stays below 8 KB. */
export const PEERS_PER_PAGE = 14;
export const SESSIONS_PER_PAGE = 22;
export const ROUTES_PER_PAGE = 25;
/** Refused link attempts, what the firewall kept out, and warnings in a status. */
export const MAX_STATUS_REFUSED = 16;
export const MAX_STATUS_KEPT_OUT = 16;
/** Network devices and senders of beacons in a status. */
export const MAX_STATUS_DEVICES = 16;
export const MAX_STATUS_HEARD = 8;
export const MAX_STATUS_WARNINGS = 16;
/** Nodes too far away for a label in a status: a list of them is no use to anybody. */
export const MAX_STATUS_TOO_FAR = 8;
