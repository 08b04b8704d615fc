import t from 'tap';
import { MeshError } from '../../src/base/index.ts';
import { exitCodeOf } from '../../src/cli/output.ts';

t.test(
  'the exit code says whose turn it is: 1 it did not work, 2 type something else, 3 start the daemon',
  async (t) => {
    const codes: readonly (readonly [`ERR_${string}`, number])[] = [
      ['ERR_ANSWER', 1],
      ['ERR_RNG', 1],
      ['ERR_NO_ADDRESS', 1],
      ['ERR_USAGE', 2],
      ['ERR_CONFIG', 2],
      ['ERR_CONFIG_FILE', 2],
      ['ERR_EDIT', 2],
      ['ERR_NO_DAEMON', 3],
    ];
    for (const [code, exit] of codes) t.equal(exitCodeOf(new MeshError(code, 'x')), exit, code);
  },
);
