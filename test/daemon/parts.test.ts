import t from 'tap';
import { loadConfig } from '../../src/config/index.ts';
import { openAdminSocket } from '../../src/daemon/admin-socket.ts';
import { bannerLines } from '../../src/daemon/banner.ts';
import { realClock } from '../../src/daemon/clock.ts';
import { prettyLine } from '../../src/daemon/log-line.ts';
import { checkTunRights, parseAccount } from '../../src/daemon/privileges.ts';

t.test('an account is read from its line only', async (t) => {
  t.same(parseAccount('nobody:x:65534:65533:nobody:/:/bin/false\n', 'nobody'), {
    name: 'nobody',
    uid: 65534,
    gid: 65533,
  });
  for (const line of ['', 'nobody', 'other:x:1:1::', 'nobody:x:-1:1::', 'nobody:x:a:1::'])
    t.equal(parseAccount(line, 'nobody'), null, line);
});

t.test('without CAP_NET_ADMIN a TUN is refused before anything is opened', async (t) => {
  const loaded = loadConfig(`identity: {privateKey: ${'00'.repeat(32)}}\n`);
  const relay = loadConfig(`identity: {privateKey: ${'00'.repeat(32)}}\ntun: {enabled: false}\n`);
  if (!loaded.ok || !relay.ok) throw new Error('configuration');
  t.throws(() => checkTunRights(loaded.config, ['CAP_CHOWN']), { code: 'ERR_PERMISSION', remedy: /sudo/ });
  t.doesNotThrow(() => checkTunRights(relay.config, []));
});

t.test('a taken admin port is told with its key and remedy', async (t) => {
  const first = await openAdminSocket({ host: '127.0.0.1', port: 0 });
  t.teardown(first.close);
  await t.rejects(openAdminSocket(first.at), {
    code: 'ERR_PORT_IN_USE',
    message: /^admin.listen: 127.0.0.1:\d+ is in use/,
  });
});

t.test('a log line is readable, and no field can move the cursor', async (t) => {
  const fields = { peer: 'a b\u001b[2J', ms: 3 };
  const line = prettyLine({ level: 'warn', event: 'link.down', fields }, new Date());
  t.match(line, /^\d\d:\d\d:\d\d .*warn.* link\.down peer="a b\\u001b\[2J" ms=3$/);
});

t.test('the banner says how to invite, with the real port', async (t) => {
  const lines = bannerLines({
    version: '1',
    address: 'fc00::1',
    key: 'x.k',
    listening: ['udp://0.0.0.0:4242'],
    tun: null,
    admin: { host: '::1', port: 1 },
    peers: 0,
    lan: false,
    accept: 1,
    file: '/f',
  }).join('\n');
  t.match(lines, 'fcmesh invite --name NAME --config /f');
  t.match(lines, 'UDP port 4242');
  t.match(lines, '[::1]:1');
  t.notMatch(lines, 'alone');
});

t.test('a timer never rings before its time', async (t) => {
  const delaysMs = Array.from({ length: 200 }, (_, i) => i * 0.37);
  const earlyMs = await Promise.all(
    delaysMs.map((delayMs) => {
      const dueMs = realClock.nowMs() + delayMs;
      return new Promise<number>((ring) => realClock.after(delayMs, () => ring(dueMs - realClock.nowMs())));
    }),
  );
  t.same(
    earlyMs.filter((ms) => ms > 0),
    [],
  );
});
