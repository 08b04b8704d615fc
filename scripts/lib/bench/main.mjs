// The benchmark's command line; see the head of scripts/bench.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, missing, soak } from './measure.mjs';
import { micro } from './micro.mjs';
import { fcmesh, OTHERS } from './peers.mjs';
import { endToEndTable, exchangeLine, medians, microTable, secretboxTable } from './tables.mjs';

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  micro: { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '10' },
  runs: { type: 'string' },
  seconds: { type: 'string' },
  peers: { type: 'string' },
  out: { type: 'string' },
};

const [root, ...args] = process.argv.slice(2);

function usage(sentence) {
  console.error(`bench: ${sentence}; see ./scripts/bench --help`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    const number = (text, otherwise) => (text === undefined ? otherwise : Number(text));
    const runs = number(values.runs, values.quick ? 1 : 3);
    const seconds = number(values.seconds, values.quick ? 2 : 5);
    const minutes = number(values.minutes);
    if (![runs, seconds, minutes].every((one) => one > 0)) usage('numbers above 0 are needed');
    return { ...values, runs, seconds, minutes };
  } catch (error) {
    return usage(error.message);
  }
}

/** Who is measured: all that are installed; in a quick run only the one of the ratios. */
function chosen({ quick, peers }) {
  const all = [fcmesh(join(root, 'dist/cli/main.js')), ...OTHERS];
  const names = peers?.split(',') ?? (quick ? ['fcmesh', 'wireguard-go'] : all.map((peer) => peer.name));
  const unknown = names.find((name) => !all.some((peer) => peer.name === name));
  if (unknown !== undefined) usage(`there is no ${unknown} (${all.map((peer) => peer.name).join(', ')})`);
  for (const peer of all) {
    if (names.includes(peer.name) && !peer.installed()) console.log(`${peer.name}: not installed, left out`);
  }
  return all.filter((peer) => names.includes(peer.name) && peer.installed());
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

async function main() {
  const wanted = options();
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, kernel: release(), node: process.version };
  const report = { date: new Date().toISOString(), machine };
  let broken = 0;
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}\n`);
  const lack = missing();
  if (wanted.soak) {
    if (lack !== null) usage(lack);
    report.soak = await soak(fcmesh(join(root, 'dist/cli/main.js')), wanted.minutes);
    const { minutes, mbit, growthMb, samplesMb } = report.soak;
    console.log(`${minutes} min at ${mbit.toFixed(0)} Mbit/s; resident MB: ${samplesMb.join(' ')}; growth ${growthMb.toFixed(1)} MB`);
  } else {
    report.micro = await micro(root);
    console.log(`${microTable(report.micro)}\n\n${secretboxTable(report.micro)}\n\n${exchangeLine(report.micro)}\n`);
    if (!wanted.micro && lack !== null) console.log(`end to end: left out, ${lack}`);
    if (!wanted.micro && lack === null) {
      const measured = await endToEnd(chosen(wanted), wanted);
      report.endToEnd = measured.rows;
      broken = measured.broken;
      console.log(endToEndTable(measured.rows));
    }
  }
  const out = wanted.out ?? join(root, '.tap/bench.json');
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
  process.exitCode = broken > 0 ? 1 : 0;
}

await main();
