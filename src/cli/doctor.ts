/** `fcmesh doctor`: what is missing or wrong on this machine, each finding with its remedy. Changes nothing. */

import { createSocket } from 'node:dgram';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type BencodeMap, getMap, MeshError } from '../base/index.ts';
import { type Config, readConfigFile } from '../config/index.ts';
import { isMeshAddress, parseIp6 } from '../crypto/index.ts';
import { loadAddon } from '../engine/index.ts';
import { formatEndpoint, hostPortOf, isIp6 } from '../underlay/index.ts';
import { clientOf } from './connect.ts';
import { firewallFinding } from './doctor-firewall.ts';
import { peerFindings } from './doctor-peers.ts';
import { engineDetailsOf, engineText } from './engine-text.ts';
import { countOf, textOf } from './fields.ts';
import { type Finding, found } from './finding.ts';
import { networkFindings, networkOf } from './network.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, print, printJson, styled, withProgress } from './output.ts';
import { knock } from './probe.ts';
import { renderPairs } from './table.ts';

/** What both layers of encryption add to a packet of the TUN, headers of IPv6 and UDP included (bytes). */
const OVERHEAD_BYTES = 196;

/** @returns 1 if something is bad */
export async function run(options: CommonOptions): Promise<number> {
  const config = configOf(options);
  const isRunning = await daemonOf(options);
  const findings: Finding[] = [
    config.finding,
    isRunning.finding,
    engine(),
    tun(config.config),
    ...isRunning.device,
    capabilities(config.config, isRunning.runs),
    ...(await ports(config.config, isRunning.runs)),
    firewallFinding(config.config),
    clock(),
    mtu(config.config),
    ...isRunning.network(config.config?.lan.beacon ?? null),
    ...isRunning.peers,
  ];
  if (options.json === true) printJson(findings);
  else {
    const marks = { good: styled('green', 'good'), warning: styled('yellow', 'warn'), bad: styled('red', 'bad ') };
    for (const { check, state, finding, remedy } of findings) {
      print(...renderPairs([[`${marks[state]}  ${check.padEnd(13)}`, finding]]));
      if (remedy !== null) print(`                     ${remedy}`);
    }
  }
  return findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.done;
}

function configOf(options: CommonOptions): { readonly config: Config | null; readonly finding: Finding } {
  const file = configFileOf(options);
  if (options.admin !== undefined && options.config === undefined && !existsSync(file)) {
    return { config: null, finding: found('configuration', 'good', 'none is read with --admin') };
  }
  try {
    const read = readConfigFile(file);
    const [warning] = read.warnings;
    return {
      config: read.config,
      finding:
        warning === undefined ? found('configuration', 'good', file) : found('configuration', 'warning', warning),
    };
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    const [first = ''] = error.message.split('\n');
    return { config: null, finding: found('configuration', 'bad', first, error.remedy ?? 'Try "fcmesh check".') };
  }
}

/** What the running daemon says, of itself, its network device and its links. */
type Running = {
  readonly runs: boolean;
  readonly finding: Finding;
  readonly device: readonly Finding[];
  readonly network: (lan: Config['lan']['beacon'] | null) => readonly Finding[];
  readonly peers: readonly Finding[];
};

async function daemonOf(options: CommonOptions): Promise<Running> {
  try {
    const client = clientOf(options);
    const status = await client.call('Fcmesh_status');
    const peers = await client.list('Fcmesh_peers', 'peers');
    const moves = engineText(textOf(status, 'engine'), engineDetailsOf(getMap(status, 'engineDetails') ?? new Map()));
    return {
      runs: true,
      finding: found('daemon', 'good', `runs, pid ${countOf(status, 'pid')}, engine ${moves}`),
      device: deviceOf(getMap(status, 'tun')),
      network: (lan) => networkFindings(networkOf(status), lan),
      peers: await withProgress('asking the network', options.json === true, peerFindings(peers, status, knock)),
    };
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    const runs = error.code === 'ERR_ADMIN_PASSWORD';
    return {
      runs,
      finding: found('daemon', 'warning', error.message, error.remedy),
      device: [],
      network: () => [],
      peers: [],
    };
  }
}

function deviceOf(tun: BencodeMap | null): readonly Finding[] {
  if (tun === null) return [];
  const problem = textOf(tun, 'problem');
  const name = textOf(tun, 'name') ?? 'the device';
  const [what = '', remedy] = (problem ?? '').split(/: (?=sudo )/);
  const isGuarded = countOf(tun, 'guarded') === 1;
  return [
    problem === null
      ? found('device', 'good', `${name} is up and has its address`)
      : found('device', 'bad', what, remedy ?? null),
    isGuarded
      ? found('guard', 'good', `other network devices carry nothing of the mesh`)
      : found(
          'guard',
          'warning',
          'the mesh address can be reached from the local network, past the firewall',
          'The log says why (config.warning); sudo modprobe nf_tables, or give the container CAP_NET_ADMIN.',
        ),
  ];
}

function engine(): Finding {
  try {
    loadAddon();
    return found('engine', 'good', 'the native engine is there');
  } catch (error) {
    const [message, remedy] = error instanceof MeshError ? [error.message, error.remedy] : [String(error), null];
    return found('engine', 'bad', message, remedy ?? 'Build it with: scripts/build-native');
  }
}

function tun(config: Config | null): Finding {
  if (config?.tun.enabled === false) return found('tun', 'good', 'not wanted: this node relays only');
  if (existsSync('/dev/net/tun')) return found('tun', 'good', '/dev/net/tun is there');
  const remedy = 'sudo modprobe tun; for a container: --device /dev/net/tun --cap-add NET_ADMIN';
  return found('tun', 'bad', '/dev/net/tun is missing', remedy);
}

/** CAP_NET_ADMIN is bit 12 of the effective set. */
function capabilities(config: Config | null, isRunning: boolean): Finding {
  if (config?.tun.enabled === false) return found('capabilities', 'good', 'none are needed without a TUN');
  if (isRunning) return found('capabilities', 'good', 'the daemon had what it needs');
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readOr('/proc/self/status', ''))?.[1] ?? '0';
  if ((BigInt(`0x${line}`) & (1n << 12n)) !== 0n) return found('capabilities', 'good', 'CAP_NET_ADMIN is there');
  return found(
    'capabilities',
    'warning',
    'this user may not open a network device',
    'Start the daemon with sudo, or as the service.',
  );
}

async function ports(config: Config | null, isRunning: boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const at of config?.listen ?? []) {
    const place = hostPortOf(at);
    if (place === null) continue;
    const problem = isRunning ? null : await bindProblem(place.host, place.port);
    const where = formatEndpoint(at);
    if (problem === null) findings.push(found('port', 'good', `${where} ${isRunning ? 'is the daemon' : 'is free'}`));
    else findings.push(found('port', 'bad', `${where}: ${problem}`, BIND_REMEDIES[problem] ?? 'Change "listen".'));
  }
  return findings;
}

const BIND_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'in use by another program',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'only root may use this port',
};
const BIND_REMEDIES: Readonly<Record<string, string>> = {
  'in use by another program': 'Stop the other program, or change "listen".',
  'is no address of this machine': 'Write one of "ip address" under "listen", or 0.0.0.0 for all of them.',
};

function bindProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIp6(host) ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(BIND_PROBLEMS[error.code ?? ''] ?? `cannot be opened (${error.code})`);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}

function clock(): Finding {
  const year = new Date().getFullYear();
  if (year < 2025)
    return found(
      'clock',
      'bad',
      `this machine believes it is ${year}`,
      'Set the clock: admin cookies and logs depend on it.',
    );
  const isSynchronised = existsSync('/run/systemd/timesync/synchronized') || existsSync('/run/chrony');
  return found('clock', 'good', isSynchronised ? 'synchronised' : 'plausible; fcmesh needs no exact time');
}

function mtu(config: Config | null): Finding {
  const names = Object.entries(networkInterfaces())
    .filter(([, addresses]) => (addresses ?? []).some(({ internal, address }) => !internal && !isOfMesh(address)))
    .map(([name]) => name)
    .filter((name) => name !== config?.tun.name);
  const sizes = names
    .filter(readableDevice)
    .map((name) => ({ name, bytes: Number(readOr(`/sys/class/net/${name}/mtu`, '0').trim()) }))
    .filter(({ bytes }) => bytes > 0);
  const smallest = sizes.sort((a, b) => a.bytes - b.bytes)[0];
  const needed = (config?.tun.mtu ?? 1304) + OVERHEAD_BYTES;
  if (names.length > 0 && smallest === undefined)
    return found('mtu', 'good', `not known: /sys/class/net does not show ${names.join(', ')}`);
  if (smallest === undefined)
    return found('mtu', 'warning', 'no network device has an address', 'Connect this machine to a network.');
  if (smallest.bytes >= needed) return found('mtu', 'good', `${smallest.name} takes ${smallest.bytes} bytes`);
  const remedy = `If peers are reached over it, large packets are cut up: set tun.mtu to ${Math.max(1280, smallest.bytes - OVERHEAD_BYTES)}.`;
  return found('mtu', 'warning', `${smallest.name} takes ${smallest.bytes} bytes, ${needed} are wanted`, remedy);
}

/** Peers are not reached over the mesh itself. */
function isOfMesh(address: string): boolean {
  const parsed = parseIp6(address);
  return parsed !== null && isMeshAddress(parsed);
}

function readableDevice(name: string): boolean {
  try {
    accessSync(`/sys/class/net/${name}`, constants.R_OK);
    return readdirSync(`/sys/class/net/${name}`).includes('mtu');
  } catch {
    return false;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
