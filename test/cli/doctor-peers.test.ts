import { createSocket } from 'node:dgram';
import t from 'tap';
import { type Bencode, utf8 } from '../../src/base/index.ts';
import { filtering } from '../../src/cli/doctor-firewall.ts';
import { peerFindings } from '../../src/cli/doctor-peers.ts';
import { type Knocked, knock } from '../../src/cli/probe.ts';
import { REFUSAL_REASONS } from '../../src/link/index.ts';

const map = (fields: Record<string, string | bigint>) =>
  new Map<string, Bencode>(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? utf8(value) : value]),
  );
const statusOf = (...refused: readonly Bencode[]) => new Map<string, Bencode>([['refused', [...refused]]]);
const row = (reason: string, fields: Record<string, string> = {}) =>
  map({ state: 'handshake', direction: 'out', endpoint: '192.0.2.1:1', name: 'hill', reason, ...fields });

const silence = async () => 'silence' as const;

t.test('peers that are up are counted, none is no fault', async (t) => {
  t.match(await peerFindings([map({ state: 'established' })], statusOf(), silence), [
    { state: 'good', finding: '1 link up' },
  ]);
  t.match(await peerFindings([], statusOf(), silence), [{ state: 'good', finding: 'none yet' }]);
});

t.test('each peer that is not up is bad, with its reason and a remedy', async (t) => {
  const cases = [
    ['no answer for 13 min: wrong password, key or port, or a firewall', /doctor there, too/],
    ['silent for 9 s: is it running, and is the network between up?', /has a network/],
    ['the name x.example cannot be resolved', /getent/],
    ['the name x.example leads only to addresses that no peer can have: 224.0.0.1 is', /for an address/],
    ['hill: this machine has no IPv6', /such an address/],
    ['its protocol version 8 is too old: at least 20 is needed', /newer/],
    ['the same key is in use at another address: waiting', /fcmesh keygen/],
    ['it talks to another machine that has our key, at 192.0.2.9:1', /fcmesh keygen/],
  ] as const;
  for (const [reason, remedy] of cases)
    t.match(await peerFindings([row(reason)], statusOf(), silence), [
      { check: 'peer', state: 'bad', finding: `hill at 192.0.2.1:1: ${reason}`, remedy },
    ]);
  t.match(await peerFindings([row('x', { direction: 'in' })], statusOf(), silence), [
    { state: 'warning', remedy: null },
  ]);
});

t.test('whoever is turned away is named, and every reason has a remedy', async (t) => {
  for (const reason of REFUSAL_REASONS) {
    const one = map({ endpoint: '192.0.2.9:5', key: 'k.k', reason, count: 3n });
    t.match((await peerFindings([], statusOf(one), silence))[1], {
      state: 'warning',
      finding: `192.0.2.9:5 (k.k) is turned away: ${reason}, 3 times`,
      remedy: /./,
    });
  }
});

t.test('what the network says of the endpoint is part of the finding', async (t) => {
  const asked: string[] = [];
  const findings = (reason: string, heard: Knocked, fields: Record<string, string> = {}) =>
    peerFindings([row(reason, fields)], statusOf(), async (host, port) => {
      asked.push(`${host} ${port}`);
      return heard;
    });
  const reason = 'no answer for 9 s: wrong password, key or port, or a firewall';
  t.match(await findings(reason, 'closed'), [{ finding: /nothing listens there$/, remedy: /The port is wrong/ }]);
  t.match(await findings(reason, 'noMachine', { endpoint: '[2001:db8::1]:9' }), [{ remedy: /The address is wrong/ }]);
  t.match(await findings(reason, 'noRoute'), [{ remedy: /ip route get/ }]);
  t.match(await findings(reason, 'forbidden'), [{ remedy: /firewall of this machine/ }]);
  t.match(await findings(reason, 'silence'), [{ finding: `hill at 192.0.2.1:1: ${reason}`, remedy: /doctor there/ }]);
  t.same(asked, ['192.0.2.1 1', '2001:db8::1 9', '192.0.2.1 1', '192.0.2.1 1', '192.0.2.1 1']);
  await findings('the name x cannot be resolved', 'closed', { endpoint: 'x.example:1' });
  await findings(reason, 'closed', { direction: 'in' });
  await findings('its protocol version 8 is too old: at least 20 is needed', 'closed');
  t.equal(asked.length, 5, 'nobody else is asked');
});

t.test('a closed port and an open one are told apart by the kernel', async (t) => {
  const open = createSocket('udp4');
  t.teardown(() => open.close());
  await new Promise<void>((resolve) => open.bind(0, '127.0.0.1', resolve));
  const { port } = open.address();
  t.equal(await knock('127.0.0.1', port, 500), 'silence');
  const closed = createSocket('udp4');
  await new Promise<void>((resolve) => closed.bind(0, '127.0.0.1', resolve));
  const gone = closed.address().port;
  await new Promise<void>((resolve) => closed.close(resolve));
  t.equal(await knock('127.0.0.1', gone, 5000), 'closed');
});

t.test('of all rules the first is named that may stop what comes in', async (t) => {
  const chain = (fields: object) => ({ chain: { family: 'inet', table: 'filter', name: 'input', ...fields } });
  const rule = (fields: object) => ({ rule: { family: 'inet', table: 'filter', chain: 'udp', expr: [], ...fields } });
  t.equal(filtering([]), null);
  t.equal(filtering([chain({ hook: 'input', policy: 'accept' }), rule({ expr: [{ accept: null }] })]), null);
  t.equal(filtering([chain({ hook: 'output', policy: 'drop' })]), null);
  t.equal(filtering([chain({ hook: 'input', policy: 'drop', table: 'fcmesh-fc0' })]), null, 'our own guard');
  t.match(
    filtering([chain({ hook: 'input', policy: 'drop' })]),
    'nftables (table inet filter, chain input: policy drop)',
  );
  for (const stop of ['drop', 'reject'])
    t.match(
      filtering([chain({ hook: 'prerouting', policy: 'accept' }), rule({ expr: [{ match: {} }, { [stop]: null }] })]),
      'nftables (table inet filter, chain udp)',
    );
});

t.test('rows that say less are shown as far as they go', async (t) => {
  const bare = map({ state: 'handshake' });
  const [finding] = await peerFindings([bare], statusOf(map({}), 1n), silence);
  t.match(finding, { state: 'bad' });
  const incoming = map({ state: 'unresponsive', direction: 'in', endpoint: 'nonsense', reason: 'silent for 9 s' });
  t.ok((await peerFindings([incoming], statusOf(), silence)).length > 0);
});
