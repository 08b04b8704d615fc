import t from 'tap';
import { addressKey } from '../../src/crypto/index.ts';
import { formNumber, V358_BYTES } from '../../src/switch/index.ts';
import { dhtMessage, type Label } from '../../src/wire/index.ts';
import { MiniWorld, PROTOCOL, twoWays } from './mini-world.ts';

const STOCK = 20;

/** 0 uses one of two ways to 3. */
function settled(): MiniWorld {
  const world = new MiniWorld(3);
  twoWays(world);
  world.want(0, 3);
  world.run(3_000);
  return world;
}

/** A question of 3's, with a txid that begins as those of one of stock's finders do. */
function asked(query: string, first: string, label: Label, protocol: number): Uint8Array {
  const txid = Uint8Array.from([...first].map((character) => character.charCodeAt(0)).concat(new Array(12).fill(7)));
  const target = query === 'gp' ? new Uint8Array(8) : query === 'pn' ? null : new Uint8Array(16).fill(0xfc);
  const scheme = V358_BYTES;
  return dhtMessage.emit({ kind: 'query', query, target, txid, protocol, scheme, formNumber: formNumber(label) ?? 0 });
}

/** What 0 sends to 3, and over which label, when a message of 3 arrives. */
function heard(world: MiniWorld, label: Label, content: Uint8Array, handshake: boolean): [string, Label][] {
  const { publicKey: key, address } = world.node(3);
  const effects = world
    .node(0)
    .router.handle({ type: 'message', key, address, returnLabel: label, content, handshake }, world.nowMs);
  return effects.flatMap((effect): [string, Label][] => {
    if (effect.type !== 'send' || addressKey(effect.address) !== addressKey(address)) return [];
    return [[dhtMessage.parse(effect.content)?.kind ?? 'bad', effect.label]];
  });
}

/** Whether exactly one reply, the first thing sent, goes back the same way with the same txid. */
function answers(world: MiniWorld, label: Label, content: Uint8Array, handshake: boolean): boolean {
  const sent = heard(world, label, content, handshake);
  return sent[0]?.[0] === 'reply' && sent[0][1] === label && sent.filter(([kind]) => kind === 'reply').length === 1;
}

for (const query of ['pn', 'fn', 'gp', 'nh', 'what is new'])
  t.test(`"${query}" is answered at once, in the first moments of a session too`, async (t) => {
    const world = settled();
    const label = world.path(0, 3) ?? 0n;
    for (const protocol of [STOCK, STOCK + 2, PROTOCOL])
      for (const handshake of [true, false])
        for (const first of ['0', '00', '01', ...(query === 'pn' && protocol === STOCK ? [] : ['1'])]) {
          const content = asked(query, first, label, protocol);
          t.ok(answers(world, label, content, handshake), `v${protocol}, txid ${first}, handshake ${handshake}`);
        }
  });

t.test('the ping of a v20 node that only serves its session is asked back at first, and answered later', async (t) => {
  const world = settled();
  const label = world.path(0, 3) ?? 0n;
  const ping = asked('pn', '1', label, STOCK);
  t.same(heard(world, label, ping, true), [['query', label]]);
  world.run(3_000);
  t.ok(answers(world, label, ping, false));
});

t.test('a ping over a way that we do not know is answered there at once, and the way learnt beside', async (t) => {
  const world = new MiniWorld(3);
  twoWays(world);
  world.run(3_000);
  const back = 0x155n;
  const sent = heard(world, back, asked('pn', '0', back, STOCK), true);
  t.same(sent[0], ['reply', back]);
  t.ok(
    sent.slice(1).every(([kind]) => kind === 'query'),
    'what else goes there are our own questions',
  );
});

t.test('a question that came in a loop is answered there, and nobody is asked over it in turn', async (t) => {
  const world = new MiniWorld(3);
  twoWays(world);
  world.run(3_000);
  // 0 - 1 - 0 - 2 - 3: one of its ends goes on asking as long as the other does.
  const loop = 0x15533n;
  for (let round = 0; round < 3; round++) {
    t.same(heard(world, loop, asked('pn', '0', loop, PROTOCOL), false), [['reply', loop]]);
    world.run(1_000);
  }
});

t.test('the last query to a stock node goes over the path in use', async (t) => {
  const world = settled();
  const used = world.path(0, 3) ?? 0n;
  const { publicKey: key, address } = world.node(3);
  const { router } = world.node(0);
  // It says that it is a stock node.
  heard(world, used, asked('pn', '0', used, STOCK), false);
  const reply = (label: Label, content: Uint8Array): void => {
    const message = dhtMessage.parse(content);
    if (message === null) return;
    const answer = dhtMessage.emit({ ...message, kind: 'reply', nodes: [], dnd: false, protocol: STOCK });
    router.handle({ type: 'message', key, address, returnLabel: label, content: answer }, world.nowMs);
  };
  for (const effect of router.handle({ type: 'probe', key, address, label: used }, world.nowMs))
    if (effect.type === 'send') reply(effect.label, effect.content);
  const other = used === 0x153n ? 0x155n : 0x153n;
  const over: Label[] = [];
  for (let step = 0; step < 20; step++) {
    const event = step === 0 ? ({ type: 'probe', key, address, label: other } as const) : ({ type: 'tick' } as const);
    for (const effect of router.handle(event, world.nowMs + step * 10))
      if (effect.type === 'send' && addressKey(effect.address) === addressKey(address)) over.push(effect.label);
  }
  t.equal(over[0], other);
  t.equal(over.at(-1), used);
});
