import t from 'tap';
import { readU64 } from '../../src/base/index.ts';
import { asPublicKey, type PublicKey } from '../../src/crypto/index.ts';
import { reverseLabel } from '../../src/node/reverse-label.ts';
import { labelOfInterface } from '../../src/switch/index.ts';
import type { ListedNode } from '../../src/wire/index.ts';

function key(number: number): PublicKey {
  const made = asPublicKey(Uint8Array.of(...new Uint8Array(31), number + 1));
  if (made === null) throw new Error('key');
  return made;
}

/** A peer with itself and `count` peers at interfaces 2 and up; the list is cut as protocol 08 §3 says. */
function peerWith(count: number) {
  const all: ListedNode[] = [{ key: key(200), label: 1n, protocol: 20 }];
  for (let i = 0; i < count; i++) all.push({ key: key(i), label: labelOfInterface(2 + i), protocol: 20 });
  const asked: bigint[] = [];
  const ask = async (target: Uint8Array) => {
    const from = readU64(target, 0);
    asked.push(from);
    return all
      .filter(({ label }) => label >= from)
      .slice(0, 8)
      .reverse();
  };
  return { ask, asked };
}

t.test('our own entry is found on whatever page it is', async (t) => {
  for (const at of [0, 6, 7, 20, 39]) {
    const { ask } = peerWith(40);
    t.equal(await reverseLabel(key(at), ask), labelOfInterface(2 + at), `entry ${at}`);
  }
});

t.test('a peer that does not list us, or does not answer, tells nothing', async (t) => {
  const { ask, asked } = peerWith(20);
  t.equal(await reverseLabel(key(100), ask), null);
  t.equal(asked.length, 3);
  t.equal(await reverseLabel(key(100), async () => null), null);
});

t.test('a list that goes round in circles, or never ends, is given up', async (t) => {
  let asked = 0;
  const same = async () => {
    asked++;
    return Array.from({ length: 8 }, (_, i) => ({ key: key(i), label: labelOfInterface(2), protocol: 20 }));
  };
  t.equal(await reverseLabel(key(100), same), null);
  t.equal(asked, 2);
  const endless = peerWith(250);
  t.equal(await reverseLabel(key(249), endless.ask), null);
  t.ok(endless.asked.length <= 16);
});
