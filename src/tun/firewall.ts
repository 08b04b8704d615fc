/**
 * The inbound firewall: what was not asked for from here, and is not allowed by the configuration, is dropped before it
 * reaches the TUN. Everybody in the mesh can reach every node, so this is on by default.
 *
 * Flows are remembered by a keyed hash of protocol, other address and both ports, in sets of four; the one that was
 * silent longest gives way. No address is stored, and nothing is allocated per packet.
 */
import { type Rng, readU32 } from '../base/index.ts';
import type { Arena } from '../packet/index.ts';
import { FLOW_REFRESH_S, FLOW_SETS, FLOWS_PER_SET, OTHER_FLOW_S, TCP_FLOW_S } from './limits.ts';

/** One thing strangers may reach: a protocol, or one port of it. */
export type FirewallRule = { readonly protocol: 'icmp' | 'tcp' | 'udp'; readonly port: number | null };

/** Reads `icmp`, `tcp`, `udp`, `tcp/22`, `udp/53`; null for anything else. */
export function parseFirewallRule(text: string): FirewallRule | null {
  const match = /^(icmp|tcp|udp)(?:\/(\d{1,5}))?$/.exec(text);
  const protocol = match?.[1] as FirewallRule['protocol'] | undefined;
  if (protocol === undefined) return null;
  if (match?.[2] === undefined) return { protocol, port: null };
  const port = Number(match[2]);
  return protocol === 'icmp' || port < 1 || port > 65535 ? null : { protocol, port };
}

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

/** A firewall that lets in `rules` and the answers to what went out. */
export function createFirewall(arena: Arena, rules: readonly FirewallRule[], rng: Rng): Firewall {
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
      if (rule.port === null) open[protocol] = 1;
      else if (protocol !== ICMPV6) setBit(openPorts[protocol as 6 | 17], rule.port);
    }
  };
  setRules(rules);
  const tags = new Int32Array(FLOW_SETS * FLOWS_PER_SET);
  const seenS = new Int32Array(FLOW_SETS * FLOWS_PER_SET);
  const lifeS = new Int32Array(FLOW_SETS * FLOWS_PER_SET);

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

  const find = (tag: number, nowS: number): number => {
    const start = (tag >>> 20) * FLOWS_PER_SET;
    for (let at = start; at < start + FLOWS_PER_SET; at++) {
      if (tags[at] === tag && nowS - (seenS[at] as number) < (lifeS[at] as number)) return at;
    }
    return -1;
  };

  const enter = (tag: number, life: number, nowS: number): void => {
    const start = (tag >>> 20) * FLOWS_PER_SET;
    let oldest = start;
    for (let at = start; at < start + FLOWS_PER_SET; at++) {
      if (tags[at] === tag) {
        oldest = at;
        break;
      }
      if ((seenS[at] as number) < (seenS[oldest] as number)) oldest = at;
    }
    tags[oldest] = tag;
    seenS[oldest] = nowS;
    lifeS[oldest] = life;
  };

  /** A first fragment shows what it carries, so it is judged by that; later ones have no ports. */
  const isFirstFragment = (offset: number, lengthBytes: number): boolean =>
    bytes[offset + 6] === FRAGMENT && lengthBytes >= 40 + FRAGMENT_HEADER && view.getUint16(offset + 42) < 8;

  const noteOutgoing = (offset: number, lengthBytes: number, nowMs: number): void => {
    const first = isFirstFragment(offset, lengthBytes);
    const protocol = bytes[first ? offset + 40 : offset + 6] as number;
    const upper = first ? 40 + FRAGMENT_HEADER : 40;
    const nowS = nowSeconds(nowMs);
    const ported = (protocol === TCP || protocol === UDP) && lengthBytes >= upper + 4;
    const ours = ported ? view.getUint16(offset + upper) : 0;
    const theirs = ported ? view.getUint16(offset + upper + 2) : 0;
    const tag = hash(protocol, offset + 24, ours, theirs);
    const at = find(tag, nowS);
    if (at >= 0 && nowS - (seenS[at] as number) < FLOW_REFRESH_S) return;
    enter(tag, protocol === TCP ? TCP_FLOW_S : OTHER_FLOW_S, nowS);
    // Later fragments of an answer have no ports: they pass from an address that something was sent to lately. Alone
    // they are harmless: nothing is put together without a first fragment, and overlapping ones are dropped (RFC 5722).
    enter(hash(FRAGMENT, offset + 24, 0, 0), OTHER_FLOW_S, nowS);
  };

  const admits = (offset: number, lengthBytes: number, nowMs: number): boolean => {
    if (!isFirstFragment(offset, lengthBytes))
      return admitsUpper(bytes[offset + 6] as number, 40, offset, lengthBytes, nowMs);
    if (!admitsUpper(bytes[offset + 40] as number, 40 + FRAGMENT_HEADER, offset, lengthBytes, nowMs)) return false;
    // The rest of what was let in follows.
    enter(hash(FRAGMENT, offset + 8, 0, 0), OTHER_FLOW_S, nowSeconds(nowMs));
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
    if (open[protocol] === 1) return true;
    // Answers and errors of ICMPv6 always pass; its other messages are questions from strangers, or of the link only.
    if (protocol === ICMPV6) {
      const type = bytes[offset + upper] as number;
      return lengthBytes > upper && (type < FIRST_QUESTION || type === ECHO_REPLY);
    }
    const ported = (protocol === TCP || protocol === UDP) && lengthBytes >= upper + 4;
    const theirs = ported ? view.getUint16(offset + upper) : 0;
    const ours = ported ? view.getUint16(offset + upper + 2) : 0;
    if (ported && hasBit(openPorts[protocol as 6 | 17], ours)) return true;
    return find(hash(protocol, offset + 8, ours, theirs), nowSeconds(nowMs)) >= 0;
  };

  return { noteOutgoing, admits, setRules };
}

/** Seconds from 1 on, so that 0 means "never" in the table. */
function nowSeconds(nowMs: number): number {
  return (nowMs / 1000 + 100_000) | 0;
}

function mix(value: number): number {
  const h = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  return Math.imul(h ^ (h >>> 13), 0xc2b2_ae35) ^ (h >>> 16);
}

function setBit(bits: Uint8Array, number: number): void {
  bits[number >> 3] = (bits[number >> 3] as number) | (1 << (number & 7));
}

function hasBit(bits: Uint8Array, number: number): boolean {
  return ((bits[number >> 3] as number) & (1 << (number & 7))) !== 0;
}
