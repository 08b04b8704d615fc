/** The network devices of this machine, as whoever looks for neighbours sees them. */
import { bytesOf } from './ip.ts';

/** An address on a device; `host` without zone. */
export type DeviceAddress = { readonly host: string; readonly prefixLength: number };

/** One network device. */
export type NetworkDevice = {
  /** The kernel's number of it, from 1 on. */
  readonly index: number;
  readonly name: string;
  /** What of hardware it is or looks like. */
  readonly link: 'ethernet' | 'loopback' | 'none' | 'other';
  /** The driver's word for a device that is made of software (`bridge`, `veth`, `wireguard`); null: hardware. */
  readonly kind: string | null;
  /** `aa:bb:cc:dd:ee:ff`; null where it has none. */
  readonly mac: string | null;
  readonly mtuBytes: number;
  /** It is switched on. */
  readonly isUp: boolean;
  /** The cable is plugged in, or the radio is connected. */
  readonly hasCarrier: boolean;
  /** The bridge or bond that it is a port of, by number: frames are seen there, not here. */
  readonly master: number | null;
  readonly addresses: readonly DeviceAddress[];
};

/** The numbers of ARPHRD_* (include/uapi/linux/if_arp.h) that are told apart. */
const LINKS: Readonly<Record<number, NetworkDevice['link']>> = { 1: 'ethernet', 772: 'loopback', 65534: 'none' };

/** What a device is by the kernel's number for its hardware. */
export function linkOfHardware(type: number): NetworkDevice['link'] {
  return LINKS[type] ?? 'other';
}

/**
 * The address of everybody on the segment of an IPv4 address: all bits behind the prefix set (RFC 919 §7).
 * @returns null for IPv6, and where there is nobody else (/31, /32)
 */
export function broadcastOf({ host, prefixLength }: DeviceAddress): string | null {
  const bytes = bytesOf(host);
  if (bytes?.length !== 4 || prefixLength > 30) return null;
  return bytes.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, prefixLength - 8 * index)))).join('.');
}

/** Whether `host` lies on the segment of an address: it can be reached there without a router. */
export function isOnSegment({ host: own, prefixLength }: DeviceAddress, host: string): boolean {
  const [ours, theirs] = [bytesOf(own), bytesOf(host)];
  if (ours === null || theirs === null || ours.length !== theirs.length) return false;
  return ours.every((byte, index) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * index))) & 0xff;
    return ((byte ^ (theirs[index] ?? 0)) & mask) === 0;
  });
}

/** fe80::/10 (RFC 4291 §2.5.6), with or without a zone. */
export function isLinkLocal(host: string): boolean {
  const bytes = bytesOf(host);
  return bytes?.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
