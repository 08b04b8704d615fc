import { test } from 'tap';
import { type Work, WorkQueue } from '../../src/node/work.ts';

const packet = (name: string): Work => ({ type: 'unready', packet: new TextEncoder().encode(name) });
const nameOf = (work: Work): string => ('packet' in work ? new TextDecoder().decode(work.packet) : work.type);

/** A queue that writes down what it does; `follow` says what follows from a thing, by its name. */
function recorded(follow: Readonly<Record<string, readonly string[]>>) {
  const done: string[] = [];
  let ends = 0;
  const queue: WorkQueue = new WorkQueue(
    (work) => {
      const name = nameOf(work);
      done.push(`begin ${name}`);
      for (const next of follow[name] ?? []) queue.post(packet(next));
      done.push(`end ${name}`);
    },
    () => {
      ends += 1;
    },
  );
  return { queue, done, ends: () => ends };
}

test('an arrival is finished, with all that follows from it, before the next begins', async (t) => {
  const { queue, done } = recorded({ first: ['a', 'b'], a: ['c'] });
  queue.arrive(packet('first'));
  queue.arrive(packet('second'));
  t.same(done, [], 'it waits for `run`: the vector that it came in is not through');
  queue.run();
  const began = done.filter((line) => line.startsWith('begin'));
  t.same(began, ['begin first', 'begin a', 'begin b', 'begin c', 'begin second']);
});

test('nothing is done inside of something else', async (t) => {
  const { queue, done } = recorded({ first: ['a'], a: ['b'] });
  queue.post(packet('first'));
  t.same(done, ['begin first', 'end first', 'begin a', 'end a', 'begin b', 'end b']);
});

test('what is posted outside of a run is a beginning', async (t) => {
  const { queue, done, ends } = recorded({});
  queue.post(packet('command'));
  t.same(done, ['begin command', 'end command']);
  t.equal(ends(), 1, 'and ends like every run');
});

test('an arrival that comes up on the way is done in the same run', async (t) => {
  const done: string[] = [];
  let ends = 0;
  const queue: WorkQueue = new WorkQueue(
    (work) => {
      done.push(nameOf(work));
      if (nameOf(work) === 'first') queue.arrive(packet('late'));
    },
    () => {
      ends += 1;
    },
  );
  queue.arrive(packet('first'));
  queue.run();
  t.same(done, ['first', 'late']);
  t.equal(ends, 1);
});

test('a mistake in one thing does not stop the queue for ever', async (t) => {
  const done: string[] = [];
  const queue = new WorkQueue(
    (work) => {
      if (nameOf(work) === 'broken') throw new Error('a mistake');
      done.push(nameOf(work));
    },
    () => undefined,
  );
  queue.arrive(packet('broken'));
  queue.arrive(packet('lost with it'));
  t.throws(() => queue.run(), { message: 'a mistake' });
  queue.post(packet('next'));
  t.same(done, ['next']);
});

test('a closed queue forgets what waits and takes nothing more', async (t) => {
  const { queue, done, ends } = recorded({});
  queue.arrive(packet('waiting'));
  queue.close();
  queue.run();
  queue.post(packet('more'));
  t.same(done, []);
  t.equal(ends(), 0);
});
