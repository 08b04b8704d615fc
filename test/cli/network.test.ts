import t from 'tap';
import { type Network, networkFindings, networkText } from '../../src/cli/network.ts';

const USED = { name: 'eth0', used: true, reason: null };
const LEFT_OUT = [
  { name: 'veth1', used: false, reason: 'a device of software' },
  { name: 'wlan0', used: false, reason: 'no cable, or no Wi-Fi joined' },
  { name: 'veth2', used: false, reason: 'a device of software' },
];
const HEARD = { endpoint: '10.0.0.9:1', key: 'a.k', reason: null, lastSeconds: 1 };

function findings(network: Network, lan: 'on' | 'listen' | 'off' | null = 'on'): readonly string[] {
  return networkFindings(network, lan).map(({ state, finding }) => `${state}: ${finding}`);
}

t.test('doctor says of each device that is left out why, those alike in one line', async (t) => {
  t.same(findings({ devices: [USED, ...LEFT_OUT], heard: [HEARD] }), [
    'good: not used: veth1, veth2: a device of software',
    'good: not used: wlan0: no cable, or no Wi-Fi joined',
    'good: 1 node heard on eth0',
  ]);
  t.equal(findings({ devices: LEFT_OUT, heard: [] }).at(-1), 'warning: no device is used to look for neighbours');
});

t.test('doctor warns of silence, and of who is not dialled', async (t) => {
  t.same(findings({ devices: [USED], heard: [] }), ['warning: nobody was heard on eth0']);
  t.equal(
    findings({ devices: [USED], heard: [{ ...HEARD, reason: 'too many unproven' }] })[0],
    'warning: 10.0.0.9:1 was heard, and not dialled: too many unproven',
  );
});

t.test('where nobody looks, that is said; a daemon that knows nothing of it says nothing', async (t) => {
  t.same(findings({ devices: [], heard: [] }, 'off'), ['good: not looked for in the local network']);
  t.same(findings({ devices: [], heard: [] }, null), []);
});

t.test('status has a line', async (t) => {
  const refused = { ...HEARD, reason: 'too many unproven' };
  t.equal(networkText({ devices: [], heard: [] }), null);
  t.equal(networkText({ devices: LEFT_OUT, heard: [] }), 'no device is used; fcmesh doctor says why');
  t.equal(
    networkText({ devices: [USED], heard: [HEARD, refused] }),
    'neighbours are looked for on eth0, 1 of 2 beacons not answered',
  );
});
