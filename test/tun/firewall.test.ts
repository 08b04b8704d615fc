import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createArena } from '../../src/packet/index.ts';
import { createFirewall, type FirewallRule, parseFirewallRule } from '../../src/tun/index.ts';
import { FLOW_REFRESH_S, FLOW_SETS, FLOWS_PER_SET, OTHER_FLOW_S, TCP_FLOW_S } from '../../src/tun/limits.ts';
import { seededRng } from '../cryptoauth/support.ts';

const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const FRAGMENT = 44;
const own = new Uint8Array(16).fill(1);
const peer = new Uint8Array(16).fill(2);
const stranger = new Uint8Array(16).fill(3);
const AT = 100;

function ports(from: number, to: number): Uint8Array {
  return Uint8Array.of(from >> 8, from & 0xff, to >> 8, to & 0xff, 0, 0, 0, 0);
}

/** A fragment header in front of a payload. @param offset in bytes, a multiple of 8 */
function fragment(inner: number, offset: number, more: boolean, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(inner, 0, offset >> 8, (offset & 0xff) | (more ? 1 : 0), 0, 0, 0, 9, ...payload);
}

function bench(rules: readonly FirewallRule[] = []) {
  const arena = createArena({ tunSlots: 1, receiveSlots: 0, outputSlots: 0, descriptors: 1 });
  const firewall = createFirewall(arena, rules, seededRng('firewall'));
  const write = (protocol: number, from: Uint8Array, to: Uint8Array, payload: Uint8Array): number => {
    arena.bytes.fill(0);
    arena.bytes[AT + 6] = protocol;
    arena.bytes.set(from, AT + 8);
    arena.bytes.set(to, AT + 24);
    arena.bytes.set(payload, AT + 40);
    return 40 + payload.length;
  };
  return {
    out: (protocol: number, to: Uint8Array, payload: Uint8Array, nowS = 0) =>
      firewall.noteOutgoing(AT, write(protocol, own, to, payload), nowS * 1_000),
    in: (protocol: number, from: Uint8Array, payload: Uint8Array, nowS = 0) =>
      firewall.admits(AT, write(protocol, from, own, payload), nowS * 1_000),
  };
}

t.test('rules are a protocol, or a port of one', async (t) => {
  t.same(parseFirewallRule('icmp'), { protocol: 'icmp', port: null });
  t.same(parseFirewallRule('tcp'), { protocol: 'tcp', port: null });
  t.same(parseFirewallRule('tcp/22'), { protocol: 'tcp', port: 22 });
  t.same(parseFirewallRule('udp/65535'), { protocol: 'udp', port: 65_535 });
  for (const text of ['', 'icmp/1', 'tcp/0', 'tcp/65536', 'tcp/', 'tcp/22 ', 'sctp', 'TCP', 'tcp/-1', 'tcp/1e3']) {
    t.equal(parseFirewallRule(text), null, text);
  }
});

for (const protocol of [TCP, UDP]) {
  t.test(`protocol ${protocol}: the answer to what went out passes, everything else is refused`, async (t) => {
    const wall = bench();
    t.notOk(wall.in(protocol, peer, ports(80, 5_000)));
    wall.out(protocol, peer, ports(5_000, 80));
    t.ok(wall.in(protocol, peer, ports(80, 5_000)));
    t.notOk(wall.in(protocol, stranger, ports(80, 5_000)), 'another address');
    t.notOk(wall.in(protocol, peer, ports(81, 5_000)), 'another port of theirs');
    t.notOk(wall.in(protocol, peer, ports(80, 5_001)), 'another port of ours');
    t.notOk(wall.in(protocol === TCP ? UDP : TCP, peer, ports(80, 5_000)), 'another protocol');
    t.notOk(wall.in(protocol, peer, new Uint8Array(3)), 'no ports at all');
  });
}

t.test('a flow ends after its time, and one in use does not', async (t) => {
  for (const [protocol, life] of [
    [TCP, TCP_FLOW_S],
    [UDP, OTHER_FLOW_S],
  ] as const) {
    const wall = bench();
    wall.out(protocol, peer, ports(5_000, 80));
    t.ok(wall.in(protocol, peer, ports(80, 5_000), life - 1));
    t.notOk(wall.in(protocol, peer, ports(80, 5_000), life));
    wall.out(protocol, peer, ports(5_000, 80), life);
    wall.out(protocol, peer, ports(5_000, 80), life + FLOW_REFRESH_S);
    t.ok(wall.in(protocol, peer, ports(80, 5_000), 2 * life + FLOW_REFRESH_S - 1));
  }
});

t.test('rules let strangers in, to their ports only', async (t) => {
  const wall = bench([
    { protocol: 'tcp', port: 22 },
    { protocol: 'udp', port: null },
    { protocol: 'icmp', port: null },
  ]);
  t.ok(wall.in(TCP, stranger, ports(9, 22)));
  t.notOk(wall.in(TCP, stranger, ports(22, 9)));
  t.notOk(wall.in(TCP, stranger, ports(9, 23)));
  t.ok(wall.in(UDP, stranger, ports(1, 2)));
  t.ok(wall.in(ICMPV6, stranger, Uint8Array.of(128)));
  t.notOk(wall.in(132, stranger, ports(1, 22)));
});

t.test('of ICMPv6, errors and echo replies pass; requests and messages of the link do not', async (t) => {
  const wall = bench();
  for (const type of [1, 2, 3, 4, 129]) t.ok(wall.in(ICMPV6, stranger, Uint8Array.of(type)), `type ${type}`);
  for (const type of [128, 130, 133, 134, 135, 136, 137, 139, 200, 255]) {
    t.notOk(wall.in(ICMPV6, stranger, Uint8Array.of(type)), `type ${type}`);
  }
  t.notOk(wall.in(ICMPV6, stranger, new Uint8Array(0)));
});

t.test('protocols without ports are answered by address', async (t) => {
  const wall = bench();
  wall.out(50, peer, new Uint8Array(8));
  t.ok(wall.in(50, peer, new Uint8Array(8)));
  t.notOk(wall.in(50, stranger, new Uint8Array(8)));
  t.notOk(wall.in(51, peer, new Uint8Array(8)));
});

t.test('a first fragment is judged by what is in it, so that it is no way around the rules', async (t) => {
  const wall = bench([{ protocol: 'icmp', port: null }]);
  wall.out(ICMPV6, stranger, Uint8Array.of(129));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, false, ports(9, 22))), 'whole in one fragment');
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, true, ports(9, 22))));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, true, new Uint8Array(2))), 'its ports are in the next one');
  t.notOk(wall.in(FRAGMENT, stranger, fragment(FRAGMENT, 0, true, fragment(TCP, 0, true, ports(9, 22)))));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(60, 0, true, ports(9, 22))), 'other headers hide as well');
});

t.test('fragments of an answer and of what rules let in pass, those of strangers do not', async (t) => {
  const wall = bench([{ protocol: 'udp', port: 53 }]);
  const rest = fragment(UDP, 1_232, false, new Uint8Array(100));
  wall.out(UDP, peer, ports(5_000, 80));
  t.ok(wall.in(FRAGMENT, peer, fragment(UDP, 0, true, ports(80, 5_000))));
  t.ok(wall.in(FRAGMENT, peer, rest));
  t.notOk(wall.in(FRAGMENT, stranger, rest));
  t.ok(wall.in(FRAGMENT, stranger, fragment(UDP, 0, true, ports(9, 53))));
  t.ok(wall.in(FRAGMENT, stranger, rest));
});

t.test('what went out in fragments is answered whole', async (t) => {
  const wall = bench();
  wall.out(FRAGMENT, peer, fragment(UDP, 0, true, ports(5_000, 80)));
  wall.out(FRAGMENT, peer, fragment(UDP, 1_232, false, new Uint8Array(8)));
  t.ok(wall.in(UDP, peer, ports(80, 5_000)));
  t.notOk(wall.in(UDP, peer, ports(80, 5_001)));
});

t.test('the table is bounded: a flood of flows evicts old ones, and the newest is always answered', async (t) => {
  const wall = bench();
  const total = FLOW_SETS * FLOWS_PER_SET;
  wall.out(UDP, peer, ports(1, 1), 0);
  for (let i = 0; i < 2 * total; i++) {
    const to = Uint8Array.of(...new Uint8Array(12).fill(9), i >> 24, i >> 16, i >> 8, i);
    wall.out(UDP, to, ports(7, 7), 1 + Math.floor(i / 1_000));
    if (i % 500 === 0) assert(wall.in(UDP, to, ports(7, 7), 1 + Math.floor(i / 1_000)));
  }
  t.notOk(wall.in(UDP, peer, ports(1, 1), 100));
});

t.test('no packet of a stranger passes an empty firewall, but ICMPv6 errors and replies', async (t) => {
  const wall = bench();
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 100 }), (protocol, payload) => {
      const isHarmless = (type: number | undefined) => type !== undefined && (type < 128 || type === 129);
      const first = protocol === FRAGMENT && payload.length > 8 && payload[2] === 0 && (payload[3] ?? 0) < 8;
      const icmp = protocol === ICMPV6 ? payload[0] : first && payload[0] === ICMPV6 ? payload[8] : undefined;
      assert.equal(wall.in(protocol, stranger, payload), isHarmless(icmp));
    }),
  );
  t.pass();
});
