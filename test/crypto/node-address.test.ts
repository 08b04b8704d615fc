import t from 'tap';
import { formatNodeAddress, loadNodeBackend, parseNodeAddress } from '../../src/crypto/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Address = { text: string; version: number; label: string; publicKey: string; invalid?: boolean };
const { address } = vectors<{ address: Address[] }>('identity');
const { nodes } = vectors<{ nodes: { key: string; ip6: string; addr: string }[] }>('dht');
const backend = await loadNodeBackend();

t.test('the vectors of stock nodes', async (t) => {
  for (const { text, version, label, publicKey, invalid } of address) {
    const node = parseNodeAddress(backend, text);
    if (invalid) {
      t.equal(node, null, text);
      continue;
    }
    t.match(node, { protocol: version, label: BigInt(`0x${label}`), publicKey: hex(publicKey) });
    if (node) t.equal(formatNodeAddress(node), text);
  }
});

t.test('the addresses of the router vectors', async (t) => {
  for (const { key, ip6, addr } of nodes) {
    t.match(parseNodeAddress(backend, addr), { publicKey: hex(key), address: hex(ip6) });
  }
});

t.test('nothing may be missing, foreign or behind it', async (t) => {
  const good = nodes[0]?.addr ?? '';
  const refused = ['', 'v', `${good} `, ` ${good}`, `${good}.k`, good.replace('v20', 'v'), good.replace('v20', 'V20')];
  const damaged = [good.replace('0013', '001g'), good.replace('v20', 'v-1'), good.replace('v20', 'v1234567890')];
  for (const text of [...refused, ...damaged, good.replace('h9', 'a9')])
    t.equal(parseNodeAddress(backend, text), null, text);
});
