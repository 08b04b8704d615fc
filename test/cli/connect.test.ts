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

/** Waits until a client sends something like this; it may knock first to see whether anybody is there. */
async function hears(host: string, wanted: RegExp, call: (port: number) => Promise<unknown>): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => socket.close());
  socket.bind(0, host);
  await once(socket, 'listening');
  const heard = new Promise<void>((resolve) => {
    socket.on('message', (bytes) => {
      if (wanted.test(bytes.toString('latin1'))) resolve();
    });
  });
  const ended = call(socket.address().port).catch(() => undefined);
  await heard;
  await ended;
}

t.test('--admin names the daemon, and no configuration is read', async (t) => {
  t.throws(() => clientOf({ admin: 'nonsense' }), { code: 'ERR_USAGE', remedy: /127\.0\.0\.1:11234/ });
  await hears('127.0.0.1', /q4:ping/, (port) =>
    clientOf({ admin: `127.0.0.1:${port}`, config: '/does/not/exist' }).call('Fcmesh_status', {}, 500),
  );
});

t.test('a configuration names it; one that listens everywhere is asked at home', async (t) => {
  const folder = t.testdir();
  for (const [listen, host] of [
    ['0.0.0.0', '127.0.0.1'],
    ['[::]', '::1'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const) {
    // With a password it begins by asking for a cookie.
    await hears(host, /cookie/, (port) => {
      const config = configFile(folder, `admin: {listen: "${listen}:${port}", password: "x y"}\n`);
      return clientOf({ config }).call('Fcmesh_status', {}, 200);
    });
    t.pass(listen);
  }
});

t.test('a configuration that is broken or missing is said so', async (t) => {
  const config = configFile(t.testdir(), 'nonsense: 1\n');
  t.throws(() => clientOf({ config }), { code: 'ERR_CONFIG' });
  t.throws(() => clientOf({ config: `${config}.gone` }), { code: 'ERR_CONFIG_FILE' });
});
