/**
 * Which hosts a peer can have, and this machine can listen at, whatever the transport above IP. Addresses of
 * documentation (192.0.2.0/24, 2001:db8::/32) pass: a test network may use them; and so does 127.0.0.0/8, for two nodes of
 * one machine.
 */
import { domainToASCII } from 'node:url';
import { type Mistake, mistake } from '../base/index.ts';
import { isLinkLocal } from './device.ts';
import { formatHostPort, type HostPort, parseHostPort } from './host-port.ts';
import { bytesOf, isIp6, isLoopback, isMeshHost, isZone, splitZone } from './ip.ts';
import { MAX_DEVICE_NAME_BYTES } from './limits.ts';

/**
 * What is wrong with a host (a name, or an address without brackets) as that of a peer; null: nothing.
 * @param scheme of the transport, for the suggestion
 */
export function checkPeerHost(scheme: string, at: HostPort): Mistake | null {
  const bytes = bytesOf(at.host);
  if (bytes === null)
    return isOwnName(at.host) ? mistake('is this very machine', meant(scheme, { ...at, host: '127.0.0.1' })) : null;
  if (isZero(bytes, 0, bytes.length)) return mistake('is no address but the word for "any"', PEERS_OWN);
  return checkForm(scheme, at, bytes);
}

/** What is wrong with an address to listen at: as `checkPeerHost`, but "any" (0.0.0.0, ::) is welcome. */
export function checkListenHost(scheme: string, at: HostPort): Mistake | null {
  const bytes = bytesOf(at.host);
  if (bytes === null) {
    const any = meant(scheme, { ...at, host: '0.0.0.0' });
    return mistake('must be an address of this machine, not a name', any);
  }
  return isZero(bytes, 0, bytes.length) ? null : checkForm(scheme, at, bytes);
}

/** Forms that no machine has, or that say less than is needed to reach it. */
function checkForm(scheme: string, at: HostPort, bytes: readonly number[]): Mistake | null {
  return bytes.length === 4 ? checkIp4(bytes) : checkIp6(scheme, at, bytes);
}

/** RFC 1122 §3.2.1.3 (0.0.0.0/8), RFC 5771 (224.0.0.0/4), RFC 1112 §4 (240.0.0.0/4), RFC 919 (broadcast). */
function checkIp4(bytes: readonly number[]): Mistake | null {
  const [first = 0] = bytes;
  if (first === 0) return mistake('lies in 0.0.0.0/8, which no machine has', PEERS_OWN);
  if (first >= 224 && first < 240) return mistake('is a multicast address, a group and no machine', PEERS_OWN);
  if (bytes.every((byte) => byte === 255))
    return mistake('is the broadcast address, everybody and no machine', PEERS_OWN);
  return first >= 240 ? mistake('lies in 240.0.0.0/4, which no machine has', PEERS_OWN) : null;
}

/** RFC 4291 §2.5.5 (IPv4 inside IPv6), §2.5.6 (link-local), §2.7 (multicast); RFC 6666 (100::/64). */
function checkIp6(scheme: string, { host, port }: HostPort, bytes: readonly number[]): Mistake | null {
  const [plain, zone] = splitZone(host);
  if (isMeshHost(host))
    return mistake('lies inside the mesh (fc00::/8)', "use the peer's address in the network below");
  if (bytes[0] === 0xff) return mistake('is a multicast address, a group and no machine', PEERS_OWN);
  const four = bytes.slice(12);
  const isMapped = isZero(bytes, 0, 10) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped || (isZero(bytes, 0, 12) && !isLoopback(host))) {
    const instead = checkIp4(four) === null ? meant(scheme, { host: four.join('.'), port }) : PEERS_OWN;
    return mistake('is an IPv4 address in the form of IPv6', instead);
  }
  if (bytes[0] === 0x01 && isZero(bytes, 1, 8))
    return mistake('lies in 100::/64, where packets are thrown away', PEERS_OWN);
  if (!isLinkLocal(host) || zone !== null) return null;
  return mistake(
    'is the same on every network: it needs the device that leads there',
    meant(scheme, { host: `${plain}%eth0`, port }),
  );
}

const PEERS_OWN = 'write the one address of the machine that is meant';

function isZero(bytes: readonly number[], start: number, end: number): boolean {
  return bytes.slice(start, end).every((byte) => byte === 0);
}

/** RFC 6761 §6.3; the dialler takes no name that leads to this machine (abuse case N8). */
function isOwnName(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}

function meant(scheme: string, at: HostPort): string {
  return didYouMean(scheme, formatHostPort(at));
}

function didYouMean(scheme: string, rest: string): string {
  return `did you mean "${scheme}://${rest}"?`;
}

/** What keeps a text from being `HOST:PORT`, part by part; null where nothing can be told apart. */
export function explainHostPort(scheme: string, text: string): Mistake | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIp6(bare) && bare === text)
    return mistake('needs brackets around an IPv6 address, and a port', didYouMean(scheme, `[${text}]:21000`));
  if (isIp6(bare) || (/^[^/:]+$/.test(text) && parseHostPort(`${text}:1`) !== null))
    return mistake('lacks the port', didYouMean(scheme, `${text}:21000`));
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (host === '') return null;
  if (parseHostPort(`${host}:1`) !== null)
    return mistake(`has the port ${port.slice(0, 20)}`, 'a port is a number from 1 to 65535');
  if (isIp6(host)) return mistake('needs brackets around an IPv6 address', didYouMean(scheme, `[${host}]:${port}`));
  const zone = /^\[[0-9a-f:.]+%(.*)\]$/i.exec(host)?.[1];
  if (zone !== undefined && !isZone(zone))
    return mistake('names a device that cannot be', `a name has 1 to ${MAX_DEVICE_NAME_BYTES} bytes, such as %eth0`);
  if (/^[\da-fx.]+$/i.test(host) && /^\d/.test(host) && host.includes('.'))
    return mistake('is no IPv4 address', 'write four numbers from 0 to 255, without zeros in front');
  const ascii = domainToASCII(host);
  const isForeign = ascii !== '' && ascii !== host.toLowerCase() && parseHostPort(`${ascii}:1`) !== null;
  return isForeign ? mistake('has letters that no host name has', didYouMean(scheme, `${ascii}:${port}`)) : null;
}
