/** Our own numbers for routing, each with its reason. What the wire prescribes is in spec.ts. */

/** +-10 % on every period, so that nodes started together do not march in step. */
export const JITTER = 0.1;

// ---- the map ----

/** Nodes of the local map that are asked for their peers: enough for a village, a few kB of traffic at start. */
export const LOCAL_NODES = 64;

/** Nodes kept at all, hearsay included; about 1 kB each. */
export const MAP_NODES = 512;

/** Nodes kept if all are peers, contacts or wanted by sessions: no session may lose its node to the limit above. */
export const PINNED_NODES = 1_536;

/** Nodes nobody has heard yet; a liar can fill only these. */
export const HEARSAY_NODES = 256;

/** Hearsay nodes one parent may bring: a liar with a million links leaves room for others. */
export const HEARSAY_PER_PARENT = 64;

/** Links kept per node; a hub's best known ones are enough for a local map. */
export const LINKS_PER_NODE = 64;

/** Measured paths kept per node: the one in use, its spare, two to compare. */
export const PATHS_PER_NODE = 4;

/** A path confirmed this lately is used for user data at once; an older one is pinged first. */
export const FRESH_MS = 60_000;

/** Nodes heard this lately are named to others: one refresh of the map, its jitter, and its tries. */
export const LISTED_MS = 700_000;

/**
 * Other nodes that are neither peers nor contacts are forgotten after this time: the longest refresh and its tries. Whoever is
 * forgotten sooner is found again as something new, and read anew.
 */
export const KEPT_MS = 2_800_000;

/** Of several paths to a node only those are named that were confirmed as lately as the last one, give or take this. */
export const SURE_MS = 60_000;

/** A link reported dead is left out this long, unless its node lists it again. */
export const LINK_DOWN_MS = 30_000;

/** Searching for cheaper and narrower ways to one node: states kept, cheapest first. */
export const STATES_PER_NODE = 3;

/** Cost of a link nobody has measured yet, before any was. */
export const DEFAULT_LINK_COST_MS = 5;

// ---- queries ----

/** Queries under way: three searches, the crawl and the probes of a busy node. */
export const PENDING_QUERIES = 256;

/** Shortest time after which another node is asked as well. */
export const MIN_SOFT_MS = 300;

/** Shortest and longest time after which a query counts as lost. */
export const MIN_HARD_MS = 2_000;
export const MAX_HARD_MS = 8_000;

/** Round trip to expect when nothing is known. */
export const UNKNOWN_RTT_MS = 150;

/** Sendings of a ping that verifies a path: at 20 % loss each way one in 20 fails. */
export const VERIFY_TRIES = 3;

/** Listed nodes read from one reply: stock sends 8, ours may send more one day. */
export const MAX_LISTED = 16;

// ---- crawl and contacts ----

/** Questions of one round that looks for a better way: for the other direction of links, and for the peers of nodes, each with so many pages. */
export const EXPLORE_PARALLEL = 6;
export const EXPLORED_PAGES = 2;

/** `gp` under way. */
export const CRAWL_PARALLEL = 4;

/** Pages of 8 peers that are asked of a node at first, and when a link of it has failed; later one at a time. */
export const LOCAL_PAGES = 2;

/** The nearest nodes of the local map are asked for their next page this often; the others are left to age, and found anew when they are gone. */
export const REFRESH_MS = 600_000;
/**
 * ... those whose peers fit into one page after twice the time whenever that brought nothing new, up to this, and those with a
 * single peer after this from the start: most of a mesh stays as it is, and through a dead end no way leads.
 */
export const STEADY_REFRESH_MS = 4 * REFRESH_MS;
export const REFRESHED_NODES = 24;

/** New nodes farther away than these that are read, once the first 64 have been. */
export const FARTHER_PER_SECOND = 1 / 60;

/** A node whose link failed is asked again, but not more often than this. */
export const RECHECK_MS = 1_000;

/** A search that found nothing asks the local map again, but nobody more often than this. */
export const RECRAWL_MS = 8_000;

/** Contacts: per bucket of the key space the cheapest, and the closest to ourselves. */
export const BUCKET_CONTACTS = 4;
export const CLOSEST_CONTACTS = 8;
export const MAX_CONTACTS = 64;

/** A contact that was not heard for so long is pinged; those closest to us, which others ask us for, sooner. */
export const CONTACT_PING_MS = 600_000;
export const CLOSEST_PING_MS = 300_000;

/** Sendings over each way to a silent contact, and queries of the search for one of the closest. */
export const STALE_TRIES = 3;
export const STALE_QUERIES = 4;

/** One overdue node is refreshed in each period. */
export const UPKEEP_MS = 2_000;

/** First look-ups that fill the contacts begin this long after the first peer, then follow each other. */
export const JOIN_DELAY_MS = 3_000;
export const JOIN_STEP_MS = 1_000;

/** The contacts are filled again this often. */
export const REJOIN_MS = 1_800_000;

/** Queries of one look-up that only fills a bucket, and contacts with which it needs none: one that answers is enough for a search. */
export const JOIN_QUERIES = 8;
export const JOIN_ENOUGH = 2;

/**
 * The nodes closest to ourselves are the ones that others ask for us: they are looked for with more queries, once more when a
 * mesh that started as a whole has settled, and when one of them is gone. Where that finds nearer ones, it is done again after the
 * same time, doubling; otherwise not more often than the pause says.
 */
export const AROUND_QUERIES = 16;
export const AROUND_AGAIN_MS = 60_000;
export const AROUND_PAUSE_MS = 1_800_000;

// ---- search ----

/** `fn` under way per search. */
export const SEARCH_PARALLEL = 3;

/** Queries per search. */
export const SEARCH_QUERIES = 24;

/** Candidates remembered per search. */
export const SEARCH_CANDIDATES = 64;

/** Candidates closest to the target that must have answered before a search gives up. */
export const SEARCH_CLOSEST = 8;

/** A way to the target that is too long for a label is gone along this far, and so many of them in one search. */
export const SHORTEN_STEPS = 8;
export const SHORTEN_WAYS = 6;

/** Nodes remembered that are too far away for a label, and how long after the last search that found them so. */
export const FAR_NODES = 256;
export const FAR_MS = 60_000;

/** Searches under way; more wait for their turn in the next retry. */
export const MAX_SEARCHES = 32;

/** Waits between searches for a target nobody finds: doubling from the first to the last. */
export const SEARCH_RETRY_MS = 500;
export const MAX_SEARCH_RETRY_MS = 10_000;

/** Somebody still wants a path if it was asked for this lately. */
export const WANT_MS = 30_000;

// ---- paths in use ----

/** Targets followed: as many as sessions that carry traffic. */
export const MAX_TARGETS = 1_024;

/** The path in use is measured this often: with traffic, and otherwise. */
export const PROBE_BUSY_MS = 2_500;
export const PROBE_IDLE_MS = 10_000;

/** ... and with so much traffic that its loss can be told (20 packets a second): a probe is then 5 % of it at most. */
export const PROBE_HEAVY_MS = 1_000;
export const HEAVY_MS = 2_500;

/** Traffic this lately makes a target busy. */
export const BUSY_MS = 5_000;

/** A target without traffic and wishes for this long is only kept, at a slower pace. */
export const RESTING_MS = 60_000;
export const PROBE_RESTING_MS = 60_000;

/** Better and spare paths are looked for after these waits, the last again and again. */
export const IMPROVE_MS: readonly number[] = [200, 600, 1_500, 3_000, 6_000, 10_000, 30_000];

/** A change of path needs this gain. */
export const GAIN_SHARE = 0.2;
export const GAIN_MS = 2;

/** ... or fewer hops at no greater cost for this long. */
export const FEWER_HOPS_MS = 15_000;

/** Costs this close count as equal when only hops differ: below it is the noise of schedulers. */
export const NOISE_MS = 2;

/** A path that got well this soon after it was left was bad because of our own traffic. */
export const SELF_INFLICTED_MS = 5_000;

/**
 * Flap damping (RFC 2439): what a failure costs, the penalty from which a path is held and the one from which it is used again,
 * the most that is remembered, and how soon it halves. Two failures within 40 s hold a path for a minute at most: a path that is
 * not in use is not seen to flap, so the penalty has to outlast it.
 */
export const DAMPING_PENALTY = 1_000;
export const DAMPING_HOLD = 1_400;
export const DAMPING_REUSE = 500;
export const DAMPING_CEILING = 2_000;
export const DAMPING_HALF_LIFE_MS = 30_000;
/** Paths to a target whose failures are remembered; it has eight. */
export const DAMPED_PATHS = 16;

/** A path left for a queue, or again and again, is tried again after this time, then four times longer each time, up to HOLD_MS. */
export const RELEAVE_HOLD_MS = 60_000;
export const HOLD_MS = 600_000;

/** ... but after this time, if the path in use loses a fifth itself, or has a queue. */
export const DESPERATE_MS = 10_000;

/** A path known for less than this was not left for its quality, but because something was starting. */
export const NEW_PATH_MS = 10_000;

/**
 * Before much traffic moves to a path for its length or its round trip, a train of padded pings goes there: 16 kB at once are
 * spread over more than 60 ms wherever less than 2 Mbit/s pass; a slow machine alone may need 30 ms to answer them. A pass
 * holds this long; after a failure the next train goes after these times, the last again and again.
 */
export const TRAIN_PINGS = 16;
export const TRAIN_PADDING_BYTES = 1_000;
export const TRAIN_SPREAD_MS = 60;
export const PASSED_MS = 10_000;
export const NARROW_MS: readonly number[] = [5_000, 20_000, 60_000];

/** Traffic does not wait for a train where the path in use costs this much: a tenth lost, or a queue. */
export const IMPATIENT_MS = 50;

/** Round trips kept per path; older ones than this are forgotten with the next. */
export const RTT_SAMPLES = 3;
export const RTT_MEMORY_MS = 30_000;

/** A round trip of twice the smallest and this much more shows a queue. */
export const QUEUE_MS = 20;

/** Cost of a hop on top of its latency: decides between equal paths. */
export const HOP_COST_MS = 0.05;

/** Loss: 5 ms per 1 %, and this from 20 % on. */
export const LOSS_MS_PER_PERCENT = 5;
export const HEAVY_LOSS_PERCENT = 20;
export const HEAVY_LOSS_MS = 200;

/** Probes remembered per path for its loss: two bursts; what is older is no longer true. */
export const LOSS_WINDOW = 16;
export const LOSS_MASK = 0xffff;

/** Fewer probes say nothing about loss. */
export const MIN_LOSS_PROBES = 4;

/** As many answers in a row make old losses forgotten: by chance at 20 % each way one time in 90. */
export const HEALED_PROBES = 10;

/** A sudden missing answer is followed by this many probes at short intervals, to tell loss from chance. */
export const BURST_PROBES = 8;
export const BURST_INTERVAL_MS = 100;

/**
 * Packets longer than this are long: what proves a path for them is padded to their size, to this at most (with the overhead of a
 * handshake such a message still fits into the 1492 bytes of a stock node, protocol 04). A pn alone has about 70 bytes.
 */
export const SHORT_BYTES = 128;
export const LONGEST_BYTES = 1_300;

/** A size stays proven this long; the path in use is asked sooner, the others in turn. */
export const PROVEN_MS = 20_000;

/**
 * Long probes, each with a short one, that tell a hole from chance: all of the long ones lost (by chance at 20 % each way one time in
 * 60) and half of the short ones answered. A path is not examined again before the pause is over.
 */
export const HOLE_PROBES = 4;
export const HOLE_PAUSE_MS = 1_000;

/** A long probe looks whether a hole is still there after these times, the last again and again. */
export const HOLE_RETRY_MS: readonly number[] = [5_000, 15_000, 60_000];

/** A path with traffic and no answer, though pings pass, is left alone: at first this long, then four times longer each time. */
export const SILENCE_HOLD_MS = 30_000;

/** Loss of incoming traffic that makes us measure our own way, and how often at most. */
export const SUSPICIOUS_LOSS_PERCENT = 2;
export const BURST_PAUSE_MS = 2_000;

/** So many pings of a busy far end within a second: it doubts the way here, so we measure too; not because of our own burst. */
export const DOUBTING_PINGS = 3;
export const DOUBTING_MS = 1_000;
export const DOUBTING_PAUSE_MS = 4_000;

/** Pings over a new path after a failure: a stock far end takes a query as a hint of a path (protocol 08 §3). */
export const REANNOUNCE_AFTER_MS: readonly number[] = [0, 300, 1_000, 3_000];

/** A query over another path is followed by one over the path in use after this time, as soon as both are sure to arrive in order. */
export const PIN_PATH_MS = 50;

/** Pings for the session of a stock node so soon after a handshake packet belong to its handshake: its own timeout is 3 s. */
export const BEGINNING_MS = 3_000;

// ---- budgets ----

/** Answers per asker and second; stock askers send a few (protocol 08 §7). */
export const ANSWERS_PER_SECOND = 50;

/** Answers to all askers. */
export const ALL_ANSWERS_PER_SECOND = 2_000;

/** Askers whose rate is remembered. */
export const MAX_ASKERS = 256;

/** Upkeep of the tables: bytes per second and at once (the first crawl). */
export const UPKEEP_BYTES_PER_SECOND = 500;
export const UPKEEP_BURST_BYTES = 64_000;

/** Refinement of paths in use (1 kB/s, 64 kB deep). */
export const REFINE_BYTES_PER_SECOND = 1_000;
export const REFINE_BURST_BYTES = 64_000;

/** Searches, repair and verification: bytes per second and at once. */
export const URGENT_BYTES_PER_SECOND = 16_000;
export const URGENT_BURST_BYTES = 128_000;

/** Probes as long as the traffic: some 10 sessions with much of it at once, and a hole that 20 sessions meet in the same moment. */
export const SIZE_BYTES_PER_SECOND = 16_000;
export const SIZE_BURST_BYTES = 256_000;

/** A query and its answer on the wire, session included (about 100, and 100 + 48 per listed node). */
export const EXCHANGE_BYTES = 400;

/** ERROR frames looked at per second and at once: each costs a look at all paths in use (abuse case D5). */
export const ERRORS_PER_SECOND = 100;
export const ERRORS_BURST = 200;

/** Hints followed up per second: queries of strangers make us ask back. */
export const HINTS_PER_SECOND = 4;
export const HINTS_BURST = 64;

/** Traces under way. */
export const MAX_TRACES = 8;
