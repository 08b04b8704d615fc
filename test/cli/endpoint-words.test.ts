import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { KEY_TEXT } from '../admin/fake-node.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PRIVATE = 'cb869cd1544f64926b5e05c1789875def5535641006bd978acb96e4b592bdd28';

function fcmesh(...args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 20_000 }, (error, _, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), err });
    });
  });
}

if (!existsSync(MAIN)) {
  t.pass('dist is not built: the commands are not tried', { skip: 'run npm run build:ts first' });
} else {
  t.test('every command refuses an address that no peer can have, in the same words', async (t) => {
    const file = path.join(t.testdir(), 'f.yaml');
    const at = '[::ffff:192.0.2.1]:5';
    const identity = `identity: {privateKey: ${PRIVATE}}\nlisten: ["udp://127.0.0.1:1"]\n`;
    writeFileSync(file, identity, { mode: 0o600 });
    const asPeer = path.join(path.dirname(file), 'peer.yaml');
    writeFileSync(asPeer, `${identity}peers: [{endpoint: "udp://${at}", key: ${KEY_TEXT}, password: x}]\n`, {
      mode: 0o600,
    });
    const words = /"?.*\[::ffff:192\.0\.2\.1\]:5"? is an IPv4 address .*; did you mean "(udp:\/\/)?192\.0\.2\.1:5"\?/;
    const commands = [
      ['check', '--config', asPeer],
      ['join', `fcmesh://${KEY_TEXT}@${at}?password=x`, '--config', file],
      ['peer', 'add', at, KEY_TEXT, '--password', 'x', '--config', file],
      ['peer', 'add', `udp://${at}`, KEY_TEXT, '--password', 'x', '--config', file, '--save'],
      ['peer', 'add', '192.0.2.1:5', KEY_TEXT, '--also', '192.0.2.2:5', at, '--password', 'x', '--config', file],
      ['invite', '--endpoint', at, '--config', file],
    ];
    for (const command of commands) {
      const { code, err } = await fcmesh(...command);
      t.equal(code, 2, command.join(' '));
      t.match(err, words, command.join(' '));
    }
    const bare = await fcmesh('peer', 'add', '192.0.2.1:5', KEY_TEXT, '--config', file);
    t.match(bare, { code: 2, err: /the password is missing\n.*--password/ });
  });

  t.test('import says where the mistake stands', async (t) => {
    const file = path.join(t.testdir(), 'cjdroute.conf');
    writeFileSync(file, `{ "privateKey": "${PRIVATE}",\n  "router": {"x": "y\n  } }\n`);
    t.match(await fcmesh('import', file), { code: 2, err: /line 2, column 19: this text has no " at its end/ });
  });
}
