/**
 * What can be exchanged while the daemon runs: the configuration in force, the admin socket and the metrics. One change at
 * a time; a configuration with mistakes changes nothing.
 */
import { type Admin, type ReloadReport, renderMetrics } from '../admin/index.ts';
import { MeshError } from '../base/index.ts';
import { type Config, ConfigError, formatProblem, readConfigFile, readReloadable } from '../config/index.ts';
import { type AdminSocket, openAdminSocket } from './admin-socket.ts';
import type { Dialer } from './dialer.ts';
import type { Lan } from './lan/lan.ts';
import { STOP_DELAY_MS } from './limits.ts';
import type { DaemonLog } from './log.ts';
import type { MetricsServer } from './metrics-server.ts';
import type { Platform } from './platform.ts';
import { applyConfig, inForce } from './reload.ts';
import type { Resources } from './resources.ts';

/** What a reloader works with. */
export type ReloaderOptions = {
  readonly version: string;
  /** Where the configuration came from, and what it was. */
  readonly file: string;
  readonly config: Config;
  readonly platform: Platform;
  readonly resources: Resources;
  readonly log: DaemonLog;
  readonly admin: Admin;
  readonly dialer: Dialer;
  readonly lan: Pick<Lan, 'use'>;
};

/** Takes configurations over. */
export type Reloader = {
  /** The configuration in force. */
  readonly current: () => Config;
  readonly adminSocket: () => AdminSocket;
  /** Begins what the first configuration asks for. */
  readonly begin: () => Promise<void>;
  /** The bytes of `renderReloadable`; they are wiped. @throws MeshError ERR_CONFIG: nothing was changed then */
  readonly takeBytes: (bytes: Uint8Array) => Promise<ReloadReport>;
  /** Reads the file again (SIGHUP); what is wrong with it goes to the log, and nothing changes. */
  readonly rereadFile: () => Promise<void>;
  readonly close: () => void;
};

/** Makes the reloader of one daemon. */
export function createReloader(options: ReloaderOptions): Reloader {
  const { resources, log, platform, admin, dialer, lan } = options;
  let current = options.config;
  let socket = resources.admin;
  let metrics: MetricsServer | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function moveAdmin({ admin: { listen } }: Config): Promise<void> {
    const before = socket;
    socket = await openAdminSocket(listen);
    socket.serve(admin);
    // The reply to whoever asked for this leaves by the old one.
    setTimeout(before.close, STOP_DELAY_MS).unref();
  }

  async function moveMetrics({ metrics: { listen } }: Config): Promise<void> {
    metrics?.close();
    metrics = null;
    if (listen === null) return;
    const { openMetricsServer } = await import('./metrics-server.ts');
    metrics = await openMetricsServer(listen, render);
  }

  const moveLan = (next: Config): void => lan.use(next.lan);

  function render(): string {
    const { user, system } = process.cpuUsage();
    return renderMetrics(resources.node.inspect(), {
      version: options.version,
      memoryBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      logStreams: admin.subscriptions(),
    });
  }

  function take(next: Config): Promise<ReloadReport> {
    const to = { node: resources.node, crypto: platform.crypto, dialer, sockets: resources.sockets, log, admin };
    const work = last.then(async () => {
      const report = await applyConfig(current, next, { ...to, moveAdmin, moveMetrics, moveLan });
      current = inForce(current, next, report);
      return report;
    });
    last = work.catch(() => undefined);
    return work;
  }

  return {
    current: () => current,
    adminSocket: () => socket,
    begin: async () => {
      try {
        await moveMetrics(current);
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        log.error('metrics.failed', { reason: error.message });
      }
    },
    takeBytes: async (bytes) => {
      const read = readReloadable(bytes);
      if (read.ok) return take(read.config);
      const [first] = read.problems;
      throw new MeshError('ERR_CONFIG', first === undefined ? 'it is empty' : formatProblem(first, 'configuration'));
    },
    rereadFile: async () => {
      try {
        const { config } = readConfigFile(options.file);
        const { warnings } = await take(config);
        for (const warning of warnings) log.warn('config.warning', { reason: warning });
      } catch (error) {
        log.warn('config.refused', { file: options.file, reason: reasonOf(error) });
      }
    },
    close: () => {
      metrics?.close();
      socket.close();
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message.split('\n')[0] ?? '';
  if (error instanceof MeshError && error.message.includes('permission denied')) {
    return 'the daemon is no longer root and may not read the file: use "fcmesh reload"';
  }
  return error instanceof Error ? error.message : String(error);
}
