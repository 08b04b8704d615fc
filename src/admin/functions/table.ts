/** All functions of the admin socket; a new family is one file and one line here. */
import type { AdminFunction } from '../function.ts';
import { adminLog } from './admin-log.ts';
import { core } from './core.ts';
import { fcmeshConfig } from './fcmesh-config.ts';
import { fcmeshHistory } from './fcmesh-history.ts';
import { fcmeshStatus } from './fcmesh-status.ts';
import { fcmeshTools } from './fcmesh-tools.ts';
import { interfaces } from './interfaces.ts';
import { nodeStore } from './node-store.ts';
import { passwords } from './passwords.ts';
import { reachability } from './reachability.ts';
import { router } from './router.ts';
import { searchRunner } from './search-runner.ts';
import { seeder } from './seeder.ts';
import { sessionManager } from './session-manager.ts';
import { supernode } from './supernode.ts';
import { switchPinger } from './switch-pinger.ts';
import { nothing, unsupported } from './unsupported.ts';

export const FUNCTIONS: readonly AdminFunction[] = [
  ...core,
  ...interfaces,
  ...passwords,
  ...nodeStore,
  ...router,
  ...searchRunner,
  ...switchPinger,
  ...sessionManager,
  ...supernode,
  ...reachability,
  ...seeder,
  ...adminLog,
  ...unsupported,
  ...nothing,
  ...fcmeshStatus,
  ...fcmeshTools,
  ...fcmeshHistory,
  ...fcmeshConfig,
];
