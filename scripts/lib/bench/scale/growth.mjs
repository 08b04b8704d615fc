// Links and sessions of one daemon: what an idle one costs, and what each takes of memory.
import { sleep } from '../lab.mjs';
import { Hub } from './hub.mjs';

/** What is aimed at, beside the figures. */
export const GOALS = { cpuPercentPerLink: 0.02, packetsPerSecondPerLink: 0.5, kibPerLink: 20, kibPerSession: 60, spreadRatio: 0.9 };

const FULL = { links: [1, 10, 100, 250], sessions: [1, 100, 1000, 4000], settleSeconds: 20, quietSeconds: 60 };
const QUICK = { links: [1, 10, 50], sessions: [1, 100], settleSeconds: 5, quietSeconds: 10 };
/** The memory of a daemon comes and goes by some MB: divided by fewer than these, that would be most of the figure. */
export const FEWEST_FOR_MEMORY = 40;
/** What comes up, comes up within this time of the one before it. */
const STALL_SECONDS = 30;

export function planOf(quick) {
  return quick ? QUICK : FULL;
}

/** Costs of idle links. @param say gets a line when something is left out */
export async function links(context, { links: counts, settleSeconds, quietSeconds }, say) {
  const count = ({ peers }) => peers.established;
  return grow(context, 'links', counts, count, say, async (hub, number) => {
    await sleep(settleSeconds * 1000);
    const { framesPerSecond, ...costs } = await hub.watch(quietSeconds);
    return { number, ...costs, packetsPerSecondPerLink: framesPerSecond / number };
  });
}

/** Memory of sessions. Links have some of their own, which are not counted. */
export async function sessions(context, { sessions: counts, settleSeconds }, say) {
  const count = ({ sessions: all, peers }) => all - peers.established;
  return grow(context, 'sessions', counts, count, say, async (hub, number, wanted) => {
    // Where they come up too slowly the oldest are forgotten meanwhile, and would be gone after a pause.
    if (number < wanted) return { number, residentKib: hub.residentKib() };
    const { residentKib } = await hub.watch(settleSeconds);
    return { number, residentKib };
  });
}

/** One hub that grows: each line is compared with the first of the same process. */
async function grow({ root, main, ours }, what, counts, countOf, say, look) {
  const hub = new Hub(root, main, ours, 'crowd.mjs');
  const rows = [];
  try {
    await hub.until(() => true);
    for (const wanted of counts) {
      process.stderr.write(`scale: ${wanted} ${what}\n`);
      hub.order(`${what} ${wanted}`);
      const number = await hub.growTo(wanted, countOf, STALL_SECONDS);
      if (number < wanted) say(`${wanted} ${what}: only ${number} came up, and no more within ${STALL_SECONDS} s`);
      if (number === 0 || number < (rows.at(-1)?.number ?? 0)) break;
      rows.push(await look(hub, number, wanted));
      if (number < wanted) break;
    }
  } finally {
    hub.close();
  }
  return rows;
}

/** Differences to the first line, for each of those that were added; null where fewer than `fewest` were. */
export function perOne(rows, key, fewest = 1) {
  const [first] = rows;
  return rows.map((row) => {
    const added = row.number - first.number;
    return added >= fewest ? (row[key] - first[key]) / added : null;
  });
}
