import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { manPage } from '../../src/cli/man.ts';
import { runProgram } from '../../src/cli/program.ts';
import { KEY_TEXT } from '../admin/fake-node.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';

async function output(...argv: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const write = process.stdout.write;
  let text = '';
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  try {
    return { code: await runProgram(argv), text };
  } finally {
    process.stdout.write = write;
  }
}

t.test('every command has help with an example that names it', async (t) => {
  for (const { name, example } of COMMANDS) {
    const { code, text } = await output(...name.split(' '), '--help');
    t.equal(code, 0, name);
    t.match(text, `Example:\n  fcmesh ${example}`, name);
    t.ok(example.startsWith(name), name);
  }
});

t.test('the completions name every command, and shells that are here accept them', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, text } = await output('completion', shell);
    t.equal(code, 0);
    for (const { name } of COMMANDS) for (const word of name.split(' ')) t.match(text, word, `${shell} ${word}`);
    if (shell === 'bash') t.doesNotThrow(() => execFileSync('bash', ['-n'], { input: text }));
  }
  t.equal(await runProgram(['completion', 'tcsh']), 2);
});

t.test('bash completes commands, their options, and second words', async (t) => {
  const { text } = await output('completion', 'bash');
  const complete = (...words: readonly string[]) =>
    execFileSync('bash', [
      '-c',
      `${text}\nfcmesh() { [ "$*" = 'completion names' ] && echo alice bob; }\nCOMP_WORDS=(fcmesh "$@"); COMP_CWORD=$#; _fcmesh; echo "\${COMPREPLY[*]}"`,
      'bash',
      ...words,
    ])
      .toString()
      .trim();
  t.equal(complete('sta'), 'status');
  t.equal(complete('peer', ''), 'add remove');
  t.match(complete('peer', 'add', '--p'), '--password');
  t.match(complete('ping', 'x', '--'), '--count');
  t.equal(complete('completion', 'f'), 'fish');
  for (const before of [['ping'], ['trace'], ['find'], ['peer', 'remove']]) {
    t.equal(complete(...before, ''), 'alice bob', `${before.join(' ')} wants a node`);
    t.equal(complete(...before, 'b'), 'bob');
  }
  t.notMatch(complete('peers', ''), 'alice');
});

t.test('the names that are offered are those of the configuration where no daemon answers', async (t) => {
  const entry = (port: number, name: string) =>
    `  - {endpoint: "udp://192.0.2.7:${port}", key: ${KEY_TEXT}, password: x, name: ${JSON.stringify(name)}}\n`;
  const file = path.join(t.testdir(), 'f.yaml');
  const peers = [entry(1, 'hill'), entry(2, 'hill'), entry(3, "two words; $(rm '-rf')"), entry(4, '--json')].join('');
  const text = `identity: {privateKey: ${PRIVATE}}\nadmin: {listen: "127.0.0.1:9"}\npeers:\n${peers}accept: [{login: ana, password: x}]\n`;
  writeFileSync(file, text, { mode: 0o600 });
  t.same(await output('completion', 'names', '--config', file), { code: 0, text: 'ana\nhill\n' });
  t.same(await output('completion', 'names', '--config', `${file}.not`), { code: 0, text: '' });
});

t.test('the manual page is roff without a line that means something else', async (t) => {
  const page = manPage();
  for (const { summary } of COMMANDS) t.match(page.replaceAll('\\-', '-').toLowerCase(), summary.toLowerCase());
  for (const line of page.split('\n')) t.match(line, /^(\.(TH|SH|SS|TP|B|I|RI|BR|PP|RS|RE|nf|fi)\b|[^.'])/, line);
});
