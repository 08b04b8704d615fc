import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { createAdmin } from '../../src/admin/index.ts';
import { getInt, getText, MeshError, silent } from '../../src/base/index.ts';
import { AdminClient } from '../../src/cli/client.ts';
import { loadNodeBackend } from '../../src/crypto/index.ts';
import { openAdminSocket } from '../../src/daemon/admin-socket.ts';
import { realClock } from '../../src/daemon/clock.ts';
import type { NodeControl } from '../../src/node/index.ts';
import { fakeNode, peer } from '../admin/fake-node.ts';

const crypto = await loadNodeBackend();
const HERE = { host: '127.0.0.1', port: 0 };

async function daemon(password: string | null, node: NodeControl = fakeNode()) {
  const socket = await openAdminSocket(HERE);
  t.teardown(socket.close);
  const facts = { version: '0.1.0', pid: 42, tun: null, listen: [], warnings: () => [] };
  socket.serve(
    createAdmin({
      node,
      facts,
      crypto,
      clock: realClock,
      unixMs: Date.now,
      stop: () => {},
      password,
      readonlyPassword: null,
      log: silent,
    }),
  );
  return { ...HERE, port: socket.at.port };
}

t.test('a call is answered, with and without a password', async (t) => {
  const open = new AdminClient({ ...(await daemon(null)), password: null });
  t.equal(getText(await open.call('Fcmesh_status'), 'version'), '0.1.0');
  const closed = new AdminClient({ ...(await daemon('secret')), password: 'secret' });
  t.equal(getInt(await closed.call('Fcmesh_ping', { node: 'peer1' }, 1000), 'rttUs'), 1500n);
});

t.test('a wrong or missing password is told with the remedy', async (t) => {
  const at = await daemon('secret');
  await t.rejects(new AdminClient({ ...at, password: 'other' }).call('Fcmesh_status'), {
    code: 'ERR_ADMIN_PASSWORD',
    remedy: /--config/,
  });
  await t.rejects(new AdminClient({ ...at, password: null }).call('Fcmesh_status'), {
    code: 'ERR_ADMIN_PASSWORD',
    remedy: /--config/,
  });
});

t.test('all pages of a list are read', async (t) => {
  const peers = Array.from({ length: 100 }, (_, index) => peer(index));
  const client = new AdminClient({ ...(await daemon(null, fakeNode({ peers }))), password: null });
  const names = (await client.list('Fcmesh_peers', 'peers')).map((map) => getText(map, 'name'));
  t.same(
    names,
    peers.map(({ name }) => name),
  );
});

t.test('an error of the function is an error here', async (t) => {
  const client = new AdminClient({ ...(await daemon(null)), password: null });
  await t.rejects(client.call('Fcmesh_ping', { node: 'nobody' }, 100), { code: 'ERR_ANSWER', message: /^not a node/ });
});

t.test('a closed port is told before the time for an answer is up', async (t) => {
  const [closed, silentOne] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')];
  t.teardown(() => silentOne.close());
  await Promise.all([once(closed, 'listening'), once(silentOne, 'listening')]);
  const { port } = closed.address();
  closed.close();
  const failing = async (to: number) => {
    const error: unknown = await new AdminClient({ ...HERE, port: to, password: null }).call('ping').catch((e) => e);
    return error instanceof MeshError ? error : null;
  };
  const waited = failing(silentOne.address().port);
  t.match(await Promise.race([waited, failing(port)]), {
    code: 'ERR_NO_DAEMON',
    message: `no daemon answers at 127.0.0.1:${port}; start it with: fcmesh up`,
  });
  t.match(await waited, { code: 'ERR_NO_DAEMON' });
});

t.test('lost questions are asked again, answers to others are passed over', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.teardown(() => socket.close());
  await once(socket, 'listening');
  let asked = 0;
  socket.on('message', (message, from) => {
    if (++asked === 1) return;
    const txid = /4:txid(\d+:.*)e$/.exec(message.toString('latin1'))?.[1] ?? '';
    for (const reply of ['x', 'd1:q5:wrong4:txid1:ze', `d1:q4:pong4:txid${txid}e`])
      socket.send(reply, from.port, from.address);
  });
  const reply = await new AdminClient({ ...HERE, port: socket.address().port, password: null }).call('ping');
  t.equal(getText(reply, 'q'), 'pong');
  t.equal(asked, 2);
});
