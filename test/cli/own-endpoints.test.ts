import t from 'tap';
import { reachableEndpoints } from '../../src/cli/own-endpoints.ts';
import { formatHostPort, type HostPort, parseHostPort } from '../../src/underlay/index.ts';

const OWN = [
  { address: '127.0.0.1', internal: true },
  { address: '::1', internal: true, scopeid: 0 },
  { address: '192.168.1.7', internal: false },
  { address: '169.254.3.4', internal: false },
  { address: '203.0.113.9', internal: false },
  { address: 'fe80::1234', internal: false, scopeid: 2 },
  { address: 'fd00::7', internal: false, scopeid: 0 },
  { address: 'fc11:2233::1', internal: false, scopeid: 0 },
  { address: '2001:db8::9', internal: false, scopeid: 0 },
];

function endpoints(...listen: readonly string[]): readonly string[] {
  const parsed = listen.map((text): HostPort => {
    const at = parseHostPort(text);
    if (at === null) throw new Error(text);
    return at;
  });
  return reachableEndpoints(parsed, OWN).map(formatHostPort);
}

t.test('a wildcard stands for what others can dial, the internet first', async (t) => {
  t.same(endpoints('0.0.0.0:21000'), ['203.0.113.9:21000', '192.168.1.7:21000', '169.254.3.4:21000']);
  t.same(endpoints('[::]:21000'), ['[2001:db8::9]:21000', '[fd00::7]:21000'], 'no cable, no mesh, in brackets');
  t.same(endpoints('0.0.0.0:1', '[::]:2').slice(0, 2), ['203.0.113.9:1', '[2001:db8::9]:2']);
});

t.test('nothing that only this machine can dial, even if it listens there', async (t) => {
  t.same(endpoints('127.0.0.1:21000', '[::1]:21000', '[fe80::1234%eth0]:21000'), []);
  t.same(endpoints('127.0.0.1:1', '192.0.2.1:2'), ['192.0.2.1:2']);
  t.same(endpoints(), []);
});
