// The benchmark's command line; see the head of scripts/bench.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { closeAll } from './lab.mjs';
import { bestLane, engineInUse, lanesOf, machine, machineLines } from './machine.mjs';
import { measure, missing, soak } from './measure.mjs';
import { micro } from './micro.mjs';
import { readOptions } from './options.mjs';
import { allPeers } from './peers.mjs';
import { readmeText, writeReadme } from './readme.mjs';
import { scale } from './scale.mjs';
import { endToEndTable, exchangeLine, medians, microTable, secretboxTable } from './tables.mjs';

const [root, ...args] = process.argv.slice(2);
const programFile = join(root, 'dist/cli/main.js');

function usage(sentence) {
  console.error(`bench: ${sentence}; see ./scripts/bench --help`);
  process.exit(2);
}

function options() {
  try {
    return readOptions(args);
  } catch (error) {
    return usage(error.message);
  }
}

/** Who is measured: all that are installed; in a quick run only the one of the ratios. */
function chosen(all, { quick, peers }) {
  const names = peers?.split(',') ?? (quick ? ['fcmesh', 'wireguard-go'] : all.map((peer) => peer.name));
  const unknown = names.find((name) => !all.some((peer) => peer.name === name));
  if (unknown !== undefined) usage(`there is no ${unknown} (${all.map((peer) => peer.name).join(', ')})`);
  const wanted = all.filter((peer) => names.includes(peer.name));
  const here = wanted.filter((peer) => peer.installed());
  for (const peer of wanted.filter((one) => !here.includes(one))) console.log(`${peer.name}: not installed, left out`);
  console.log(`measured: ${here.map((peer) => `${peer.title ?? peer.name} ${peer.version()}`).join('; ')}\n`);
  return here;
}

/** Runs interleaved: what disturbs the machine for a while disturbs all of them. */
async function endToEnd(peers, { runs, seconds }) {
  const results = new Map(peers.map((peer) => [peer.name, []]));
  let broken = 0;
  for (let run = 0; run < runs; run++) {
    for (const peer of peers) {
      process.stderr.write(`run ${run + 1} of ${runs}: ${peer.name}\n`);
      try {
        results.get(peer.name).push(await measure(peer, { seconds }));
      } catch (error) {
        broken++;
        process.stderr.write(`${peer.name}: ${error.message}\n`);
      }
    }
  }
  return { rows: [...results.values()].filter((list) => list.length > 0).map(medians), broken };
}

/** What each mode measures. @returns what goes into the JSON, and how many measurements broke off */
const MODES = {
  micro: async () => ({ micro: await printMicro() }),
  soak: async ({ minutes }, [ours]) => {
    const found = await soak(ours, minutes);
    const { mbit, growthMb, samplesMb } = found;
    console.log(`${minutes} min at ${mbit.toFixed(0)} Mbit/s; resident MB: ${samplesMb.join(' ')}; growth ${growthMb.toFixed(1)} MB`);
    return { soak: found };
  },
  scale: async (wanted, [ours]) => {
    const { figures, broken } = await scale({ root, main: programFile, ours }, wanted);
    return { scale: figures, broken };
  },
  readme: async (wanted, all, report) => {
    const { rows, broken } = await endToEnd(chosen(all, wanted), wanted);
    const text = readmeText({ ...report, rows, runs: wanted.runs });
    console.log(text);
    if (wanted.write) writeReadme(join(root, 'README.md'), text);
    return { endToEnd: rows, broken };
  },
  usual: async (wanted, all) => {
    const inside = await printMicro();
    const lack = missing();
    if (lack !== null) console.log(`end to end: left out, ${lack}`);
    if (lack !== null) return { micro: inside };
    const { rows, broken } = await endToEnd(chosen(all, wanted), wanted);
    console.log(endToEndTable(rows));
    return { micro: inside, endToEnd: rows, broken };
  },
};

async function printMicro() {
  const found = await micro(root);
  console.log(`${microTable(found)}\n\n${secretboxTable(found)}\n\n${exchangeLine(found)}\n`);
  return found;
}

async function main() {
  const wanted = options();
  const found = machine(); // first, as the load is to be that of others
  const lack = missing();
  if (['soak', 'scale', 'readme'].includes(wanted.mode) && lack !== null) usage(lack);
  const all = allPeers(programFile, lanesOf(await bestLane(root)));
  const engine = await engineInUse(root, all[0], lack === null);
  const report = { date: new Date().toISOString(), machine: found, engine };
  console.log(`${machineLines(report.machine, engine).join('\n')}\n`);
  const { broken = 0, ...measured } = await MODES[wanted.mode](wanted, all, report);
  const out = wanted.out ?? join(root, '.tap/bench.json');
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ ...report, ...measured }, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
  process.exitCode = broken > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    closeAll();
    process.exit(1);
  });
}
await main();
