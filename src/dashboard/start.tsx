/** Runs the dashboard on a terminal: takes the screen over, and gives it back as it was, however it ends. */
import { render } from 'ink';
import { App, sizeOf } from './app.tsx';
import type { Ask } from './ask.ts';
import { Connection } from './connection.ts';
import { History } from './history.ts';
import { type Screen, started } from './model.ts';
import { ENTER, LEAVE } from './paint.ts';
import { Store } from './store.ts';
import { themeFor } from './theme.ts';

/**
 * Shows the dashboard until the user quits.
 * @throws MeshError ERR_NO_DAEMON, ERR_ADMIN_PASSWORD, ERR_ANSWER if the first look fails; later failures are shown
 */
export async function runDashboard(ask: Ask, screen: Screen = 'peers'): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const store = new Store(started(sizeOf(stdout), screen), new History());
  const connection = new Connection(ask, store, Date.now);
  await connection.once();
  const ended = new AbortController();
  const leave = () => stdout.write(LEAVE);
  stdout.write(ENTER);
  process.once('exit', leave);
  try {
    const app = render(<App store={store} theme={themeFor(process.env)} nowMs={Date.now} />, {
      stdin,
      stdout,
      stderr,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    void connection.run(ended.signal);
    await app.waitUntilExit();
  } finally {
    ended.abort();
    process.off('exit', leave);
    leave();
  }
}
