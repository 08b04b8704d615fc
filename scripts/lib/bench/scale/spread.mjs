// The same number of TCP streams out of one daemon: all in one session, and one in each of a hundred.
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { medians } from '../tables.mjs';
import { Hub } from './hub.mjs';

const PORT = 5201;
const COUNT = 100;
const READY_SECONDS = 90;

/** @returns the medians of both, and the ratio of their throughput */
export async function spread({ root, main, ours }, { runs, seconds, count = COUNT }) {
  const hub = new Hub(root, main, ours, 'endpoints.mjs', { count, port: PORT });
  try {
    const lines = createInterface({ input: hub.others.stdout })[Symbol.asyncIterator]();
    const addresses = JSON.parse((await lines.next()).value);
    const last = await hub.until(({ peers }) => peers.established >= count, READY_SECONDS);
    if ((last?.peers.established ?? 0) < count) throw new Error(`of ${count} links ${last?.peers.established} came up`);
    const arrived = async () => {
      hub.order('count');
      return Number((await lines.next()).value);
    };
    const stream = (to) => measure(hub, root, arrived, { addresses: to, port: PORT, streams: count, seconds });
    await measure(hub, root, arrived, { addresses, port: PORT, streams: count, seconds: 1 }); // opens all sessions
    const [one, many] = [[], []];
    for (let run = 0; run < runs; run++) {
      process.stderr.write(`scale: run ${run + 1} of ${runs}, ${count} streams in one session and in ${count}\n`);
      one.push(await stream(addresses.slice(0, 1)));
      many.push(await stream(addresses));
    }
    const figures = { count, one: medians(one), many: medians(many) };
    return { ...figures, ratio: figures.many.mbit / figures.one.mbit };
  } finally {
    hub.close();
  }
}

/** Mbit/s that arrived, and what the hub alone spent on them. */
async function measure(hub, root, arrived, what) {
  const program = join(root, 'scripts/lib/bench/scale/sender.mjs');
  const child = hub.lab.spawn(0, [process.execPath, program, JSON.stringify(what)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const word = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the streams did not connect, or broke');
    return value;
  };
  await word();
  const before = { bytes: await arrived(), cpu: hub.lab.fineCpuSeconds(0), atMs: performance.now() };
  await word();
  const after = { bytes: await arrived(), cpu: hub.lab.fineCpuSeconds(0), atMs: performance.now() };
  const bytes = after.bytes - before.bytes;
  const seconds = (after.atMs - before.atMs) / 1000;
  return { mbit: (bytes * 8) / seconds / 1e6, hubNsPerByte: ((after.cpu - before.cpu) * 1e9) / bytes };
}
