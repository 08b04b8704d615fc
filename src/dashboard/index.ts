/**
 * The dashboard: the mesh live in a terminal, as a process of its own.
 *
 * Promises: talks to the admin API only; draws what is seen, at most once a second plus once for a key; every number
 * has its unit, what is not known is `-`, what is wrong says what to do; a daemon that goes away leaves the last frame,
 * greyed, and its return is noticed; all that is kept is bounded (limits.ts).
 * Refuses: to change anything in the daemon; to be loaded by it (React stays out of the root process). `runDashboard`
 * loads React when it is called; `printed` and `data` never do.
 * Follows protocol 10 (admin API) and the manual, "The dashboard".
 */
import type { Ask } from './ask.ts';
import type { OnceScreen } from './once.ts';

export type { Ask } from './ask.ts';
export { data, type OnceScreen, printed } from './once.ts';

/** Shows the dashboard until the user quits. @throws MeshError if the first look fails */
export async function runDashboard(ask: Ask, screen: OnceScreen): Promise<void> {
  return (await import('./start.tsx')).runDashboard(ask, screen);
}
