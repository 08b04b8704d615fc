/** Which daemon a command speaks to, and with which password. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { clientOf } from '../../src/cli/connect.ts';

const IDENTITY = `identity: {privateKey: ${'1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff'}}\n`;

function configFile(folder: string, rest: string): string {
  const file = join(folder, 'fcmesh.yaml');
  writeFileSync(file, IDENTITY + rest, { mode: 0o600 });
  return file;
}

/** Waits for what a client sends: the first packet of its call. */
async function heardAt(host: string, call: (port: number) => Promise<unknown>): Promise<string> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => socket.close());
  socket.bind(0, host);
  await once(socket, 'listening');
  const heard = once(socket, 'message');
  const ended = call(socket.address().port).catch(() => undefined);
  const [bytes] = (await heard) as [Buffer];
  void ended;
  return bytes.toString('latin1');
}

t.test('--admin names the daemon, and no configuration is read', async (t) => {
  t.throws(() => clientOf({ admin: 'nonsense' }), { code: 'ERR_USAGE', remedy: /127\.0\.0\.1:11234/ });
  const heard = await heardAt('127.0.0.1', (port) =>
    clientOf({ admin: `127.0.0.1:${port}`, config: '/does/not/exist' }).call('Fcmesh_status', {}, 200),
  );
  t.match(heard, /Fcmesh_status/);
});

t.test('a configuration names it; one that listens everywhere is asked at home', async (t) => {
  const folder = t.testdir();
  for (const [listen, host] of [
    ['0.0.0.0', '127.0.0.1'],
    ['[::]', '::1'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const) {
    const heard = await heardAt(host, (port) => {
      const config = configFile(folder, `admin: {listen: "${listen}:${port}", password: "x y"}\n`);
      return clientOf({ config }).call('Fcmesh_status', {}, 200);
    });
    t.match(heard, /cookie/, `${listen}: with its password, which begins with a cookie`);
  }
});

t.test('a configuration that is broken or missing is said so', async (t) => {
  const config = configFile(t.testdir(), 'nonsense: 1\n');
  t.throws(() => clientOf({ config }), { code: 'ERR_CONFIG' });
  t.throws(() => clientOf({ config: `${config}.gone` }), { code: 'ERR_CONFIG_FILE' });
});
