/** `fcmesh reload`: the daemon takes the changed configuration over, as far as it can without a restart. */
import { MeshError } from '../base/index.ts';
import { clientOf } from './connect.ts';
import { sendFile } from './edit-file.ts';
import { type CommonOptions, configFileOf } from './options.ts';
import { EXIT, note, print, printJson, styled } from './output.ts';

/** @throws MeshError ERR_CONFIG and the like for a file with mistakes: nothing was changed then */
export async function run(options: CommonOptions): Promise<number> {
  const file = configFileOf(options);
  const report = await sendFile(file, clientOf(options)).catch(withRemedy);
  if (options.json === true) {
    printJson(report);
    return EXIT.done;
  }
  if (report.applied.length + report.restart.length === 0) print('Nothing has changed.');
  for (const key of report.applied) print(`changed: ${key}`);
  for (const key of report.restart) print(`${styled('yellow', 'needs a restart:')} ${key}`);
  for (const warning of report.warnings) note(`${styled('yellow', 'warning:', process.stderr)} ${warning}`);
  return EXIT.done;
}

/** The file may name a new admin socket already. */
function withRemedy(error: unknown): never {
  if (!(error instanceof MeshError) || error.code !== 'ERR_NO_DAEMON') throw error;
  throw new MeshError(error.code, error.message, 'If admin.listen was changed, name the old one: --admin HOST:PORT');
}
