/** The life of the daemon once everything is open: admin API, peers, signals. */
import { createAdmin, History } from '../admin/index.ts';
import type { Config } from '../config/index.ts';
import { formatIp6, formatPublicKey } from '../crypto/index.ts';
import type { PeerSnapshot, RehearsalStatus } from '../node/index.ts';
import type { NetworkDevice } from '../underlay/index.ts';
import { bannerLines } from './banner.ts';
import { realClock, realRng } from './clock.ts';
import { type DebugOptions, watchTimers } from './debug.ts';
import { startDialer } from './dialer.ts';
import { Lan } from './lan/lan.ts';
import { SAMPLE_MS, STOP_DELAY_MS, TIDY_AFTER_MS } from './limits.ts';
import type { DaemonLog } from './log.ts';
import { NetworkWatch } from './network-watch.ts';
import type { Platform } from './platform.ts';
import { createReloader } from './reloader.ts';
import type { Resources } from './resources.ts';
import type { DaemonOptions } from './run.ts';
import { bootMs, SleepWatch } from './sleep-watch.ts';
import { collectGarbage } from './tidy.ts';
import { TunWatch } from './tun-watch.ts';

/** What serves, and for whom. */
export type ServeOptions = DaemonOptions & {
  readonly config: Config;
  readonly debug: DebugOptions;
  readonly fileWarnings: readonly string[];
  /** Why other network devices may carry packets of the mesh to us; null: they may not. */
  readonly unguarded: string | null;
  readonly platform: Platform;
  /** What our beacons carry: 20 bytes. */
  readonly beaconPassword: Uint8Array;
  readonly resources: Resources;
  readonly log: DaemonLog;
};

/** Answers, dials, and waits for the end. @returns the exit code; the resources are still open then */
export async function serve(options: ServeOptions): Promise<number> {
  const { config, platform, log } = options;
  const { node, sockets } = options.resources;
  const { ended, end } = ending();
  const dialer = startDialer({ node, peers: config.peers, sockets, clock: realClock, log });
  const tun = config.tun.enabled ? { name: config.tun.name, mtu: config.tun.mtu } : null;
  const guard = guardWarning(options.unguarded);
  const warnings = [...options.fileWarnings, ...platform.warnings, ...rootWarning(), ...guard];
  const watch = tun === null ? null : watchTun(options, tun, end);
  const network = watchNetwork(options, (devices) => {
    sockets.networkChanged();
    node.networkChanged('changed');
    dialer.networkChanged();
    lan.update(devices);
  });
  const lan = new Lan({
    own: tun?.name ?? null,
    key: node.inspect().key,
    password: options.beaconPassword,
    node,
    sockets,
    beacons: options.resources.beacons,
    clock: realClock,
    rng: realRng,
    counters: node.counters,
    log,
    devices: () => network?.devices ?? [],
  });
  const facts = {
    version: options.version,
    pid: process.pid,
    tun,
    tunState: () => ({ guarded: options.unguarded === null, problem: watch?.problem?.text ?? null }),
    listen: sockets.listening,
    lan: () => lan.status(),
    warnings: () => [
      ...problemOf(watch),
      ...warnings,
      ...reloader.current().warnings,
      ...dialer.warnings(),
      ...lan.warnings(),
      ...sameKeyWarnings(node.peers()),
      ...selfTestWarnings(node.rehearsal()),
    ],
    memoryBytes: () => process.memoryUsage.rss(),
    ...(options.debug.timers ? { timerLateUs: watchTimers() } : {}),
  };
  const { password, readonlyPassword } = config.admin;
  const { crypto } = platform;
  const stop = () => void setTimeout(() => end('stop'), STOP_DELAY_MS);
  const history = new History();
  const admin = createAdmin({
    node,
    facts,
    crypto,
    clock: realClock,
    unixMs: () => Date.now(),
    stop,
    password,
    readonlyPassword,
    log,
    history,
    push: (to, datagram) => reloader.adminSocket().push(to, datagram),
    daemon: {
      addPeer: dialer.add,
      removePeer: dialer.remove,
      waiting: dialer.waiting,
      interfaces: sockets.all,
      reload: (bytes) => reloader.takeBytes(bytes),
    },
  });
  const reloader = createReloader({ ...options, admin, dialer, lan });
  log.listen((event) => admin.publish(event));
  options.resources.admin.serve(admin);
  onSignals(end, () => void reloader.rereadFile(), log);
  const sampler = setInterval(() => history.sample(node.peers(), realClock.nowMs(), Date.now()), SAMPLE_MS);
  const sleep = new SleepWatch({ clock: realClock, bootMs }, log, (_, sleptMs) => {
    node.networkChanged('woke', sleptMs);
    dialer.networkChanged();
  });
  const tidying = setTimeout(collectGarbage, TIDY_AFTER_MS);
  printBanner(options, tun);
  lan.use(config.lan);
  await reloader.begin();
  for (const warning of facts.warnings()) log.warn('config.warning', { reason: warning });
  platform.notify('READY=1');
  const reason = await ended;
  platform.notify('STOPPING=1');
  log.info('daemon.down', { reason });
  clearInterval(sampler);
  clearTimeout(tidying);
  sleep.close();
  watch?.close();
  network?.close();
  lan.close();
  dialer.close();
  reloader.close();
  return reason === 'failure' ? 1 : 0;
}

/** Says on stdout who this node is, and in the log that it runs. */
function printBanner(
  { config, file, version, resources, log }: ServeOptions,
  tun: { name: string; mtu: number } | null,
): void {
  const { node, admin, sockets } = resources;
  const { key, address } = node.inspect();
  const lines = bannerLines({
    version,
    address: formatIp6(address),
    key: formatPublicKey(key),
    listening: sockets.listening,
    tun,
    admin: admin.at,
    peers: config.peers.length,
    accept: config.accept.length,
    lan: config.lan.beacon !== 'off',
    file,
  });
  process.stdout.write(`${lines.join('\n')}\n`);
  log.info('daemon.up', { address: formatIp6(address), listen: sockets.listening.join(' '), pid: process.pid });
}

/** Who was started by a service manager is started again, with the rights to put the device in order. */
function watchTun(
  { resources, log }: ServeOptions,
  tun: { readonly name: string; readonly mtu: number },
  end: (reason: string) => void,
): TunWatch {
  const isSupervised = process.env.INVOCATION_ID !== undefined || process.env.NOTIFY_SOCKET !== undefined;
  const address = formatIp6(resources.node.inspect().address);
  return new TunWatch({ ...tun, address }, log, ({ what }) => {
    if (what === 'gone' || (what === 'address missing' && isSupervised)) end('failure');
  });
}

/** null where the engine sees no network. */
function watchNetwork(
  { config, resources, log }: ServeOptions,
  onChange: (devices: readonly NetworkDevice[]) => void,
): NetworkWatch | null {
  const source = resources.engine.network;
  const own = config.tun.enabled ? config.tun.name : null;
  return source === null ? null : new NetworkWatch({ source, clock: realClock, log, own, onChange });
}

function problemOf(watch: TunWatch | null): readonly string[] {
  return watch === null || watch.problem === null ? [] : [watch.problem.text];
}

function guardWarning(reason: string | null): readonly string[] {
  if (reason === null) return [];
  return [
    `this machine's mesh address can be reached from the local network past the firewall, and mesh addresses be forged there: ${reason}; sudo modprobe nf_tables, or give the container CAP_NET_ADMIN`,
  ];
}

/** Packets of our own went through the path and did not come out as they went in. */
function selfTestWarnings({ state }: RehearsalStatus): readonly string[] {
  if (state !== 'failed') return [];
  return ['the self-test failed: packets do not come out as they went in; try "crypto: libsodium", and report it'];
}

/** Neither machine can know it by itself: a neighbour that sees both tells them. */
function sameKeyWarnings(peers: readonly PeerSnapshot[]): readonly string[] {
  return peers.flatMap(({ ownKeyAt, name, endpoint }) =>
    ownKeyAt === null
      ? []
      : [
          `another machine has this node's key: ${name ?? endpoint} sees it at ${ownKeyAt}; give one of the two a new one (fcmesh keygen) under identity`,
        ],
  );
}

function rootWarning(): readonly string[] {
  return process.getuid?.() === 0 ? ['the daemon runs as root: set "user" to somebody with fewer rights'] : [];
}

/** SIGTERM and SIGINT end the daemon, a second one at once; SIGHUP reads the configuration again. */
function onSignals(end: (reason: string) => void, reload: () => void, log: DaemonLog): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      end(signal);
    });
  }
  process.on('SIGHUP', reload);
  // A mistake of ours: say so, take the TUN down, and let the service manager start us again.
  process.on('uncaughtException', (error) => {
    log.error('daemon.failure', { reason: error.stack ?? error.message });
    end('failure');
  });
}

function ending(): { readonly ended: Promise<string>; readonly end: (reason: string) => void } {
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { ended, end: (reason) => end(reason) };
}
