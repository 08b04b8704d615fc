import t from 'tap';
import { addressKey } from '../../src/crypto/index.ts';
import { emitQuery, newTxid } from '../../src/route/messages.ts';
import { dhtMessage, type Label } from '../../src/wire/index.ts';
import { MiniWorld, PROTOCOL, seededRng, twoWays } from './mini-world.ts';

const STOCK = 20;

/** 0 uses one of two ways to 3. */
function settled(): MiniWorld {
  const world = new MiniWorld(3);
  twoWays(world);
  world.want(0, 3);
  world.run(3_000);
  return world;
}

/** What 0 sends to 3 when a ping of 3 arrives, as an older node would send it. */
function pinged(world: MiniWorld, label: Label, handshake: boolean, protocol: number): string[] {
  const { publicKey: key, address } = world.node(3);
  const content = emitQuery(protocol, newTxid(seededRng(9)), 'pn', null, label);
  const effects = world
    .node(0)
    .router.handle({ type: 'message', key, address, returnLabel: label, content, handshake }, world.nowMs);
  return effects.flatMap((effect) => {
    if (effect.type !== 'send' || addressKey(effect.address) !== addressKey(address)) return [];
    return [dhtMessage.parse(effect.content)?.kind ?? 'bad'];
  });
}

t.test('a stock node that begins a session by a ping is asked instead of answered', async (t) => {
  const world = settled();
  const label = world.path(0, 3) ?? 0n;
  t.same(pinged(world, label, true, STOCK), ['query']);
});

t.test('its later pings are answered, and so is our own kind at any time', async (t) => {
  const world = settled();
  const label = world.path(0, 3) ?? 0n;
  t.same(pinged(world, label, false, STOCK), ['reply']);
  t.same(pinged(world, label, true, PROTOCOL), ['reply']);
});

t.test('the last query to a stock node goes over the path in use', async (t) => {
  const world = settled();
  const used = world.path(0, 3) ?? 0n;
  const { publicKey: key, address } = world.node(3);
  const { router } = world.node(0);
  // It says that it is a stock node.
  pinged(world, used, false, STOCK);
  const reply = (label: Label, content: Uint8Array): void => {
    const message = dhtMessage.parse(content);
    if (message === null) return;
    const answer = dhtMessage.emit({ ...message, kind: 'reply', nodes: [], dnd: false, protocol: STOCK });
    router.handle({ type: 'message', key, address, returnLabel: label, content: answer }, world.nowMs);
  };
  for (const effect of router.handle({ type: 'probe', key, address, label: used }, world.nowMs))
    if (effect.type === 'send') reply(effect.label, effect.content);
  const other = used === 0x153n ? 0x155n : 0x153n;
  const asked: Label[] = [];
  for (let step = 0; step < 20; step++) {
    const event = step === 0 ? ({ type: 'probe', key, address, label: other } as const) : ({ type: 'tick' } as const);
    for (const effect of router.handle(event, world.nowMs + step * 10))
      if (effect.type === 'send' && addressKey(effect.address) === addressKey(address)) asked.push(effect.label);
  }
  t.equal(asked[0], other);
  t.equal(asked.at(-1), used);
});
