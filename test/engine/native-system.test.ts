import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { loadError } from '../../src/engine/native-errors.ts';
import { addonPath, skip, theAddon } from './native-setup.ts';

const isRoot = process.getuid?.() === 0;
const load = `const addon = require(${JSON.stringify(addonPath)});`;

/** Runs `code` in a fresh process; `print` shows a value as JSON. */
function run(code: string): unknown {
  const prelude = `${load} const print = (value) => process.stdout.write(JSON.stringify(value));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', `${prelude}\n${code}`], { encoding: 'utf8' }));
}

const STATUS = `const status = Object.fromEntries(require('fs').readFileSync('/proc/thread-self/status', 'utf8')
  .split('\\n').map((line) => line.split(':\\t')));`;

t.test('privileges are given up for good', { skip: skip || (!isRoot && 'needs root') }, async (t) => {
  const seen = run(`addon.dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: false });
    ${STATUS}
    let back = true;
    try { process.setuid(0); } catch { back = false; }
    print({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(), left: addon.capabilities(), back,
      permitted: status.CapPrm, bounding: status.CapBnd, fixed: status.NoNewPrivs });`);
  t.same(seen, {
    uid: 65534,
    gid: 65534,
    groups: [65534],
    left: [],
    back: false,
    permitted: '0000000000000000',
    bounding: '0000000000000000',
    fixed: '1',
  });
});

const EVERY_THREAD = `const ofThreads = (...fields) => require('fs').readdirSync('/proc/self/task').map((thread) => {
  const text = require('fs').readFileSync('/proc/self/task/' + thread + '/status', 'utf8');
  return fields.map((field) => new RegExp('^' + field + ':\\\\s*(\\\\S+)', 'm').exec(text)[1]).join(' ');
});`;

t.test('no thread keeps a capability, or a way to gain one', { skip: skip || (!isRoot && 'needs root') }, async (t) => {
  const threads = run(`${EVERY_THREAD}
    require('dns').lookup('localhost', () => {
      addon.dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: false });
      print(ofThreads('Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs'));
    });`) as string[];
  t.ok(threads.length > 5, `${threads.length} threads`);
  const none = '0000000000000000';
  t.same([...new Set(threads)], [`65534 ${none} ${none} ${none} ${none} ${none} 1`]);
});

t.test('a confined process starts no program, traces nobody and leaves no core, in any thread', { skip }, async (t) => {
  const seen = run(`${EVERY_THREAD}
    const isFiltered = addon.confine();
    const limit = /^Max core file size\\s+(\\S+)\\s+(\\S+)/m.exec(require('fs').readFileSync('/proc/self/limits', 'utf8'));
    let code;
    try { require('child_process').execFileSync('/bin/true'); } catch (error) { code = error.code; }
    require('dns').lookup('localhost', (error) => {
      print({ isFiltered, code, error, core: limit.slice(1), threads: [...new Set(ofThreads('NoNewPrivs', 'Seccomp'))] });
    });`);
  t.same(seen, { isFiltered: true, code: 'EPERM', error: null, core: ['0', '0'], threads: ['1 2'] });
});

t.test('CAP_NET_ADMIN alone can be kept', { skip: skip || (!isRoot && 'needs root') }, async (t) => {
  const seen = run(`const had = addon.capabilities().includes('CAP_NET_ADMIN');
    addon.dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: true });
    print({ had, left: addon.capabilities() });`) as { had: boolean; left: string[] };
  t.same(seen.left, seen.had ? ['CAP_NET_ADMIN'] : []);
});

t.test('who is not root cannot become another', { skip: skip || (!isRoot && 'needs root') }, async (t) => {
  const code = run(`addon.dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: false });
    addon.dropPrivileges({ uid: 65534, gid: 65534, keepNetAdmin: false });
    try { addon.dropPrivileges({ uid: 1, gid: 1, keepNetAdmin: false }); } catch (error) { print([error.code, error.syscall]); }`);
  t.same(code, ['EPERM', 'setgroups']);
});

t.test('wrong arguments change nothing', { skip }, async (t) => {
  const { dropPrivileges } = theAddon();
  const before = theAddon().capabilities();
  for (const to of [
    null,
    {},
    { uid: 1 },
    { uid: -1, gid: 0, keepNetAdmin: false },
    { uid: 1, gid: 1, keepNetAdmin: 1 },
  ]) {
    t.throws(() => dropPrivileges(to as never), { code: 'ERR_ARGUMENT' });
  }
  t.same(theAddon().capabilities(), before);
});

t.test('a supervisor is told, and none is no error', { skip }, async (t) => {
  t.equal(run(`delete process.env.NOTIFY_SOCKET; print(addon.sdNotify('READY=1'));`), false);
  t.equal(run(`process.env.NOTIFY_SOCKET = '/nonexistent/socket'; print(addon.sdNotify('READY=1'));`), false);
  t.equal(run(`process.env.NOTIFY_SOCKET = '/' + 'x'.repeat(200); print(addon.sdNotify('READY=1'));`), false);
  const folder = mkdtempSync(join(tmpdir(), 'fcmesh-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'notify');
  const listener = `import socket,sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('bound', flush=True)
print(s.recv(100).decode())`;
  const child = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  try {
    await once(child, 'spawn');
  } catch {
    t.comment('python3 is missing: nothing listened');
    return;
  }
  await once(child.stdout, 'data');
  t.equal(run(`process.env.NOTIFY_SOCKET = ${JSON.stringify(path)}; print(addon.sdNotify('READY=1'));`), true);
  await once(child, 'close');
  t.equal(output, 'bound\nREADY=1\n');
});

t.test('workers load the addon side by side, and end with engines open', { skip }, async (t) => {
  const code = `${load}
    const { parentPort } = require('worker_threads');
    const layout = { tunStart: 0, tunSlots: 1, slotBytes: 2048, headroomBytes: 64, receiveStart: 2048, receiveSlots: 1,
      receiveSlotBytes: 65536 };
    const engine = addon.createEngine(new Uint8Array(addon.memory(2048 + 65536)), new Int32Array(addon.memory(256)), layout);
    const socket = addon.openUdp(engine, '127.0.0.1', 0, 0, 0);
    addon.watch(engine, socket, () => {});
    addon.setKey(engine, 0, new Uint8Array(32), 0);
    parentPort.postMessage(addon.boundPort(engine, socket));`;
  const workers = [1, 2, 3].map(() => new Worker(code, { eval: true }));
  const ports = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  t.equal(new Set(ports).size, 3);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

t.test('a process ends with engines open and watched', { skip }, async (t) => {
  t.equal(
    run(`const layout = { tunStart: 0, tunSlots: 0, slotBytes: 2048, headroomBytes: 64, receiveStart: 0, receiveSlots: 0,
      receiveSlotBytes: 65536 };
    for (let n = 0; n < 64; n++) {
      const engine = addon.createEngine(new Uint8Array(addon.memory(1)), new Int32Array(addon.memory(256)), layout);
      addon.watch(engine, addon.openUdp(engine, '127.0.0.1', 0, 0, 0), () => {});
    }
    let code;
    try { addon.createEngine(new Uint8Array(addon.memory(1)), new Int32Array(addon.memory(256)), layout); } catch (error) { code = error.code; }
    print(code);
    process.exit(0);`),
    'ERR_ENGINES',
  );
});

/** One TUN slot and nothing else. */
const oneSlot = {
  tunStart: 0,
  tunSlots: 1,
  slotBytes: 2048,
  headroomBytes: 64,
  receiveStart: 0,
  receiveSlots: 0,
  receiveSlotBytes: 1,
};

t.test('a layout that does not fit the arena is refused', { skip }, async (t) => {
  const { memory, createEngine } = theAddon();
  const make = (changes: object, size = 2048) =>
    createEngine(new Uint8Array(memory(size)), new Int32Array(memory(256)), { ...oneSlot, ...changes });
  theAddon().close(make({}));
  for (const changes of [
    { tunSlots: 2 },
    { tunStart: 1 },
    { tunStart: -1 },
    { headroomBytes: 2048 },
    { receiveSlots: 3000 },
  ]) {
    t.throws(() => make(changes), { code: 'ERR_ARGUMENT' });
  }
  t.throws(() => make({}, 2047), { code: 'ERR_ARGUMENT' });
  t.throws(() => make({ slotBytes: undefined }), { code: 'ERR_ARGUMENT' });
});

t.test('an engine is made over memory of the addon only, from its beginning', { skip }, async (t) => {
  const { memory, createEngine, close } = theAddon();
  const [bytes, descriptors] = [new Uint8Array(memory(4096)), new Int32Array(memory(256))];
  for (const wrong of [new Uint8Array(4096), bytes.subarray(8), Buffer.alloc(4096)]) {
    t.throws(() => createEngine(wrong, descriptors, oneSlot), { code: 'ERR_ARGUMENT' });
  }
  for (const wrong of [new Int32Array(64), descriptors.subarray(8)]) {
    t.throws(() => createEngine(bytes, wrong, oneSlot), { code: 'ERR_ARGUMENT' });
  }
  t.throws(
    () => createEngine(new Uint8Array(memory(256)), descriptors, oneSlot),
    { code: 'ERR_ARGUMENT' },
    'too small',
  );
  t.throws(() => memory(0), { code: 'ERR_ARGUMENT' });
  t.throws(() => memory(2 ** 31), { code: 'ERR_ARGUMENT' });
  close(createEngine(bytes, descriptors, oneSlot));
});

t.test('an arena whose buffer was handed on stays where it is', { skip }, async (t) => {
  const code = `
    const addon = require(${JSON.stringify(addonPath)});
    let bytes = addon.memory(4096), descriptors = addon.memory(64);
    const engine = addon.createEngine(new Uint8Array(bytes), new Int32Array(descriptors), ${JSON.stringify(oneSlot)});
    addon.setKey(engine, 0, new Uint8Array(32), 0);
    new Int32Array(descriptors).set([0, 40]);
    // Some versions of Node.js hand it on, some copy it, some refuse.
    try { structuredClone(bytes, { transfer: [bytes] }); } catch {}
    try { bytes.transfer(); descriptors.transfer(); } catch {}
    bytes = descriptors = null;
    for (let round = 0; round < 5; round++) {
      gc();
      for (let other = 0; other < 100; other++) addon.memory(4096);
      addon.seal(engine, 0, 2);
    }
    process.stdout.write(String(addon.counters(engine).sealed));`;
  const out = execFileSync(process.execPath, ['--expose-gc', '-e', code], { encoding: 'utf8' });
  t.ok(Number(out) >= 5, `sealed ${out}`);
});

t.test('a missing library and a missing build are told apart', async (t) => {
  const missing = Object.assign(new Error('libsodium.so.23: cannot open shared object file'), {
    code: 'ERR_DLOPEN_FAILED',
  });
  t.match(loadError(missing, 'x'), { code: 'ERR_LIBSODIUM', remedy: /apt-get install/ });
  const unbuilt = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  t.match(loadError(unbuilt, 'x'), { code: 'ERR_ADDON', remedy: /build-native/ });
});
