import t from 'tap';
import { type Bencode, utf8 } from '../../src/base/index.ts';
import { peerFindings } from '../../src/cli/doctor-peers.ts';
import { REFUSAL_REASONS } from '../../src/link/index.ts';

const map = (fields: Record<string, string | bigint>) =>
  new Map<string, Bencode>(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? utf8(value) : value]),
  );
const statusOf = (...refused: readonly Bencode[]) => new Map<string, Bencode>([['refused', [...refused]]]);
const row = (reason: string, fields: Record<string, string> = {}) =>
  map({ state: 'handshake', direction: 'out', endpoint: '192.0.2.1:1', name: 'hill', reason, ...fields });

t.test('peers that are up are counted, none is no fault', async (t) => {
  t.match(peerFindings([map({ state: 'established' })], statusOf()), [{ state: 'good', finding: '1 link up' }]);
  t.match(peerFindings([], statusOf()), [{ state: 'good', finding: 'none yet' }]);
});

t.test('each peer that is not up is bad, with its reason and a remedy', async (t) => {
  const cases = [
    ['no answer for 13 min: wrong password, key or port, or a firewall', /doctor there, too/],
    ['silent for 9 s: is it running, and is the network between up?', /has a network/],
    ['the name x.example can not be resolved', /getent/],
    ['the name x.example leads only to addresses that no peer can have: 224.0.0.1 is', /for an address/],
    ['hill: this machine has no IPv6', /such an address/],
    ['its protocol version 8 is too old: at least 20 is needed', /newer/],
    ['the same key is in use at another address: waiting', /fcmesh keygen/],
    ['it talks to another machine that has our key, at 192.0.2.9:1', /fcmesh keygen/],
  ] as const;
  for (const [reason, remedy] of cases)
    t.match(peerFindings([row(reason)], statusOf()), [
      { check: 'peer', state: 'bad', finding: `hill at 192.0.2.1:1: ${reason}`, remedy },
    ]);
  t.match(peerFindings([row('x', { direction: 'in' })], statusOf()), [{ state: 'warning', remedy: null }]);
});

t.test('whoever is turned away is named, and every reason has a remedy', async (t) => {
  for (const reason of REFUSAL_REASONS) {
    const one = map({ endpoint: '192.0.2.9:5', key: 'k.k', reason, count: 3n });
    t.match(peerFindings([], statusOf(one))[1], {
      state: 'warning',
      finding: `192.0.2.9:5 (k.k) is turned away: ${reason}, 3 times`,
      remedy: /./,
    });
  }
});
