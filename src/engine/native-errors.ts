/** From errno to an error an operator can act on: each with a remedy. */

import { MeshError } from '../base/index.ts';
import type { TunOptions } from '../packet/index.ts';
import type { HostPort } from '../underlay/index.ts';

type SystemError = { readonly code: string; readonly syscall: string; readonly message: string };

function systemError(error: unknown): SystemError {
  const { code, syscall, message } = (error ?? {}) as Partial<SystemError>;
  return { code: code ?? 'UNKNOWN', syscall: syscall ?? 'unknown', message: message ?? String(error) };
}

/** Runs `call` and turns what it throws into a MeshError. */
export function mapped<T>(call: () => T, map: (error: unknown) => MeshError): T {
  try {
    return call();
  } catch (error) {
    throw map(error);
  }
}

const AS_ROOT = 'Run as root (sudo), or give the service CAP_NET_ADMIN.';

/** Why a TUN device could not be opened: ERR_NO_TUN, ERR_PERMISSION, ERR_TUN_BUSY or ERR_UNSUPPORTED. */
export function tunError(error: unknown, options: TunOptions): MeshError {
  const { code, syscall, message } = systemError(error);
  const what = `TUN device ${options.name}`;
  if (code === 'ERR_CLOSED') return new MeshError(code, message);
  if (syscall === 'open' && (code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO')) {
    const remedy = 'Load the module (modprobe tun); start a container with --device /dev/net/tun --cap-add NET_ADMIN.';
    return new MeshError('ERR_NO_TUN', `${what}: /dev/net/tun is missing`, remedy);
  }
  if (syscall === 'open' && (code === 'EPERM' || code === 'EACCES')) {
    const remedy = `${AS_ROOT} A container needs --device /dev/net/tun --cap-add NET_ADMIN.`;
    return new MeshError('ERR_PERMISSION', `${what}: /dev/net/tun may not be opened`, remedy);
  }
  if (code === 'EACCES' || (code === 'EAFNOSUPPORT' && syscall === 'socket')) {
    const remedy = 'Turn IPv6 on: sysctl -w net.ipv6.conf.default.disable_ipv6=0, and no ipv6.disable=1 at boot.';
    return new MeshError('ERR_UNSUPPORTED', `${what}: IPv6 is disabled on this system`, remedy);
  }
  if (code === 'EPERM') {
    return new MeshError('ERR_PERMISSION', `${what}: not permitted (${syscall})`, AS_ROOT);
  }
  if (code === 'EBUSY') {
    const remedy = 'Stop the other program (perhaps another fcmesh), or set another tun.name.';
    return new MeshError('ERR_TUN_BUSY', `${what}: another program uses it`, remedy);
  }
  if (syscall === 'TUNSETIFF' && code === 'EINVAL') {
    const remedy = 'Set another tun.name: at most 15 letters and digits, and not the name of another device.';
    return new MeshError('ERR_UNSUPPORTED', `${what}: the kernel refuses this name`, remedy);
  }
  const remedy = 'Check tun.name, tun.mtu (1280 to 1984) and that the kernel has TUN and IPv6.';
  return new MeshError('ERR_UNSUPPORTED', `${what}: ${message}`, remedy);
}

/** Why a socket could not be bound: ERR_PORT_IN_USE, ERR_PERMISSION, ERR_ADDRESS, or ERR_NO_ADDRESS where it may come later. */
export function udpError(error: unknown, at: HostPort): MeshError {
  const { code, message } = systemError(error);
  const where = at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
  if (code === 'ERR_CLOSED') return new MeshError(code, message);
  if (code === 'EADDRINUSE') {
    const remedy = `Stop the program that uses it (ss -ulpn 'sport = :${at.port}'), or listen on another port.`;
    return new MeshError('ERR_PORT_IN_USE', `UDP port ${at.port} of ${at.host} is in use`, remedy);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const remedy = 'Listen on a port above 1023, or run as root.';
    return new MeshError('ERR_PERMISSION', `UDP ${where}: not permitted`, remedy);
  }
  if (code === 'EADDRNOTAVAIL') {
    const remedy =
      'Listen on an address this machine has (ip address), on 0.0.0.0 or [::]. One that comes later is tried again by the service.';
    return new MeshError('ERR_NO_ADDRESS', `UDP ${where}: this machine does not have the address`, remedy);
  }
  if (code === 'EAFNOSUPPORT') {
    const remedy = 'Listen on an IPv4 address, or turn IPv6 on.';
    return new MeshError('ERR_ADDRESS', `UDP ${where}: this system has no such address family`, remedy);
  }
  const remedy = 'Give an IPv4 or IPv6 address of this machine and a port from 0 to 65535.';
  return new MeshError('ERR_ADDRESS', `UDP ${where}: ${message}`, remedy);
}

/** Why raw Ethernet could not be opened: ERR_PERMISSION or ERR_UNSUPPORTED. */
export function ethernetError(error: unknown): MeshError {
  const { code, message } = systemError(error);
  if (code === 'ERR_CLOSED') return new MeshError(code, message);
  if (code === 'EPERM' || code === 'EACCES') {
    const remedy = 'Restart it as root (sudo), or give the service CAP_NET_RAW: a running daemon has given both up.';
    return new MeshError('ERR_PERMISSION', 'raw Ethernet (eth://) needs root or CAP_NET_RAW', remedy);
  }
  const remedy = 'Load the module (modprobe af_packet), or use udp://.';
  return new MeshError('ERR_UNSUPPORTED', `raw Ethernet (eth://) cannot be opened: ${message}`, remedy);
}

/** Why the addon could not be loaded: ERR_LIBSODIUM or ERR_ADDON. */
export function loadError(error: unknown, path: string): MeshError {
  const { code, message } = systemError(error);
  if (code === 'ERR_LIBSODIUM' || message.includes('libsodium')) {
    const remedy = 'Install libsodium: apt-get install -y libsodium23 (or your system’s libsodium).';
    return new MeshError('ERR_LIBSODIUM', 'libsodium is missing', remedy);
  }
  if (code === 'MODULE_NOT_FOUND') {
    return new MeshError('ERR_ADDON', `the native addon is not built (${path})`, 'Build it: scripts/build-native');
  }
  return new MeshError('ERR_ADDON', `the native addon cannot be loaded: ${message}`, 'Build it: scripts/build-native');
}
