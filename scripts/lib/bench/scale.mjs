// scripts/bench --scale: what grows with links, sessions and relays, and how fast. Goals stand beside the figures; nothing
// fails on them. What could not be had is named, and why.
import { onRow, ping, tcp } from './measure.mjs';
import { links, planOf, sessions } from './scale/growth.mjs';
import { spread } from './scale/spread.mjs';
import { linksTable, relaysTable, sessionsTable, spreadLine } from './scale/tables.mjs';

const RELAYS = { quick: [1, 3], full: [1, 2, 3, 4, 5, 6, 7, 8] };
const PINGS = { quick: 100, full: 500 };
const PING_SECONDS = 0.01;

/** Lines of relays, a daemon each: throughput of one stream from end to end, and round trips without traffic. */
async function relays({ ours }, { quick, seconds }, say) {
  const rows = [];
  for (const number of quick ? RELAYS.quick : RELAYS.full) {
    process.stderr.write(`scale: ${number} relays in a row\n`);
    try {
      const row = await onRow(number + 2, ours, async (lab, to) => {
        const trip = ping(lab, to, PING_SECONDS, quick ? PINGS.quick : PINGS.full);
        const { mbit, nsPerByte } = await tcp(lab, to, 1, seconds);
        return { number, mbit, nsPerByte, pingMs: trip };
      });
      rows.push(row);
    } catch (error) {
      say(`${number} relays: ${error.message}`);
    }
  }
  return rows;
}

/** What each part measures, and how it is shown. */
const PARTS = {
  links: { measure: (context, { quick }, say) => links(context, planOf(quick), say), show: linksTable },
  sessions: { measure: (context, { quick }, say) => sessions(context, planOf(quick), say), show: sessionsTable },
  spread: { measure: (context, { runs, seconds }) => spread(context, { runs, seconds }), show: spreadLine },
  relays: { measure: relays, show: relaysTable },
};

/** Measures the parts that are wanted and prints each when it is done. @returns figures by part, and how many broke off */
export async function scale(context, wanted) {
  const figures = { leftOut: [] };
  let broken = 0;
  const say = (sentence) => {
    figures.leftOut.push(sentence);
    console.log(`left out: ${sentence}`);
  };
  for (const part of wanted.parts) {
    try {
      figures[part] = await PARTS[part].measure(context, wanted, say);
      console.log(`${PARTS[part].show(figures[part])}\n`);
    } catch (error) {
      broken++;
      say(`${part}: ${error.message}`);
    }
  }
  return { figures, broken };
}
