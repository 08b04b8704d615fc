import { readFileSync } from 'node:fs';
import t from 'tap';
import { ABSENT, allocate, createInterfaceTable, DOWN, release, UP } from '../../src/switch/interfaces.ts';
import { labelOfInterface } from '../../src/switch/labels.ts';

type Vectors = { readonly interfaceLabels: { readonly first: readonly string[]; readonly created: number } };
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/switch.json', import.meta.url), 'utf8'));

t.test('interfaces get the numbers 0, 2, 3, ... 256 in order of arrival, and no more', async (t) => {
  const { state } = createInterfaceTable();
  const numbers: number[] = [];
  for (let number = allocate(state); number !== null; number = allocate(state)) numbers.push(number);
  t.equal(numbers.length, vectors.interfaceLabels.created);
  t.same(
    numbers.slice(0, vectors.interfaceLabels.first.length).map((number) => labelOfInterface(number).toString(16)),
    vectors.interfaceLabels.first,
  );
  t.equal(numbers.at(-1), 256);
});

t.test(
  'a number that was given back is the next to be given out, and whoever kept something by it is told',
  async (t) => {
    const told: number[] = [];
    const table = createInterfaceTable((number) => told.push(number));
    const { state } = table;
    t.same([allocate(state), allocate(state), allocate(state)], [0, 2, 3]);
    release(table, 2);
    release(table, 2);
    release(table, 4);
    t.same(told, [2], 'once, and not for free ones');
    t.equal(state[2], ABSENT);
    t.equal(allocate(state), 2);
    t.equal(state[2], DOWN, 'down until the link is ready');
  },
);

t.test('the interface of the node itself stays', async (t) => {
  const table = createInterfaceTable(() => t.fail('told'));
  const { state } = table;
  for (const number of [1, -1, 257, Number.NaN]) release(table, number);
  t.equal(state[1], UP);
  t.equal(state.length, 257);
});
