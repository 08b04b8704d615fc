/** `fcmesh completion SHELL`: what the shells need to complete commands and options, made from the table of commands. */
import { MeshError } from '../base/index.ts';
import { COMMANDS, COMMON, type CommandFacts, type CommandOption } from './commands.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print } from './output.ts';
import { peerNames } from './peer-names.ts';

/** How the shells ask for the names of peers. */
const NAMES = 'fcmesh completion names 2>/dev/null';

/** @param shell or `names`, by which the completions ask for the names of peers @throws MeshError ERR_USAGE for a shell that is not known */
export async function run(shell: string, options: CommonOptions): Promise<number> {
  if (shell === 'names') {
    for (const name of await peerNames(options)) print(name);
    return EXIT.done;
  }
  const make = { bash, zsh, fish }[shell];
  if (make === undefined)
    throw new MeshError('ERR_USAGE', `no completions for "${shell}"`, 'There are bash, zsh and fish.');
  print(make());
  return EXIT.done;
}

/** `-c`, `--count` of `-c, --count <n>`. */
function names(option: CommandOption): readonly string[] {
  return option.flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];
}

function takesValue({ flags }: CommandOption): boolean {
  return flags.includes('<');
}

/** Does it want a node, so that the name of a peer may follow? */
function takesNode({ args }: CommandFacts): boolean {
  return args.some(({ usage }) => /node/.test(usage));
}

/** First words, and for groups their second ones. */
function words(): { readonly first: readonly string[]; readonly groups: ReadonlyMap<string, readonly string[]> } {
  const groups = new Map<string, string[]>();
  for (const { name } of COMMANDS) {
    const [first = '', second] = name.split(' ');
    const list = groups.get(first) ?? [];
    if (second !== undefined) list.push(second);
    groups.set(first, list);
  }
  return { first: [...groups.keys()], groups };
}

function optionsOf(facts: CommandFacts): readonly string[] {
  return [...facts.options, ...COMMON].flatMap(names);
}

function bash(): string {
  const { first, groups } = words();
  const cases = COMMANDS.map((facts) => {
    const names = takesNode(facts) ? `; [[ "$current" == -* ]] || words="$(${NAMES})"` : '';
    return `    ${JSON.stringify(facts.name)}) words="${optionsOf(facts).join(' ')}"${names} ;;`;
  });
  const nested = [...groups].filter(([, list]) => list.length > 0);
  const nestedCases = nested.map(([name, list]) => `    ${name}) words="${list.join(' ')}" ;;`);
  const choices = COMMANDS.flatMap(({ options }) => options).filter((option) => option.choices !== undefined);
  const values = choices.map(
    (option) => `    ${names(option).join('|')}) ${bashWords((option.choices ?? []).join(' '))}; return ;;`,
  );
  return `# bash completion of fcmesh; made by "fcmesh completion bash"
_fcmesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" i
  case "$previous" in
    --config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    completion) ${bashWords('bash zsh fish')}; return ;;
${values.join('\n')}
    import) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" == -* ]] && continue
    if [[ -z "$command" ]]; then command="\${COMP_WORDS[i]}"
    elif [[ " ${nested.map(([name]) => name).join(' ')} " == *" $command "* ]]; then command="$command \${COMP_WORDS[i]}"; break
    fi
  done
  case "$command" in
    "") words="${first.join(' ')} --version --help" ;;
${nestedCases.join('\n')}
${cases.join('\n')}
  esac
  ${bashWords('$words')}
}
complete -F _fcmesh fcmesh`;
}

function bashWords(words: string): string {
  return `mapfile -t COMPREPLY < <(compgen -W "${words}" -- "$current")`;
}

function zsh(): string {
  const { groups } = words();
  const summary = (name: string) =>
    COMMANDS.find((one) => one.name === name)?.summary ?? groups.get(name)?.join(', ') ?? '';
  const first = [...groups.keys()].map((name) => `    '${name}:${zshText(summary(name))}'`).join('\n');
  const cases = [...groups].map(([name, list]) => {
    if (list.length > 0) {
      const inner = list.map((one) => `'${one}:${zshText(summary(`${name} ${one}`))}'`).join(' ');
      const withNode = COMMANDS.filter((one) => takesNode(one) && one.name.startsWith(`${name} `));
      const patterns = withNode.map((one) => one.name.slice(name.length + 1)).join('|');
      const nodes = patterns === '' ? '' : `if [[ $words[2] == (${patterns}) ]]; then compadd -- $(${NAMES}); else `;
      return `      ${name}) local -a inner=(${inner}); ${nodes}_describe command inner${nodes === '' ? '' : '; fi'} ;;`;
    }
    const facts = COMMANDS.find((one) => one.name === name);
    const options = [...(facts?.options ?? []), ...COMMON].flatMap((option) =>
      names(option).map((flag) => `'${flag}[${zshText(option.about)}]${zshValue(option)}'`),
    );
    const node = facts !== undefined && takesNode(facts) ? ` '*:node:($(${NAMES}))'` : " '*:value:_files'";
    const values = name === 'completion' ? " '1:shell:(bash zsh fish)'" : node;
    return `      ${name}) _arguments ${options.join(' ')}${values} ;;`;
  });
  return `#compdef fcmesh
# zsh completion of fcmesh; made by "fcmesh completion zsh"
_fcmesh() {
  local -a commands=(
${first}
  )
  local context state line
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument) case $words[1] in
${cases.join('\n')}
    esac ;;
  esac
}
if [ "$funcstack[1]" = "_fcmesh" ]; then _fcmesh "$@"; else compdef _fcmesh fcmesh; fi`;
}

function zshValue(option: CommandOption): string {
  if (!takesValue(option)) return '';
  return option.choices === undefined ? ':value:_files' : `:value:(${option.choices.join(' ')})`;
}

function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:]/g, (symbol) => `\\${symbol}`);
}

function fish(): string {
  const { first, groups } = words();
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const summary = (name: string) =>
    COMMANDS.find((one) => one.name === name)?.summary ?? groups.get(name)?.join(', ') ?? '';
  const lines = first.map(
    (name) => `complete -c fcmesh -f -n __fish_use_subcommand -a ${name} -d ${quote(summary(name))}`,
  );
  for (const [name, list] of groups) {
    for (const inner of list) {
      const about = quote(summary(`${name} ${inner}`));
      lines.push(`complete -c fcmesh -f -n '__fish_seen_subcommand_from ${name}' -a ${inner} -d ${about}`);
    }
  }
  for (const { name, options } of COMMANDS) {
    const condition = `-n '__fish_seen_subcommand_from ${name.split(' ').at(-1)}'`;
    for (const option of options)
      lines.push(`complete -c fcmesh ${condition} ${fishFlags(option)} -d ${quote(option.about)}`);
  }
  for (const { name } of COMMANDS.filter(takesNode)) {
    const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    lines.push(`complete -c fcmesh -f -n '${seen.join('; and ')}' -a '(${NAMES})'`);
  }
  for (const option of COMMON) lines.push(`complete -c fcmesh ${fishFlags(option)} -d ${quote(option.about)}`);
  lines.push("complete -c fcmesh -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'");
  return ['# fish completion of fcmesh; made by "fcmesh completion fish"', ...lines].join('\n');
}

function fishFlags(option: CommandOption): string {
  const flags = names(option).map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const values = option.choices === undefined ? ['-r'] : ['-x', '-a', `'${option.choices.join(' ')}'`];
  return [...flags, ...(takesValue(option) ? values : [])].join(' ');
}
