/**
 * The inspector of Node.js lets whoever reaches its port run code in the daemon and read its keys, and some options write its
 * memory to a file. None of them is for a daemon: they are refused, and the signal that opens the inspector does nothing.
 */
import inspector from 'node:inspector';
import { MeshError } from '../base/index.ts';

/** Both spellings of Node.js (`--inspect_brk`) are compared with dashes. */
const REFUSED = /^--(inspect|debug|heap-prof|heapsnapshot|report|experimental-report|diagnostic-dir|abort-on-uncaught)/;

/**
 * Makes sure that nobody can look inside; to be called before a secret is read.
 * @throws MeshError ERR_INSPECTOR for options that let somebody
 */
export function closeInspector(): void {
  // Without a listener Node.js would open its inspector to every user of this machine.
  process.on('SIGUSR1', () => {});
  const words = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/[\s"']+/)];
  const option = words.map((word) => word.replaceAll('_', '-')).find((word) => REFUSED.test(word));
  if (option !== undefined) refuse(option);
  checkInspector();
}

/**
 * Looks again: a signal that came before the listener is answered by another thread, some time later.
 * @throws MeshError ERR_INSPECTOR if the inspector is open; it is closed then
 */
export function checkInspector(): void {
  if (inspector.url() !== undefined) refuse('its inspector open');
}

function refuse(what: string): never {
  inspector.close();
  throw new MeshError(
    'ERR_INSPECTOR',
    `Node.js was started with ${what}, which gives the private key to other users of this machine`,
    'Start the daemon without it (look at NODE_OPTIONS, too); the simulator (scripts/sim) can be debugged.',
  );
}
