/**
 * The inbound firewall: what was not asked for from here, and is not allowed by the configuration, is dropped before it
 * reaches the TUN. Everybody in the mesh can reach every node, so this is on by default.
 *
 * Flows are remembered by a keyed hash of protocol, other address and both ports, connections apart from all others; who
 * gives way when there are too many says flows.ts.
 */
import { type Rng, readU32 } from '../base/index.ts';
import type { Arena } from '../packet/index.ts';
import type { FirewallRule } from './firewall-rule.ts';
import { FLOW, FlowTable } from './flows.ts';
import { GRACE_MS, OTHER_FLOW_MS } from './limits.ts';
import { flagsAt, hasData, isEnding, isOfOpenConnection, lifeMs, stateAfter } from './tcp-flow.ts';

const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const FRAGMENT = 44;
const FRAGMENT_HEADER = 8;
const FIRST_QUESTION = 128;
const ECHO_REPLY = 129;

/** Decides per packet; offsets point at an IPv6 header in the arena. */
export type Firewall = {
  /** A packet of ours goes out: its flow may be answered from now on. */
  readonly noteOutgoing: (offset: number, lengthBytes: number, nowMs: number) => void;
  /** Whether a packet from the mesh may be written to the TUN. */
  readonly admits: (offset: number, lengthBytes: number, nowMs: number) => boolean;
  /** Other rules from now on; flows that are open stay open. */
  readonly setRules: (rules: readonly FirewallRule[]) => void;
};

/**
 * A firewall that lets in `rules` and the answers to what went out.
 * @param startMs from when on it sees all packets: connections may be older, and have `GRACE_MS` to show themselves
 */
export function createFirewall(arena: Arena, rules: readonly FirewallRule[], rng: Rng, startMs: number): Firewall {
  const { bytes, view } = arena;
  const seed = readU32(rng.bytes(4), 0) | 0;
  const open = new Uint8Array(256);
  const openPorts = { [TCP]: new Uint8Array(65536 / 8), [UDP]: new Uint8Array(65536 / 8) };
  const setRules = (wanted: readonly FirewallRule[]): void => {
    open.fill(0);
    openPorts[TCP].fill(0);
    openPorts[UDP].fill(0);
    for (const rule of wanted) {
      const protocol = { icmp: ICMPV6, tcp: TCP, udp: UDP }[rule.protocol];
      if (rule.ports === null) open[protocol] = 1;
      else if (protocol !== ICMPV6) setBits(openPorts[protocol as 6 | 17], rule.ports.first, rule.ports.last);
    }
  };
  setRules(rules);
  // Apart, so that no number of datagrams pushes a connection out.
  const connections = new FlowTable();
  const others = new FlowTable();

  /** Mixes protocol, the other address (at `addressAt`) and both ports; 0 is never returned. */
  const hash = (protocol: number, addressAt: number, ours: number, theirs: number): number => {
    let h = seed ^ Math.imul(protocol + 1, 0x9e37_79b1);
    h = mix(h ^ view.getInt32(addressAt));
    h = mix(h ^ view.getInt32(addressAt + 4));
    h = mix(h ^ view.getInt32(addressAt + 8));
    h = mix(h ^ view.getInt32(addressAt + 12));
    h = mix(h ^ ((ours << 16) | theirs));
    return h === 0 ? 1 : h;
  };

  /** What a flow shares with its relatives, a byte each: the far address, the far port, the local port. */
  const kinOf = (addressAt: number, ours: number, theirs: number): number => {
    const address = hash(0, addressAt, 0, 0);
    return ((address & 0xff) << 16) | ((mix(seed ^ theirs) & 0xff) << 8) | (mix(seed ^ ours) & 0xff);
  };

  /** A first fragment shows what it carries, so it is judged by that; later ones have no ports. */
  const isFirstFragment = (offset: number, lengthBytes: number): boolean =>
    bytes[offset + 6] === FRAGMENT && lengthBytes >= 40 + FRAGMENT_HEADER && view.getUint16(offset + 42) < 8;

  /** From now on the fragments without ports pass whose address stands at `addressAt`. */
  const noteFragments = (addressAt: number, nowMs: number): void => {
    others.enter(hash(FRAGMENT, addressAt, 0, 0), kinOf(addressAt, 0, 0), FLOW.unanswered, OTHER_FLOW_MS, nowMs);
  };

  const noteOutgoing = (offset: number, lengthBytes: number, nowMs: number): void => {
    const first = isFirstFragment(offset, lengthBytes);
    const protocol = bytes[first ? offset + 40 : offset + 6] as number;
    const upper = first ? 40 + FRAGMENT_HEADER : 40;
    const ported = (protocol === TCP || protocol === UDP) && lengthBytes >= upper + 4;
    const ours = ported ? view.getUint16(offset + upper) : 0;
    const theirs = ported ? view.getUint16(offset + upper + 2) : 0;
    const tag = hash(protocol, offset + 24, ours, theirs);
    const table = protocol === TCP ? connections : others;
    const at = table.find(tag, nowMs);
    const before = at < 0 ? null : table.stateAt(at);
    let state: number = before ?? FLOW.unanswered;
    let life = OTHER_FLOW_MS;
    if (protocol === TCP) {
      const end = offset + lengthBytes;
      const flags = flagsAt(bytes, offset + upper, end);
      state = stateAfter(before, flags, true, hasData(bytes, offset + upper, end));
      life = lifeMs(state, flags);
      // What has ended, or was never known, is not kept alive by its last packets.
      if (state === FLOW.ended && (before === null || before === state)) return;
    }
    if (state === before && table.isFresh(at, nowMs)) return;
    table.enter(tag, kinOf(offset + 24, ours, theirs), state, life, nowMs);
    // Later fragments of an answer have no ports: they pass from an address that something was sent to lately. Alone
    // they are harmless: nothing is put together without a first fragment, and overlapping ones are dropped (RFC 5722).
    noteFragments(offset + 24, nowMs);
  };

  const admits = (offset: number, lengthBytes: number, nowMs: number): boolean => {
    if (!isFirstFragment(offset, lengthBytes))
      return admitsUpper(bytes[offset + 6] as number, 40, offset, lengthBytes, nowMs);
    if (!admitsUpper(bytes[offset + 40] as number, 40 + FRAGMENT_HEADER, offset, lengthBytes, nowMs)) return false;
    // The rest of what was let in follows.
    noteFragments(offset + 8, nowMs);
    return true;
  };

  /** Judges by the header of `protocol`, `upper` bytes behind the start of the packet. */
  const admitsUpper = (
    protocol: number,
    upper: number,
    offset: number,
    lengthBytes: number,
    nowMs: number,
  ): boolean => {
    // A fragment header behind a fragment header is a way around the rules, and nothing else.
    if (protocol === FRAGMENT && upper > 40) return false;
    // Answers and errors of ICMPv6 always pass; its other messages are questions from strangers, or of the link only.
    if (protocol === ICMPV6 && open[protocol] !== 1) {
      const type = bytes[offset + upper] as number;
      return lengthBytes > upper && (type < FIRST_QUESTION || type === ECHO_REPLY);
    }
    const ported = (protocol === TCP || protocol === UDP) && lengthBytes >= upper + 4;
    const theirs = ported ? view.getUint16(offset + upper) : 0;
    const ours = ported ? view.getUint16(offset + upper + 2) : 0;
    const isOpen = open[protocol] === 1 || (ported && hasBit(openPorts[protocol as 6 | 17], ours));
    const flags = protocol === TCP ? flagsAt(bytes, offset + upper, offset + lengthBytes) : 0;
    // Most of what rules let in costs no look at the table; the end of a connection is noted there.
    if (isOpen && !isEnding(flags)) return true;
    const isKnown = noteIncoming(protocol, hash(protocol, offset + 8, ours, theirs), flags, nowMs);
    if (isOpen || isKnown) return true;
    return protocol === TCP && nowMs - startMs < GRACE_MS && isOfOpenConnection(flags);
  };

  /** A packet came in that may belong to a flow. @returns whether it does */
  const noteIncoming = (protocol: number, tag: number, flags: number, nowMs: number): boolean => {
    if (protocol !== TCP) {
      const at = others.find(tag, nowMs);
      if (at >= 0) others.markAnswered(at);
      return at >= 0;
    }
    const at = connections.find(tag, nowMs);
    if (at < 0) return false;
    const before = connections.stateAt(at);
    if (before >= FLOW.answered && !isEnding(flags)) return true;
    const state = stateAfter(before, flags, false, false);
    if (state !== before) connections.set(at, state, lifeMs(state, flags), nowMs);
    return true;
  };

  return { noteOutgoing, admits, setRules };
}

function mix(value: number): number {
  const h = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  return Math.imul(h ^ (h >>> 13), 0xc2b2_ae35) ^ (h >>> 16);
}

function setBits(bits: Uint8Array, first: number, last: number): void {
  for (let number = first; number <= last; number++)
    bits[number >> 3] = (bits[number >> 3] as number) | (1 << (number & 7));
}

function hasBit(bits: Uint8Array, number: number): boolean {
  return ((bits[number >> 3] as number) & (1 << (number & 7))) !== 0;
}
