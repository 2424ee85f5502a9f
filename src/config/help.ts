// Writes the option table out for people: the options of a command's help, and docs/configuration.md.

import { CONFIG_VARIABLE } from './load.ts';
import type { OptionName, Role } from './option.ts';
import { flagOf, OPTION_NAMES, OPTIONS, optionsOf, variableOf } from './options.ts';

const HELP_COLUMNS = 100;
const INDENT = '      ';

/** The options of `roles`, one paragraph each, for a terminal. */
export function optionHelp(roles: readonly Role[]): string {
  const paragraphs = optionsOf(roles).map((name) => {
    const option = OPTIONS[name];
    const head = `  ${flagOf(name)} ${option.placeholder}`;
    const text = `${option.summary}. Default: ${option.defaultText}. Variable: ${variableOf(name)}.`;
    return `${head}\n${wrap(text)}`;
  });
  const file = `  --config FILE\n${wrap(
    `JSON file with options by the names of their variables. Variable: ${CONFIG_VARIABLE}.`,
  )}`;
  return [...paragraphs, file, '  --help'].join('\n');
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > HELP_COLUMNS) {
      lines.push(line);
      line = INDENT;
    }
    line += line === INDENT ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** The text of docs/configuration.md. `commands` are those that people call, each with its roles. */
export function configurationPage(
  commands: readonly { readonly name: string; readonly roles: readonly Role[] }[],
): string {
  const usedBy = (name: OptionName): string => {
    const users = commands.filter(({ roles }) => optionsOf(roles).includes(name));
    return users.length === commands.length ? 'all' : users.map((user) => user.name).join(', ');
  };
  const rows = OPTION_NAMES.map((name) => {
    const { summary, defaultText, expected } = OPTIONS[name];
    const fallback = defaultText.includes(' ') ? defaultText : `\`${defaultText}\``;
    const cells = [`\`${variableOf(name)}\``, summary, fallback, expected];
    return `| ${[...cells, usedBy(name)].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `${CONFIGURATION_HEAD}
| variable | meaning | default | value | commands |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

const CONFIGURATION_HEAD = `# Configuration

<!-- Generated from src/config/options.ts by \`npm run docs\`; a test fails when the two differ. -->

Every option can be given in three ways. When several are, the first of these wins:

1. a flag: the variable's name in lower case with dashes, \`--api-port 9000\` or \`--api-port=9000\`;
2. an environment variable: \`API_PORT=9000\` (an empty one counts as unset);
3. a JSON file, named by \`--config FILE\` or \`CONFIG\`, with the same names as keys:
   \`{"API_PORT": 9000}\`. \`null\` counts as unset; a list of networks may be a JSON array.

Sizes are numbers of bytes, or carry a unit: \`64MiB\`, \`16GiB\` (powers of 1024). Paths that are not
absolute start at the working folder. An unknown flag or key, or a value that cannot be used, ends the
command with one line that names the option and with exit code 2. Prefer the environment or the file for
secrets: other users of a machine can see flags in the list of processes.
`;
