/** All functions of the admin socket; a new family is one file and one line here. */
import type { AdminFunction } from '../function.ts';
import { core } from './core.ts';
import { fcmeshStatus } from './fcmesh-status.ts';
import { fcmeshTools } from './fcmesh-tools.ts';
import { interfaces } from './interfaces.ts';
import { passwords } from './passwords.ts';
import { router } from './router.ts';
import { sessionManager } from './session-manager.ts';

export const FUNCTIONS: readonly AdminFunction[] = [
  ...core,
  ...interfaces,
  ...passwords,
  ...router,
  ...sessionManager,
  ...fcmeshStatus,
  ...fcmeshTools,
];
