// The command line: finds the command, reads its configuration, runs it, and ends with its exit code.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './commands/command.ts';
import { COMMAND_NAMES, DEFAULT_COMMAND, loadCommand, loadCommands } from './commands/list.ts';
import { EXIT_USAGE, Failure } from './config/failure.ts';
import { type CommandLine, parseCommandLine } from './config/flags.ts';
import { optionHelp } from './config/help.ts';
import { loadConfig } from './config/load.ts';
import { nearest } from './config/nearest.ts';
import { VERSION } from './config/version.ts';
import { OUTPUT_MS_MAX } from './limits.ts';

const OPTIONS_HEAD = 'Options (a flag wins over its variable, that over the configuration file):';

async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv);
  if (line.version) return print(VERSION);
  const [name, ...words] = line.words;
  if (name === 'help') return help(words[0]);
  if (line.help) return help(name);
  const command = await find(name ?? DEFAULT_COMMAND);
  const config = await loadConfig(line, process.env, command.roles);
  return command.run(config, takeArguments(command, words));
}

async function find(name: string): Promise<Command> {
  const command = await loadCommand(name);
  if (command !== null) return command;
  const meant = nearest(name, COMMAND_NAMES);
  const hint = meant === null ? `there are ${COMMAND_NAMES.join(', ')}` : `did you mean ${meant}?`;
  throw new Failure(`unknown command ${JSON.stringify(name)}: ${hint}`, EXIT_USAGE);
}

function takeArguments(command: Command, words: CommandLine['words']): CommandLine['words'] {
  if (command.arguments !== undefined || words.length === 0) return words;
  const [first = ''] = words;
  throw new Failure(
    `${command.name} takes no arguments, but was given ${JSON.stringify(first)}`,
    EXIT_USAGE,
  );
}

async function help(name: string | undefined): Promise<number> {
  return print(name === undefined ? await overview() : commandHelp(await find(name)));
}

async function overview(): Promise<string> {
  const commands = await loadCommands();
  const columns = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const row = (name: string, summary: string): string => `  ${name.padEnd(columns)}${summary}`;
  const list = commands.map(({ name, summary }) => row(name, summary));
  const roles = commands.flatMap((command) => command.roles);
  return `Truepixel ${VERSION}: a self-hosted tracking-pixel server

Usage: truepixel [COMMAND] [ARGUMENT …] [--option value …]

Commands:
${list.join('\n')}
${row('help', 'Show the help of a command: truepixel help COMMAND')}

${OPTIONS_HEAD}
${optionHelp(roles)}
  --version`;
}

function commandHelp(command: Command): string {
  const usage = ['truepixel', command.name, command.arguments, '[--option value …]'];
  const paragraphs = [
    `${command.summary}.`,
    command.help,
    `Usage: ${usage.filter((part) => part !== undefined).join(' ')}`,
    `${OPTIONS_HEAD}\n${optionHelp(command.roles)}`,
  ];
  return paragraphs.filter((part) => part !== undefined).join('\n\n');
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

// Whatever is created under DATA_DIR is this user's alone, also what a library creates.
process.umask(0o077);

/** A pipe whose reader is slow takes the rest later, and ending the process would lose that. */
async function written(): Promise<void> {
  const { stdout } = process;
  if (stdout.writableLength === 0) return;
  // The reader may go, or never read again.
  stdout.on('error', () => undefined);
  const flushed = new Promise((resolve) => stdout.write('', resolve));
  await Promise.race([flushed, sleep(OUTPUT_MS_MAX)]);
}

try {
  const code = await main(process.argv.slice(2));
  await written();
  process.exit(code);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`truepixel: ${error.message}\n`);
  process.exit(error.exitCode);
}
