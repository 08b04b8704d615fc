/** The life of the daemon once everything is open: admin API, peers, signals. */
import { createAdmin } from '../admin/index.ts';
import type { Config } from '../config/index.ts';
import { formatIp6, formatPublicKey } from '../crypto/index.ts';
import { bannerLines } from './banner.ts';
import { realClock } from './clock.ts';
import { startDialer } from './dialer.ts';
import { STOP_DELAY_MS } from './limits.ts';
import type { DaemonLog } from './log.ts';
import type { Platform } from './platform.ts';
import type { DaemonOptions } from './run.ts';
import type { World } from './world.ts';

/** What serves, and for whom. */
export type ServeOptions = DaemonOptions & {
  readonly config: Config;
  readonly fileWarnings: readonly string[];
  readonly platform: Platform;
  readonly world: World;
  readonly log: DaemonLog;
};

/** Answers, dials, and waits for the end. @returns the exit code; the world is still open then */
export async function serve(options: ServeOptions): Promise<number> {
  const { config, platform, log } = options;
  const { node, admin, sockets } = options.world;
  const { ended, end } = ending();
  onSignals(end, log);
  const dialer = startDialer({ node, peers: config.peers, sockets, clock: realClock, log });
  const tun = config.tun.enabled ? { name: config.tun.name, mtu: config.tun.mtu } : null;
  const warnings = [...options.fileWarnings, ...config.warnings, ...platform.warnings, ...rootWarning()];
  const facts = {
    version: options.version,
    pid: process.pid,
    tun,
    listen: sockets.listening,
    warnings: () => [...warnings, ...dialer.warnings()],
  };
  const { password, readonlyPassword } = config.admin;
  const { crypto } = platform;
  const stop = () => void setTimeout(() => end('stop'), STOP_DELAY_MS);
  const unixMs = () => Date.now();
  admin.serve(createAdmin({ node, facts, crypto, clock: realClock, unixMs, stop, password, readonlyPassword, log }));
  greet(options, tun);
  for (const warning of warnings) log.warn('config.warning', { reason: warning });
  platform.notify('READY=1');
  const reason = await ended;
  platform.notify('STOPPING=1');
  log.info('daemon.down', { reason });
  dialer.close();
  return reason === 'failure' ? 1 : 0;
}

/** Says on stdout who this node is, and in the log that it runs. */
function greet({ config, file, version, world, log }: ServeOptions, tun: { name: string; mtu: number } | null): void {
  const { node, admin, sockets } = world;
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
    file,
  });
  process.stdout.write(`${lines.join('\n')}\n`);
  log.info('daemon.up', { address: formatIp6(address), listen: sockets.listening.join(' '), pid: process.pid });
}

function rootWarning(): readonly string[] {
  return process.getuid?.() === 0 ? ['the daemon runs as root: set "user" to somebody with fewer rights'] : [];
}

/** SIGTERM and SIGINT end the daemon, a second one at once; SIGHUP only says what it can not do yet. */
function onSignals(end: (reason: string) => void, log: DaemonLog): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      end(signal);
    });
  }
  process.on('SIGHUP', () => {
    log.warn('reload.not_built', { reason: 'reloading is not built yet: restart the daemon' });
  });
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
