/** `fcmesh dash`: the mesh live in the terminal; one frame or the data for scripts. */
import { MeshError } from '../base/index.ts';
import { clientOf } from './connect.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson } from './output.ts';

/** Width of a frame that is not for a terminal. */
const PIPE_COLUMNS = 80;

const SCREENS = ['peers', 'sessions', 'routes', 'map', 'log'] as const;

export type DashOptions = CommonOptions & { readonly once?: boolean; readonly screen?: string };

/**
 * Without a terminal it prints one frame, as with `--once`.
 * @returns the exit code
 */
export async function run(options: DashOptions): Promise<number> {
  const screen = SCREENS.find((name) => name === (options.screen ?? 'peers'));
  if (screen === undefined) {
    throw new MeshError('ERR_USAGE', `there is no screen ${options.screen}`, `There are: ${SCREENS.join(', ')}.`);
  }
  const client = clientOf(options);
  prepareForReact();
  const dashboard = await import('../dashboard/index.ts');
  if (options.json === true) {
    printJson(await dashboard.data(client));
  } else if (options.once === true || !process.stdin.isTTY || !process.stdout.isTTY) {
    const columns = process.stdout.columns || PIPE_COLUMNS;
    print(...(await dashboard.printed(client, screen, columns, Date.now)));
  } else await dashboard.runDashboard(client, screen);
  return EXIT.done;
}

/** Before React is loaded: its development build is slower, and Ink draws nothing where it believes to be in a CI. */
function prepareForReact(): void {
  Object.assign(process.env, { NODE_ENV: 'production' });
  for (const name of Object.keys(process.env)) {
    if (name === 'CI' || name === 'CONTINUOUS_INTEGRATION' || name.startsWith('CI_')) delete process.env[name];
  }
}
