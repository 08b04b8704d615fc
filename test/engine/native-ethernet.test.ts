import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { skip as notBuilt } from './native-setup.ts';

/** Each scenario has a network namespace of its own, which goes away with it. */
const canUnshare = spawnSync('unshare', ['--net', 'true']).status === 0;
const skip = notBuilt || (!canUnshare && 'needs root and network namespaces');
const child = fileURLToPath(new URL('ethernet-child.ts', import.meta.url));
const register = new URL('../support/register.mjs', import.meta.url).href;

const SCENARIOS = {
  everyLength: 'frames of every length: content without padding is given, what is malformed is counted',
  whoComesIn: 'only frames to us come in, by devices that are listened at or from whom we dial',
  endpoints: 'an endpoint is the address of one machine and a device, with port 0',
  vectors: 'vectors go both ways; what a device cannot carry is passed over, and one that comes back is known',
  beacons: 'beacons go to everybody and are given apart from packets, bounded',
  asNobody: 'the sockets are opened with the right to, and work without it',
} as const;

for (const [scenario, title] of Object.entries(SCENARIOS))
  t.test(title, { skip }, async (t) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const command = ['--net', process.execPath, '--import', register, child, scenario];
    const { status, stdout, stderr } = spawnSync('unshare', command, { env, encoding: 'utf8', timeout: 60_000 });
    t.equal(status, 0, stderr);
    t.match(stdout, /done/);
  });
