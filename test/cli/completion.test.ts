import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { run } from '../../src/cli/completion.ts';

t.test('each shell gets all commands, and another one is told which there are', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const written = t.capture(process.stdout, 'write', () => true);
    const code = await run(shell, {});
    const text = written()
      .map(({ args }) => String(args[0]))
      .join('');
    t.equal(code, 0, shell);
    for (const { name } of COMMANDS) t.ok(text.includes(name.split(' ')[0] ?? name), `${shell}: ${name}`);
  }
  await t.rejects(run('tcsh', {}), { code: 'ERR_USAGE', remedy: /bash, zsh and fish/ });
});
