import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createArena } from '../../src/packet/index.ts';
import { createFirewall, type FirewallRule } from '../../src/tun/index.ts';
import {
  FLOW_REFRESH_MS,
  FLOW_SETS,
  FLOWS_PER_SET,
  GRACE_MS,
  OTHER_FLOW_MS,
  TCP_CLOSED_MS,
  TCP_FLOW_MS,
  TCP_RESET_MS,
} from '../../src/tun/limits.ts';
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

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

/** A TCP header with flags, and data behind it. */
function segment(from: number, to: number, flags: number, data = 0): Uint8Array {
  const header = new Uint8Array(20 + data);
  header.set(ports(from, to));
  header[12] = 5 << 4;
  header[13] = flags;
  return header;
}

/** An address of which there are many. */
function host(index: number): Uint8Array {
  return Uint8Array.of(...new Uint8Array(12).fill(9), index >> 24, index >> 16, index >> 8, index);
}

/** A fragment header in front of a payload. @param offset in bytes, a multiple of 8 */
function fragment(inner: number, offset: number, more: boolean, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(inner, 0, offset >> 8, (offset & 0xff) | (more ? 1 : 0), 0, 0, 0, 9, ...payload);
}

function bench(rules: readonly FirewallRule[] = [], startMs = -GRACE_MS) {
  const arena = createArena({ tunSlots: 1, receiveSlots: 0, outputSlots: 0, descriptors: 1 });
  const firewall = createFirewall(arena, rules, seededRng('firewall'), startMs);
  const write = (protocol: number, from: Uint8Array, to: Uint8Array, payload: Uint8Array): number => {
    arena.bytes.fill(0, AT, AT + 200);
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
    [TCP, TCP_FLOW_MS / 1_000],
    [UDP, OTHER_FLOW_MS / 1_000],
  ] as const) {
    const wall = bench();
    wall.out(protocol, peer, ports(5_000, 80));
    t.ok(wall.in(protocol, peer, ports(80, 5_000), life - 1));
    t.notOk(wall.in(protocol, peer, ports(80, 5_000), life));
    wall.out(protocol, peer, ports(5_000, 80), life);
    wall.out(protocol, peer, ports(5_000, 80), life + FLOW_REFRESH_MS / 1_000);
    t.ok(wall.in(protocol, peer, ports(80, 5_000), 2 * life + FLOW_REFRESH_MS / 1_000 - 1));
  }
});

t.test('rules let strangers in, to their ports only', async (t) => {
  const wall = bench([
    { protocol: 'tcp', ports: { first: 22, last: 22 } },
    { protocol: 'udp', ports: null },
    { protocol: 'icmp', ports: null },
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
  const wall = bench([{ protocol: 'icmp', ports: null }]);
  wall.out(ICMPV6, stranger, Uint8Array.of(129));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, false, ports(9, 22))), 'whole in one fragment');
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, true, ports(9, 22))));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(TCP, 0, true, new Uint8Array(2))), 'its ports are in the next one');
  t.notOk(wall.in(FRAGMENT, stranger, fragment(FRAGMENT, 0, true, fragment(TCP, 0, true, ports(9, 22)))));
  t.notOk(wall.in(FRAGMENT, stranger, fragment(60, 0, true, ports(9, 22))), 'other headers hide as well');
});

t.test('fragments of an answer and of what rules let in pass, those of strangers do not', async (t) => {
  const wall = bench([{ protocol: 'udp', ports: { first: 53, last: 53 } }]);
  const rest = fragment(UDP, 1_232, false, new Uint8Array(100));
  wall.out(UDP, peer, ports(5_000, 80));
  t.ok(wall.in(FRAGMENT, peer, fragment(UDP, 0, true, ports(80, 5_000))));
  t.ok(wall.in(FRAGMENT, peer, rest));
  t.notOk(wall.in(FRAGMENT, stranger, rest));
  t.ok(wall.in(FRAGMENT, stranger, fragment(UDP, 0, true, ports(9, 53))));
  t.ok(wall.in(FRAGMENT, stranger, rest));
});

t.test('a range opens its first and last port, and nothing beside them', async (t) => {
  const wall = bench([
    { protocol: 'udp', ports: { first: 60_000, last: 61_000 } },
    { protocol: 'tcp', ports: { first: 1, last: 65_535 } },
  ]);
  const open = [59_999, 60_000, 60_500, 61_000, 61_001].map((port) => wall.in(UDP, stranger, ports(9, port)));
  t.same(open, [false, true, true, true, false]);
  t.same(
    [0, 1, 65_535].map((port) => wall.in(TCP, stranger, ports(9, port))),
    [false, true, true],
  );
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
  let left = 0;
  for (let i = 0; i < 2 * total; i++) {
    wall.out(UDP, host(i), ports(7, 7), 1 + i / 1_000);
    if (i % 500 === 0) assert(wall.in(UDP, host(i), ports(7, 7), 1 + i / 1_000));
  }
  for (let i = 0; i < 2 * total; i++) if (wall.in(UDP, host(i), ports(7, 7), 1 + (2 * total) / 1_000)) left++;
  t.ok(left <= total && left > total / 3, `${left} of ${2 * total}`);
});

/** A connection of ours that the far end has accepted. */
function connect(wall: ReturnType<typeof bench>, to: Uint8Array, ours: number, theirs: number, nowS: number): void {
  wall.out(TCP, to, segment(ours, theirs, SYN), nowS);
  assert(wall.in(TCP, to, segment(theirs, ours, SYN | ACK), nowS));
  wall.out(TCP, to, segment(ours, theirs, ACK), nowS);
}

const floods: readonly [name: string, flow: (wall: ReturnType<typeof bench>, i: number, nowS: number) => void][] = [
  ['datagrams to 60 000 hosts', (wall, i, nowS) => wall.out(UDP, host(i), ports(6_881, i & 0xffff), nowS)],
  ['datagrams from 60 000 ports', (wall, i, nowS) => wall.out(UDP, host(1), ports(i & 0xffff, 53), nowS)],
  ['a scan of 60 000 hosts', (wall, i, nowS) => wall.out(TCP, host(i), segment(40_000, 80, SYN), nowS)],
  [
    'a scan of 60 000 ports',
    (wall, i, nowS) => wall.out(TCP, host(1), segment(40_000 + (i & 0xff), i & 0xffff, SYN), nowS),
  ],
  ['60 000 connections to one host', (wall, i, nowS) => connect(wall, host(1), i & 0xffff, 80 + (i >> 16), nowS)],
  [
    '60 000 connections to one service of many',
    (wall, i, nowS) => connect(wall, host(i), 1_024 + (i % 60_000), 443, nowS),
  ],
];
for (const [name, flow] of floods) {
  t.test(`${name} of one program leave the idle connections and exchanges of others open`, async (t) => {
    const wall = bench();
    const idle = Array.from({ length: 200 }, (_, index) => 1_000_000 + index);
    for (const index of idle) {
      connect(wall, host(index), 50_000 + index - 1_000_000, 2_000 + 7 * (index - 1_000_000), 0);
      wall.out(UDP, host(index), ports(30_000 + index - 1_000_000, 4_000 + 7 * (index - 1_000_000)), 0);
      assert(wall.in(UDP, host(index), ports(4_000 + 7 * (index - 1_000_000), 30_000 + index - 1_000_000), 0));
    }
    for (let i = 0; i < 60_000; i++) flow(wall, i, 1 + i / 1_000);
    const open = idle.filter((index) => {
      const [ours, theirs] = [50_000 + index - 1_000_000, 2_000 + 7 * (index - 1_000_000)];
      return wall.in(TCP, host(index), segment(theirs, ours, ACK, 100), 62);
    });
    const answered = idle.filter((index) =>
      wall.in(UDP, host(index), ports(4_000 + 7 * (index - 1_000_000), 30_000 + index - 1_000_000), 62),
    );
    t.ok(open.length >= 198, `${open.length} of ${idle.length} connections`);
    t.ok(answered.length >= 198, `${answered.length} of ${idle.length} exchanges`);
  });
}

t.test('connections that are over give way first, and those that never were', async (t) => {
  for (const [name, finish] of [
    ['reset by us', (wall, to) => wall.out(TCP, to, segment(5, 80, RST), 1)],
    ['reset by them', (wall, to) => wall.in(TCP, to, segment(80, 5, RST), 1)],
    [
      'closed by both',
      (wall, to) => {
        wall.out(TCP, to, segment(5, 80, FIN | ACK), 1);
        wall.in(TCP, to, segment(80, 5, FIN | ACK), 1);
      },
    ],
  ] as readonly [string, (wall: ReturnType<typeof bench>, to: Uint8Array) => unknown][]) {
    const wall = bench();
    const total = FLOW_SETS * FLOWS_PER_SET;
    for (let i = 0; i < total / 2; i++) connect(wall, host(i), 1_000 + (i % 50_000), 2_000 + (i % 40_000), 0);
    for (let i = 0; i < total; i++) {
      connect(wall, host(100_000 + i), 5, 80, 1);
      finish(wall, host(100_000 + i));
    }
    let open = 0;
    for (let i = 0; i < total / 2; i++)
      if (wall.in(TCP, host(i), segment(2_000 + (i % 40_000), 1_000 + (i % 50_000), ACK, 9), 2)) open++;
    t.ok(open > 0.97 * (total / 2), `${name}: ${open} of ${total / 2} are open`);
  }
});

t.test('the last packets of a connection pass, and after a while nothing does', async (t) => {
  const wall = bench();
  connect(wall, peer, 5, 80, 0);
  t.ok(wall.in(TCP, peer, segment(80, 5, FIN | ACK), 1));
  wall.out(TCP, peer, segment(5, 80, ACK, 100), 2);
  t.ok(wall.in(TCP, peer, segment(80, 5, ACK), TCP_FLOW_MS / 1_000), 'half closed, it may go on for hours');
  wall.out(TCP, peer, segment(5, 80, FIN | ACK), TCP_FLOW_MS / 1_000);
  const closedS = TCP_FLOW_MS / 1_000;
  t.ok(wall.in(TCP, peer, segment(80, 5, ACK), closedS + TCP_CLOSED_MS / 1_000 - 1));
  t.notOk(wall.in(TCP, peer, segment(80, 5, ACK), closedS + TCP_CLOSED_MS / 1_000));
  connect(wall, peer, 5, 80, closedS + 1_000);
  t.ok(wall.in(TCP, peer, segment(80, 5, RST), closedS + 1_001));
  t.ok(wall.in(TCP, peer, segment(80, 5, ACK), closedS + 1_002));
  t.notOk(wall.in(TCP, peer, segment(80, 5, ACK), closedS + 1_001 + TCP_RESET_MS / 1_000));
});

t.test('a reset that the kernel did not believe ends nothing: what goes on sending stays open', async (t) => {
  const wall = bench();
  connect(wall, peer, 5, 80, 0);
  t.ok(wall.in(TCP, peer, segment(80, 5, RST), 1));
  wall.out(TCP, peer, segment(5, 80, ACK, 100), 2);
  t.ok(wall.in(TCP, peer, segment(80, 5, ACK), 1_000));
});

t.test('after the start, connections that are older have a minute to show themselves; nobody opens one', async (t) => {
  const wall = bench([], 0);
  const last = GRACE_MS / 1_000 - 1;
  t.ok(wall.in(TCP, peer, segment(80, 5_000, ACK, 100), last), 'the far end speaks next');
  wall.out(TCP, peer, segment(5_000, 80, ACK), last);
  t.ok(wall.in(TCP, peer, segment(80, 5_000, ACK), last + 1_000), 'the kernel knew it: it is a flow again');
  t.ok(wall.in(TCP, peer, segment(81, 5_000, ACK), last));
  wall.out(TCP, peer, segment(5_000, 81, RST), last);
  t.notOk(wall.in(TCP, peer, segment(81, 5_000, ACK), last + 1), 'the kernel knew nothing of it');
  for (const flags of [0, SYN, SYN | ACK, RST, RST | ACK, FIN, SYN | FIN, 0x29]) {
    t.notOk(wall.in(TCP, stranger, segment(80, 5_000, flags), last), `flags ${flags}`);
  }
  t.notOk(wall.in(UDP, stranger, ports(80, 5_000), 1));
  t.notOk(wall.in(TCP, stranger, segment(80, 5_000, ACK), last + 1), 'over');
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
