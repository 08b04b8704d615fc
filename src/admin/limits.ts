/** Our own numbers for the admin socket, each with its reason. What the protocol prescribes is in spec.ts. */

/** Auth failures a host may make at once: a person who mistypes needs fewer. */
export const FAILURE_BURST = 10;
/** ... and afterwards: guessing a password of 10 random letters then takes longer than the sun lasts. */
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

/** Snapshots kept for clients that are reading page by page, so that the pages fit together. */
export const MAX_PAGED_LISTS = 32;
/** How long such a snapshot is good; a tool asks for the next page at once. */
export const PAGED_LIST_MS = 5_000;
/** A page number beyond this is beyond every table. */
export const MAX_PAGE = 1_000_000;

/** Clients that made an authenticated call lately (protocol 10 §1.2). */
export const MAX_ASYNC_CLIENTS = 64;

/** Entries per page of our own functions: at most 560, 280 and 240 bytes each, so a reply stays below 8 KB. */
export const PEERS_PER_PAGE = 14;
export const SESSIONS_PER_PAGE = 28;
export const ROUTES_PER_PAGE = 32;
/** Refused link attempts and warnings in a status. */
export const MAX_STATUS_REFUSED = 16;
export const MAX_STATUS_WARNINGS = 16;
