/** `fcmesh stop`: ends the daemon and waits until it is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshError } from '../base/index.ts';
import { clientOf } from './connect.ts';
import { countOf } from './fields.ts';
import { LOOK_EVERY_MS, PATIENCE_MS } from './limits.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, note, print, printJson } from './output.ts';

/** @returns 1 if the daemon still answers after three seconds */
export async function run(options: CommonOptions): Promise<number> {
  const client = clientOf(options);
  const pid = countOf(await client.call('Fcmesh_stop'), 'pid');
  const startedMs = performance.now();
  while (performance.now() - startedMs < PATIENCE_MS) {
    await sleep(LOOK_EVERY_MS);
    if (!(await answers(client))) {
      if (options.json === true) printJson({ stopped: true, pid });
      else print(`The daemon (pid ${pid}) has stopped.`);
      return EXIT.done;
    }
  }
  note(`The daemon (pid ${pid}) still answers.`);
  return EXIT.failed;
}

async function answers(client: ReturnType<typeof clientOf>): Promise<boolean> {
  try {
    await client.call('ping');
    return true;
  } catch (error) {
    if (error instanceof MeshError) return false;
    throw error;
  }
}
