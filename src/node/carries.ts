/** Which links carry a path of ours: those are never left to rest. */
import type { LinkTable } from '../link/index.ts';
import type { Sessions } from '../session/index.ts';

/** Marks the first hops of all sessions in the table of the links. */
export function markCarriers({ carries }: LinkTable, sessions: Sessions): void {
  carries.fill(0);
  for (const { number } of sessions.all) {
    const hop = sessions.table.firstHop[number] ?? -1;
    if (hop >= 0) carries[hop] = 1;
  }
}
