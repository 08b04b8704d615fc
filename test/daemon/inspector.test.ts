import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const skip = existsSync(MAIN) ? false : 'dist is not built: run npm run build:ts first';

/** A daemon without TUN and with an admin socket of its own. */
function configIn(folder: string): string {
  const file = path.join(folder, 'fcmesh.yaml');
  const identity = `identity: {privateKeyFile: ${path.join(folder, 'key')}}`;
  writeFileSync(
    path.join(folder, 'key'),
    // The first of docs/protocol's test identities: its address is one of a node.
    '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff\n',
    { mode: 0o600 },
  );
  const rest = `tun: {enabled: false}\nlisten: ["udp://127.0.0.1:0"]\nadmin: {listen: "127.0.0.1:0"}\nuser: root\n`;
  writeFileSync(file, `${identity}\n${rest}`, { mode: 0o600 });
  return file;
}

function start(t: Test, file: string): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'up', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Sockets of a process that listen for TCP, as the kernel numbers them. */
function listening(pid: number): readonly string[] {
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
  const rows = ['tcp', 'tcp6'].flatMap((kind) => readFileSync(`/proc/${pid}/net/${kind}`, 'latin1').split('\n'));
  const LISTEN = '0A';
  const inodes = rows.map((row) => row.trim().split(/\s+/)).filter((fields) => fields[3] === LISTEN);
  return inodes.map((fields) => fields[9] ?? '').filter((inode) => own.includes(`socket:[${inode}]`));
}

t.test('SIGUSR1 opens nothing, and the daemon goes on', { skip }, async (t) => {
  const child = start(t, configIn(t.testdir()));
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const pid = child.pid as number;
  for (let count = 0; count < 3; count++) child.kill('SIGUSR1');
  // The answer to a signal that is handled later proves that those before it were.
  child.kill('SIGHUP');
  while (!said.includes('config.')) await once(child.stderr as NodeJS.ReadableStream, 'data');
  t.same(listening(pid), []);
  t.notMatch(said, /Debugger/);
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

const forms: readonly [name: string, options: readonly string[], environment: string][] = [
  ['--inspect=127.0.0.1:0', ['--inspect=127.0.0.1:0'], ''],
  ['--inspect-port=0', ['--inspect_port=0'], ''],
  ['--inspect=127.0.0.1:0', [], '--no-warnings --inspect=127.0.0.1:0'],
  ['--heapsnapshot-signal=SIGUSR2', ['--heapsnapshot-signal=SIGUSR2'], ''],
  ['--heapsnapshot-near-heap-limit=1', [], '"--heapsnapshot-near-heap-limit=1"'],
  ['--heap-prof', ['--heap-prof'], ''],
  ['--report-on-signal', [], '--report-on-signal'],
  ['--diagnostic-dir=/tmp', ['--diagnostic-dir=/tmp'], ''],
  ['--abort-on-uncaught-exception', ['--abort-on-uncaught-exception'], ''],
];
for (const [name, options, environment] of forms) {
  t.test(`${name} (${environment === '' ? 'argument' : 'NODE_OPTIONS'}) is refused by name`, { skip }, async (t) => {
    const folder = t.testdir();
    const args = [...options, MAIN, 'up', '--config', configIn(folder)];
    // tap loads itself into the child, and its coverage may still be at work when the process ends.
    const env = { ...process.env, NODE_OPTIONS: environment, _TAPJS_PROCESSINFO_COVERAGE_: '0' };
    const { code, err } = await new Promise<{ code: unknown; err: string }>((resolve) => {
      execFile(process.execPath, args, { env, cwd: folder, timeout: 20_000 }, (error, _, err) => {
        resolve({ code: error === null ? 0 : error.code, err });
      });
    });
    t.equal(code, 2, err);
    t.match(err, `Node.js was started with ${name}, which gives`);
    t.match(err, 'look at NODE_OPTIONS');
  });
}
