/**
 * Raw Ethernet: `eth://eth0` is a device to listen at, `eth://02:00:00:00:00:01@eth0` a peer behind one. The device need not be
 * there yet: it may be plugged in later. Source: protocol 04 §9.4.
 */
import { type Mistake, mistake } from '../../base/index.ts';
import type { HostPort } from '../host-port.ts';
import { isDeviceName } from '../ip.ts';
import type { Transport } from './transport.ts';

/** A device of this machine, and the address of the peer behind it; `aa:bb:cc:dd:ee:ff`, null: the device alone. */
export type EthEndpoint = { readonly transport: 'eth'; readonly device: string; readonly mac: string | null };

const SCHEME = 'eth';
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const EXAMPLE = 'for example eth://02:00:00:00:00:01@eth0, with the address that "ip link" shows on the other machine';

export const eth: Transport<EthEndpoint> = {
  scheme: SCHEME,
  parse,
  format: ({ device, mac }) => (mac === null ? device : `${mac}@${device}`),
  hostPortOf: () => null,
  senderOf: ({ device, mac }) => (mac === null ? null : { host: `${mac}@${device}`, port: 0 }),
  checkListen: ({ device, mac }) =>
    mac === null ? null : mistake('names a peer, not a place to listen at', `did you mean "${SCHEME}://${device}"?`),
  checkPeer: ({ mac }) => (mac === null ? mistake('names a device, but no peer behind it', EXAMPLE) : checkMac(mac)),
  explain,
};

/** The endpoint of a sender as the engine names it; null for one of another transport. */
export function ethSender({ host, port }: HostPort): EthEndpoint | null {
  const at = port === 0 && host.includes('@') ? parse(host) : null;
  return at === null || at.mac === null ? null : at;
}

function parse(rest: string): EthEndpoint | null {
  const at = rest.indexOf('@');
  const mac = rest.slice(0, Math.max(at, 0)).toLowerCase();
  if (!MAC.test(mac)) return isDeviceName(rest) ? { transport: SCHEME, device: rest, mac: null } : null;
  const device = rest.slice(at + 1);
  return isDeviceName(device) ? { transport: SCHEME, device, mac } : null;
}

/** IEEE 802: the lowest bit of the first byte says that it is a group, all bits set that it is everybody. */
function checkMac(mac: string): Mistake | null {
  if (mac === 'ff:ff:ff:ff:ff:ff') return mistake('has the address of everybody, which is no machine', EXAMPLE);
  if (mac === '00:00:00:00:00:00') return mistake('has an address of zeros, which no machine has', EXAMPLE);
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return isGroup ? mistake('has the address of a group, which is no machine', EXAMPLE) : null;
}

function explain(rest: string): Mistake | null {
  if (MAC.test(rest)) return mistake('lacks the device', `did you mean "${SCHEME}://${rest.toLowerCase()}@eth0"?`);
  const [, address = '', device = ''] = /^([0-9a-f:.-]+)@(.*)$/i.exec(rest) ?? [];
  const digits = address.replace(/[:.-]/g, '').toLowerCase();
  if (digits.length === 12 && isDeviceName(device)) {
    const colons = digits.match(/../g)?.join(':') ?? '';
    return mistake('has no Ethernet address in front of the @', `did you mean "${SCHEME}://${colons}@${device}"?`);
  }
  return mistake(
    'names no device',
    `a name has 1 to 15 bytes: ${SCHEME}://eth0 to listen; a peer is written ${EXAMPLE}`,
  );
}
