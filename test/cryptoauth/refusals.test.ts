/**
 * Keys in hand: from every state, under both rules, every kind of genuine packet, at the right and at the wrong moment,
 * cut, damaged and invented. What is refused changes nothing, what is damaged where it counts is refused.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { COUNTER_LIMIT, type Opened } from '../../src/channel/index.ts';
import { ERROR } from '../../src/cryptoauth/errors.ts';
import type { Environment } from '../../src/cryptoauth/machine.ts';
import { A, B, type Party, pair, pass, pick, restarted, say, seededRng, snapshot } from './support.ts';

type Rules = Environment['rules'];
/** `b` is the one under test; `packets` are genuine ones from its peer, old and new. */
type Scene = { readonly b: Party; readonly packets: readonly Uint8Array[] };
type Build = (rules: Rules) => Scene;

const NOW_MS = 5;

/** A peer whose packets are recorded. */
function recording(rules: Rules): {
  a: Party;
  b: Party;
  said: Uint8Array[];
  tell: (via?: 'live' | 'pending') => Opened;
} {
  const { a, b } = pair({ rules }, { rules });
  const said: Uint8Array[] = [];
  const tell = (via: 'live' | 'pending' = 'live'): Opened => {
    const packet = a.association.seal(say('payload'), NOW_MS, via);
    said.push(packet);
    return b.association.open(packet, NOW_MS);
  };
  return { a, b, said, tell };
}

/** What the peer would say next, without `b` hearing it yet. */
function andNext(a: Party, said: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...said, a.association.seal(say('next payload'), NOW_MS), a.association.seal(say('and one more'), NOW_MS)];
}

function established(rules: Rules) {
  const scene = recording(rules);
  scene.tell();
  pass(scene.b, scene.a, 'key', NOW_MS);
  scene.tell();
  pass(scene.b, scene.a, 'data', NOW_MS);
  scene.tell();
  return scene;
}

const anyRules: Record<string, Build> = {
  INIT: (rules) => {
    const { a, b, said } = recording(rules);
    return { b, packets: andNext(a, said) };
  },
  'SENT_HELLO, the higher key': (rules) => {
    const { a, b, said } = recording(rules);
    b.association.seal(say('hello'), NOW_MS);
    return { b, packets: andNext(a, said) };
  },
  'SENT_HELLO, the lower key': (rules) => {
    const { a, b } = recording(rules);
    a.association.seal(say('hello'), NOW_MS);
    return { b: a, packets: andNext(b, []) };
  },
  'SENT_HELLO, answered': (rules) => {
    const { a, b, said } = recording(rules);
    pass(b, a, 'hello', NOW_MS);
    return { b, packets: andNext(a, said) };
  },
  RECEIVED_HELLO: (rules) => {
    const { a, b, said, tell } = recording(rules);
    tell();
    return { b, packets: andNext(a, said) };
  },
  SENT_KEY: (rules) => {
    const { a, b, said, tell } = recording(rules);
    tell();
    pass(b, a, 'key', NOW_MS);
    return { b, packets: andNext(a, said) };
  },
  RECEIVED_KEY: (rules) => {
    const { a, b, said, tell } = recording(rules);
    pass(b, a, 'hello', NOW_MS);
    tell();
    const key = said.slice();
    const repeated = a.association.seal(say('again'), NOW_MS);
    pass(b, a, 'data', NOW_MS);
    return { b, packets: andNext(a, [...key, repeated]) };
  },
  'ESTABLISHED, responder': (rules) => {
    const { a, b, said } = established(rules);
    return { b, packets: andNext(a, said) };
  },
  'ESTABLISHED, initiator': (rules) => {
    const { a, b, said, tell } = recording(rules);
    pass(b, a, 'hello', NOW_MS);
    tell();
    pass(b, a, 'data', NOW_MS);
    tell();
    return { b, packets: andNext(a, said) };
  },
};

const hardenedOnly: Record<string, Build> = {
  'ESTABLISHED beside RECEIVED_HELLO': (rules) => {
    const { a, b, said } = established(rules);
    const again = restarted(a, B);
    pass(again, b, 'hello', NOW_MS);
    return { b, packets: andNext(again, andNext(a, said)) };
  },
  'ESTABLISHED beside SENT_KEY': (rules) => {
    const { a, b, said } = established(rules);
    const again = restarted(a, B);
    pass(again, b, 'hello', NOW_MS);
    pass(b, again, 'key', NOW_MS, 'pending');
    return { b, packets: andNext(again, andNext(a, said)) };
  },
  'ESTABLISHED beside SENT_HELLO': (rules) => {
    const { a, b, said } = established(rules);
    pass(b, a, 'hello', NOW_MS, 'pending');
    said.push(a.association.seal(say('key'), NOW_MS, 'pending'));
    return { b, packets: andNext(a, said) };
  },
  'RECEIVED_KEY, an established one before it': (rules) => {
    const { a, b, said, tell } = established(rules);
    pass(b, a, 'hello', NOW_MS, 'pending');
    tell('pending');
    const packets = andNext(a, said);
    pass(b, a, 'data', NOW_MS);
    return { b, packets: andNext(a, packets) };
  },
  'RECEIVED_KEY beside RECEIVED_HELLO': (rules) => {
    const { a, b, said, tell } = recording(rules);
    pass(b, a, 'hello', NOW_MS);
    tell();
    const again = restarted(a, B);
    pass(again, b, 'hello', NOW_MS);
    return { b, packets: andNext(again, said) };
  },
  'SENT_HELLO, an exhausted one before it': (rules) => {
    const { a, b, said } = established(rules);
    b.table.sendCounter[b.association.sendRow] = COUNTER_LIMIT;
    pass(b, a, 'hello', NOW_MS);
    said.push(a.association.seal(say('key'), NOW_MS, 'pending'));
    return { b, packets: andNext(a, said) };
  },
};

const scenes: [string, () => Scene][] = [
  ...Object.entries(anyRules).flatMap(([name, build]) =>
    (['stock', 'hardened'] as const).map((rules): [string, () => Scene] => [`${name}, ${rules}`, () => build(rules)]),
  ),
  ...Object.entries(hardenedOnly).map(([name, build]): [string, () => Scene] => [name, () => build('hardened')]),
];

/** The one thing that a refused packet may move: the window of a stock session without data so far (protocol 02 §6.1). */
function mayMove(scene: Scene, opened: Opened): boolean {
  const { rules } = scene.b.environment;
  return rules === 'stock' && !opened.ok && (opened.error === ERROR.DECRYPT || opened.error === ERROR.REPLAY);
}

/** Opens and checks; tells whether the scene may be used again. */
function feed(scene: Scene, packet: Uint8Array): { opened: Opened; same: boolean } {
  const before = snapshot(scene.b);
  const copy = Uint8Array.from(packet);
  const opened = scene.b.association.open(packet, NOW_MS);
  const same = snapshot(scene.b) === before;
  assert.deepEqual(packet, copy, 'the packet was changed');
  assert(
    opened.ok || same || mayMove(scene, opened),
    `refused with ${opened.ok || opened.error}, but not without a trace`,
  );
  return { opened, same };
}

/** Bits that nobody authenticates: nonce field within hellos or keys, unused authentication fields, reserved bytes. */
function isFree(packet: Uint8Array, byte: number): boolean {
  const handshake = packet[0] === 0 && packet[1] === 0 && packet[2] === 0 && (packet[3] ?? 0) < 4;
  return handshake && (byte === 3 || (byte >= 5 && byte < 16));
}

for (const [name, build] of scenes) {
  t.test(`${name}: genuine packets, late and repeated, in any order`, async (t) => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 12 }), (order) => {
        const scene = build();
        for (const index of order) feed(scene, scene.packets[index % scene.packets.length] ?? new Uint8Array());
        assert(scene.b.table.rowsUsed <= 2);
      }),
      { numRuns: 40 },
    );
    t.pass();
  });

  t.test(`${name}: prefixes and damaged packets`, async (t) => {
    const rng = seededRng(name);
    let scene = build();
    const trial = (packet: Uint8Array): Opened => {
      const { opened, same } = feed(scene, packet);
      if (!same) scene = build();
      return opened;
    };
    for (let number = 0; number < scene.packets.length; number++) {
      const genuine = () => Uint8Array.from(scene.packets[number] ?? []);
      for (let length = 0; length < genuine().length; length += length < 24 ? 1 : 7) {
        assert(!trial(genuine().subarray(0, length)).ok, `prefix of ${length}`);
      }
      for (let byte = 0; byte < genuine().length; byte++) {
        const damaged = genuine();
        const bit = pick(rng, 8);
        damaged[byte] = (damaged[byte] ?? 0) ^ (1 << bit);
        const opened = trial(damaged);
        assert(!opened.ok || isFree(genuine(), byte), `byte ${byte}, bit ${bit} of packet ${number}`);
      }
      assert(!trial(Uint8Array.of(...genuine(), 0)).ok, 'a byte too many');
    }
    t.pass();
  });

  t.test(`${name}: invented packets`, async (t) => {
    const scene = build();
    const nonceField = fc.oneof(fc.nat(8), fc.constantFrom(0x64, 0xffff_ffef, 0xffff_fff0, 0xffff_ffff));
    const invented = fc.tuple(nonceField, fc.boolean(), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(invented, ([field, withKey, bytes]) => {
        const packet = Uint8Array.from(bytes);
        if (packet.length >= 4) new DataView(packet.buffer).setUint32(0, field);
        if (withKey && packet.length >= 120) packet.set(scene.b.association.peerKey, 40);
        assert(!feed(scene, packet).opened.ok);
      }),
      { numRuns: 60 },
    );
    t.pass();
  });
}

t.test('the scenes are in the states that their names say', async (t) => {
  for (const [name, build] of scenes) {
    const { handshaking, current } = build().b.association.state;
    t.ok([handshaking.name, current?.name].includes(name.split(/[ ,]/)[0] as typeof handshaking.name), name);
  }
});

t.test('R3: recorded traffic is refused after a new handshake and after a restart', async (t) => {
  const { a, b, said, tell } = established('hardened');
  const old = [...said];
  for (let more = 0; more < 5; more++) tell();
  const again = restarted(a, B);
  establishBeside(again, b);
  for (const packet of old) t.equal(b.association.open(packet, NOW_MS).ok, false);
  const fresh = restarted(b, A);
  establishBeside(restarted(a, B, {}, 'third'), fresh);
  for (const packet of old.filter((bytes) => (bytes[3] ?? 0) >= 4))
    t.equal(fresh.association.open(packet, NOW_MS).ok, false);
});

function establishBeside(from: Party, to: Party): void {
  pass(from, to, 'hello', NOW_MS);
  pass(to, from, 'key', NOW_MS, 'pending');
  pass(from, to, 'data', NOW_MS);
  pass(to, from, 'data', NOW_MS);
  assert.equal(to.association.stateNumber, 100);
}
