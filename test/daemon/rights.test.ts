import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const skip =
  process.getuid?.() !== 0 ? 'needs root' : existsSync(MAIN) ? false : 'dist is not built: run npm run build:ts first';
const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;
const NOBODY = 65534;

/** Starts a daemon without TUN that stays who it is, by `command` in front of it; returns when it is up. */
async function start(t: Test, owner: number, ...command: readonly string[]): Promise<ChildProcess> {
  const file = path.join(t.testdir(), 'fcmesh.yaml');
  const identity = 'identity: {privateKey: 1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff}';
  const rest = 'tun: {enabled: false}\nlisten: ["udp://127.0.0.1:0"]\nadmin: {listen: "127.0.0.1:0"}\nuser: root\n';
  writeFileSync(file, `${identity}\n${rest}`);
  chmodSync(file, 0o600);
  chownSync(file, owner, owner);
  const [first = '', ...others] = [...command, process.execPath, MAIN, 'up', '--config', file];
  const child = spawn(first, others, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

/** What all threads of a process have in these fields of their status, each value once. */
function ofThreads(pid: number, fields: readonly string[]): Record<string, readonly string[]> {
  const texts = readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8'));
  const valueIn = (text: string, field: string) => new RegExp(`^${field}:\\s*(\\S+)`, 'm').exec(text)?.[1] ?? '';
  return Object.fromEntries(fields.map((field) => [field, [...new Set(texts.map((text) => valueIn(text, field)))]]));
}

const none = ['0000000000000000'];

t.test('a daemon that stays root keeps no capability, in any thread', { skip }, async (t) => {
  const { pid = 0 } = await start(t, 0);
  const fields = ['Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'];
  t.same(ofThreads(pid, fields), {
    Uid: ['0'],
    CapInh: none,
    CapPrm: none,
    CapEff: none,
    CapBnd: none,
    CapAmb: none,
    NoNewPrivs: ['1'],
    Seccomp: ['2'],
  });
});

const needsSetpriv = skip === false && !hasSetpriv ? 'needs setpriv (util-linux)' : skip;
t.test(
  'one that is started as another user with capabilities gives them up, and is closed to it',
  { skip: needsSetpriv },
  async (t) => {
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const rights = ['--inh-caps=+net_admin', '--ambient-caps=+net_admin'];
    const { pid = 0 } = await start(t, NOBODY, 'setpriv', ...ids, ...rights);
    // Files of a process that is not dumpable belong to root: others of its user may neither read its memory nor trace it.
    t.same([statSync(`/proc/${pid}/mem`).uid, statSync(`/proc/${pid}/environ`).uid], [0, 0]);
    t.match(readFileSync(`/proc/${pid}/limits`, 'latin1'), /^Max core file size +0 +0 /m);
    t.same(ofThreads(pid, ['Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs', 'Seccomp']), {
      Uid: [String(NOBODY)],
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapAmb: none,
      NoNewPrivs: ['1'],
      Seccomp: ['2'],
    });
  },
);
