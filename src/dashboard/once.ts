/** `--once`: one frame as plain text, or the data behind it, for scripts, pipes and bug reports. No React in it. */
import { type Ask, look } from './ask.ts';
import { Connection, type Now } from './connection.ts';
import { History } from './history.ts';
import type { Size } from './layout.ts';
import { plainText } from './line.ts';
import { started } from './model.ts';
import { contents } from './screens/frame.ts';
import type { Snapshot } from './snapshot.ts';
import { Store } from './store.ts';

/** What can be printed. */
export type OnceScreen = 'peers' | 'sessions' | 'routes' | 'map' | 'log';

/** Lines that no table fills: everything is printed. */
const ALL_ROWS = 10_000;

/**
 * One frame, without colours.
 * @param columns width of the lines
 * @throws MeshError ERR_NO_DAEMON, ERR_ADMIN_PASSWORD, ERR_ANSWER
 */
export async function printed(ask: Ask, screen: OnceScreen, columns: number, nowMs: Now): Promise<readonly string[]> {
  const size: Size = { columns, rows: ALL_ROWS };
  const store = new Store(started(size, screen), new History());
  const connection = new Connection(ask, store, nowMs);
  await connection.once();
  await connection.allPast();
  const lines = contents(store.get(), store.history).map(plainText);
  // The space that a screen would keep free says nothing here.
  return lines.filter((line, index) => line !== '' || (lines[index - 1] ?? '') !== '').filter(keepLast);
}

/** The data of all screens. @throws as `printed` */
export async function data(ask: Ask): Promise<Snapshot> {
  return look(ask, { sessions: true, routes: true }, null);
}

function keepLast(line: string, index: number, lines: readonly string[]): boolean {
  return line !== '' || index < lines.length - 1;
}
