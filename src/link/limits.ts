/**
 * The numbers of the link layer, each with its reason. The timers are the table of ARCHITECTURE.md, "Link timers";
 * they replace those of protocol 04 §7, which a peer cannot tell. Times get +-10 % jitter where they are used.
 */

/** Peers at most: the interface numbers that exist, less our own (protocol 05 §2). */
export const MAX_PEERS = 256;

/**
 * Endpoints of one peer, and so links of one key that are ways to the same node: two uplinks at either end, each with both
 * families. Each more would be a handshake that runs beside the others.
 */
export const MAX_ENDPOINTS = 8;

/** Idle: ping after this silence. */
export const IDLE_PING_MS = 2_000;
/**
 * Idle, without loss and without a path of ours over it: the wait grows with the time that it has been so, by this share of it,
 * up to the last one, which is reached after less than four minutes. What was quiet for long mostly stays so, and what nobody uses
 * may be found dead a few seconds later; the first packet that goes there still tells within a second. NATs forget after 30 s at
 * least.
 */
export const QUIET_SHARE = 1 / 15;
export const RESTING_PING_MS = 15_000;
/** Idle, after a ping that was not answered: the next ones. */
export const SILENT_PING_MS = 500;
/** Idle: dead after this silence, if that many pings stayed unanswered. */
export const IDLE_DEAD_MS = 5_000;
export const IDLE_DEAD_PINGS = 2;

/** Under traffic: ping after this silence ... */
export const BUSY_PING_MS = 250;
/** ... and dead after this one, if that many pings stayed unanswered. */
export const BUSY_DEAD_MS = 1_000;
export const BUSY_DEAD_PINGS = 3;
/** Data sent within this time counts as traffic. */
export const BUSY_MEMORY_MS = 1_000;
/** So many packets in since the last look, of which there are four a second then, are a stream: its end is looked into as well. */
export const STREAM_PACKETS = 32;
/** ... but not what leaves so soon after something came in: that is mostly the answer to it, which nobody answers in turn. */
export const REPLY_MS = 200;

/** Dead or dialling: the first waits between attempts: machines that start together find each other as soon as both are up ... */
export const RETRY_FIRST_MS = [100, 100, 100, 100, 100, 100, 100, 100, 200, 200, 200, 200, 200] as const;
/** ... then this one, so that a link is back within a second of its return ... */
export const RETRY_STEADY_MS = 500;
/** ... for this long, after which the wait doubles up to the last one: two packets a minute cost nothing. */
export const RETRY_STEADY_FOR_MS = 120_000;
export const RETRY_MAX_MS = 30_000;
/** The jitter of these waits is this many times that of others: +-50 %. */
export const RETRY_SPREAD = 5;

/** A link whose loss changed is watched closely: this often ... */
export const WATCH_PING_MS = 250;
/** ... while its budget lasts, so that both ends together send four packets a second in the mean, pongs included. */
export const WATCH_PINGS_PER_SECOND = 0.75;
export const WATCH_BURST = 40;
/** A link that seems to heal is watched anew this long after the last time. */
export const WATCH_AGAIN_MS = 10_000;
/** After this time without a change of loss the close watch ends: two windows of LOSS_PINGS have been seen by then. */
export const WATCH_FOR_MS = 60_000;

/** Under steady traffic: ping at least this often, for the round trip. */
export const MEASURE_PING_MS = 2_000;

/** Round trips kept: enough for a median that follows a change within seconds. */
export const RTT_SAMPLES = 16;
/** Pings whose fate gives the loss of an idle link. */
export const LOSS_PINGS = 32;
/** As many answers in a row make old losses forgotten: a healed link is taken again within 30 s. */
export const HEALED_PINGS = 8;
/** ... and after these the link is pinged fast again, to get there sooner. */
export const HEALING_PINGS = 3;
/** Loss under traffic is taken over this time, once that many packets were due. */
export const LOSS_WINDOW_MS = 2_000;
export const LOSS_MIN_PACKETS = 20;
/** With new keys the loss of the traffic is measured after this time: until then the handshake may skip counters. */
export const SETTLE_MS = 4_000;
/** A change of loss by this share is worth a closer look. */
export const LOSS_CHANGE = 0.01;

/**
 * Incoming handshakes that are not finished, at most: whoever repeats a recorded hello from many addresses must not take
 * all interface numbers. At the full rate of hellos each still gets 300 ms, a round trip.
 */
export const MAX_UNFINISHED = 64;
/** An incoming handshake that is not finished after this time is forgotten (protocol 02 §10, setupReset). */
export const UNFINISHED_MS = 10_000;

/**
 * Neighbours that beacons told of and that have not proved yet that they are there, at most, and how many handshakes with such
 * begin per second and at once: whoever forges beacons makes us send a few dozen hellos to each of so many addresses, and a
 * hall of 32 machines that are switched on together still finds itself at once.
 */
export const MAX_UNPROVEN_NEIGHBOURS = 32;
export const DISCOVERIES_PER_SECOND = 4;
export const DISCOVERY_BURST = 32;
/** A handshake on a cable takes a hundredth of this, on a machine that starts up half of it; so long a second place of the same key is not tried. */
export const SAME_NEIGHBOUR_MS = 1_000;
/** A neighbour's link with so many pings open is left where another answers. */
export const DOUBTED_PINGS = 2;
/** A beacon of a neighbour whose link works makes us ping it; those of a hundred come in half a minute. */
export const ASKS_PER_SECOND = 10;
export const ASK_BURST = 64;
/** Keys that beacons may claim at one address; a machine has one, or two while it is set up anew. */
export const MAX_AT_ONE_PLACE = 4;

/** An incoming peer that is silent this long is forgotten (protocol 04 §7) ... */
export const FORGET_MS = 262_144;
/** ... and after this time if it never carried anything but pings, or its node answers by another way: nobody holds labels through it. */
export const FORGET_UNUSED_MS = 30_000;

/** Links of one login at most, half of the places: one stolen password must not keep everybody else out. */
export const MAX_PER_LOGIN = 128;

/** A key that comes from a second address: the first one has this long to show that it still answers ... */
export const RIVAL_MS = 1_000;
/** ... and when it does, the other address is not listened to for this long. */
export const REFUSE_RIVAL_MS = 10_000;
/** A peer that says that our key is in use elsewhere, too, says so again after `REFUSE_RIVAL_MS`; this many are waited for. */
export const SAME_KEY_MS = 6 * REFUSE_RIVAL_MS;

/** Refused attempts remembered for `status`, and those noted per second and at once: a flood of them costs nothing. */
export const MAX_REFUSED = 64;
export const REFUSALS_PER_SECOND = 20;
export const REFUSAL_BURST = 64;

/**
 * Hellos from unknown addresses that may cost a key exchange, per second and at once: a tenth of a core, while a mesh of a
 * hundred neighbours that restarts together is still let in within a second.
 */
export const HELLOS_PER_SECOND = 200;
export const HELLO_BURST = 400;

/** Hellos remembered after they were let in, in each of two generations: a recorded one does not come in again. */
export const MAX_RECORDED = 1_024;

/** New hellos of one known peer that may cost key exchanges: a genuine one begins two a second at most. */
export const PEER_HANDSHAKES_PER_SECOND = 20;
export const PEER_HANDSHAKE_BURST = 40;

/** Our keys are in doubt after this silence: a dialled peer is asked in a new handshake beside them, in turn with the old. */
export const KEY_DOUBT_MS = 1_000;
/** A link that is heard but has not answered yet is asked this often. */
export const CONFIRM_PING_MS = 250;

/**
 * Sizes of link frames that are asked for, bytes, longest first: a packet of 1304 bytes of the TUN device, as all nodes have it,
 * and one of 1280, which IPv6 wants carried (20 bytes more each); what IPv6, and then IPv4, carry everywhere; and steps between.
 */
export const FRAME_SIZES: readonly number[] = [1_324, 1_300, 1_232, 1_152, 976, 548];
/** Longer frames than this may be lost for their length: the least MTU of IPv6 without its header and that of UDP. */
export const LONG_FRAME_BYTES = 1_232;
/** The least MTU of IPv6 (RFC 8200 §5): IP packets are cut to this length where longer ones are swallowed. */
export const LEAST_PATH_MTU = 1_280;
/** While so many long frames were sent since the last long ping the next one goes after this time: two in a second of a stream ... */
export const LONG_PING_FRAMES = 32;
export const LONG_PING_MS = 500;
/** ... and where there are fewer, after this one. */
export const LONG_PING_SPARSE_MS = 2_000;
/** A long ping that is not answered in this time and a round trip is followed by pairs, a long and a short one, so often. */
export const LONG_PING_WAIT_MS = 150;
export const PAIR_MS = 100;
/** A long ping is passed by when a short one that left later was answered, and this time is over. */
export const PASSED_BY_MS = 50;
/** As many passed by in a row are no accident; where a hole was before; on a link that loses short ones too; after the kernel was told. */
export const BLACK_HOLE_PINGS = 3;
export const BLACK_HOLE_PINGS_AGAIN = 2;
export const BLACK_HOLE_PINGS_LOSSY = 6;
export const BLACK_HOLE_PINGS_TOLD = 10;
/** ... which has this long to show an effect: the other end may have to find out the same about its direction first. */
export const TOLD_TRIAL_MS = 2_000;
/** More than this share of the short pings lost is a lossy link. */
export const LOSSY = 0.02;
/** A longer size is tried again after these times; the last is that of RFC 8899 §5.1.1. */
export const RAISE_MS: readonly number[] = [10_000, 30_000, 60_000, 300_000, 600_000];
/** Linux forgets after this time what it was told of a path (mtu_expires). */
export const TOLD_MS = 600_000;

/**
 * The network of this machine changed, or it woke up: for this time all links have the timers of traffic ...
 */
export const HURRY_MS = 3_000;
/** ... and after so long without an answer whom we dialled gets a handshake beside the keys: stock does not follow us. */
export const HURRY_DOUBT_MS = 200;
/** Who was silent for longer than this as the machine woke up may have reset us, and gets one at once (protocol 02 §10). */
export const WOKE_SILENT_MS = 20_000;

/**
 * Packets from addresses that are no peer's, which may be a peer's that moved: only short ones are tried, as pings and
 * acknowledgements are ...
 */
export const ROAM_MOST_BYTES = 256;
/** ... against links that were not heard for this long: where packets come in, nobody has moved ... */
export const ROAM_QUIET_MS = 20;
/** ... and whose next counter may be the one that the packet bears: that much of what was sent meanwhile may be lost. */
export const ROAM_AHEAD = 1 << 18;
/** Tries per second and at once, each of some microseconds: a tenth of a core under a flood, 10 ms for a burst of it. */
export const ROAM_TRIES_PER_SECOND = 20_000;
export const ROAM_TRIES_BURST = 2_000;

/** A new address of a peer is asked this often, so many times; another series begins after the last time. */
export const CHALLENGE_EVERY_MS = 250;
export const CHALLENGES = 3;
export const CHALLENGE_AGAIN_MS = 1_000;
/** Where a peer was last that moved and fell silent it is asked for two minutes, beside where it was dialled. */
export const RETURN_EVERY_MS = 500;
export const RETURN_CHALLENGES = 240;
/** An address that is not the link's is the peer's, too, for this long after its last packet from there. */
export const AWAY_MS = 2_000;
/** Another one takes its place after this time at the earliest: ten slots and series a second for each link at most. */
export const AWAY_CHANGE_MS = 100;
/** A link that moved stays for this long ... */
export const SETTLED_MS = 60_000;
/** ... unless nothing was heard from there for so long: who sends from two addresses in turn moves once a minute at most. */
export const SETTLED_SILENT_MS = 500;
