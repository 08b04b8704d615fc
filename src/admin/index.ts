/**
 * The admin API: bencoded questions about a running node, and orders to it, as pure functions on datagrams.
 *
 * Promises: hostile requests get a typed error or no reply, never a throw; a cookie is good once; whoever tries
 * passwords is slowed down; replies of our own functions stay below 8 KB; pages of one reading fit together.
 * Refuses: to open a socket (`daemon/` does), to look into a layer (it sees `NodeControl.inspect()` only).
 * Follows protocol 10; functions named Fcmesh_... are ours.
 */
export { plainRequest, type Question, type Sha256, signedRequest } from './auth.ts';
export {
  type DaemonControl,
  type InterfaceFacts,
  NO_DAEMON,
  type ReloadReport,
  type WaitingPeer,
} from './daemon-control.ts';
export type { Facts, LanStatus } from './function.ts';
export { History, type Sample } from './history.ts';
export type { LogLine } from './log-hub.ts';
export { METRICS_TYPE, type MetricsFacts, renderMetrics } from './metrics.ts';
export { type Admin, type AdminOptions, createAdmin, type Sender } from './server.ts';
