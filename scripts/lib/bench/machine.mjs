// What figures were measured on: a figure without its machine says nothing.
import { createRequire } from 'node:module';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Lab, run, sleep } from './lab.mjs';

const READY_TRIES = 100;

/** Who may encrypt packets on a processor whose fastest is `best`, slowest first. */
export function lanesOf(best) {
  if (best === 'libsodium') return ['libsodium'];
  return best === 'avx512' ? ['libsodium', 'avx2', 'avx512'] : ['libsodium', best];
}

/** Processor, cores, load before the first measurement, kernel, Node. */
export function machine() {
  const load = Math.round(loadavg()[0] * 100) / 100;
  return { processor: processor(), cores: cpus().length, load, kernel: release(), node: process.version };
}

/** Some ARM machines name their processor to `lscpu` only. */
function processor() {
  const model = cpus()[0]?.model ?? '';
  if (model !== '' && model !== 'unknown') return model.trim();
  try {
    return /^Model name:\s*(.+)$/m.exec(run(['lscpu']))?.[1] ?? process.arch;
  } catch {
    return process.arch;
  }
}

/** The fastest code that encrypts packets here. */
export async function bestLane(root) {
  const engine = await nativeEngine(root);
  const { crypto } = engine.describe();
  engine.close();
  return crypto;
}

async function nativeEngine(root) {
  const { createNativeEngine } = await import(pathToFileURL(join(root, 'dist/engine/index.js')).href);
  return createNativeEngine(createRequire(import.meta.url)(join(root, 'native/build/Release/fcmesh.node')));
}

/**
 * What of the machine our engine uses. Offloads show once sockets and TUN are open: a daemon is started for a moment, and
 * without root an engine with a socket is asked, which knows nothing of TUN.
 * @param peer fcmesh @returns `text` as `fcmesh status` has it, and the details
 */
export async function engineInUse(root, peer, isRoot) {
  const said = isRoot ? await askDaemon(peer) : await askEngine(root);
  const details = Object.fromEntries(Object.entries(said).filter(([key]) => IN_USE.includes(key)));
  const { engineText } = await import(pathToFileURL(join(root, 'dist/cli/engine-text.js')).href);
  return { text: engineText('native', details), details };
}

const IN_USE = ['crypto', 'tunOffload', 'tunUdpOffload', 'udpSend', 'udpReceive'];

async function askDaemon(peer) {
  const lab = new Lab(1);
  try {
    await peer.start(lab);
    for (let tries = 0; ; tries++) {
      await sleep(100);
      try {
        return peer.status(lab, 0).engineDetails;
      } catch (error) {
        if (tries >= READY_TRIES) throw error;
      }
    }
  } finally {
    lab.close();
  }
}

async function askEngine(root) {
  const engine = await nativeEngine(root);
  await engine.openUdp({ host: '127.0.0.1', port: 0 });
  const { crypto, udpSend, udpReceive } = engine.describe();
  engine.close();
  return { crypto, udpSend: Number(udpSend), udpReceive: Number(udpReceive) };
}

/** The head of every report. */
export function machineLines({ processor, cores, load, kernel, node }, engine) {
  return [
    `${processor}, ${cores} cores, load ${load} at the start; Linux ${kernel}, Node ${node}`,
    `engine: ${engine.text}`,
  ];
}
