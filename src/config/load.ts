// Brings flags, environment, file and defaults together into one Config, in this order of precedence, and
// turns a Config back into an environment, so that the processes of `serve` all see exactly the same
// settings.

import { readFile } from 'node:fs/promises';

import type { Config } from './config.ts';
import { EXIT_USAGE, Failure } from './failure.ts';
import type { CommandLine } from './flags.ts';
import { nearest } from './nearest.ts';
import type { Option, OptionName, Role } from './option.ts';
import { flagOf, OPTION_NAMES, OPTIONS, optionsOf, variableOf } from './options.ts';

/** Names the configuration file in the environment, as `--config` does among the flags. */
export const CONFIG_VARIABLE = 'CONFIG';

const SHOWN_CHARACTERS_MAX = 100;

export type Environment = Readonly<Record<string, string | undefined>>;

interface Given {
  readonly text: string;
  /** Where it came from, in words. */
  readonly origin: string;
}

const NAME_BY_VARIABLE = new Map(OPTION_NAMES.map((name) => [variableOf(name), name]));

/**
 * Settings for a command that runs `roles`. Every option is checked, those of other roles too; but a flag
 * that the command would ignore is an error. Throws {@link Failure} with one line and exit code 2.
 */
export async function loadConfig(
  line: Pick<CommandLine, 'flags' | 'configFile'>,
  environment: Environment,
  roles: readonly Role[],
): Promise<Config> {
  const used = optionsOf(roles);
  for (const name of line.flags.keys()) {
    if (!used.includes(name)) {
      throw new Failure(`option ${flagOf(name)} is not one of this command's`, EXIT_USAGE);
    }
  }
  const path = line.configFile ?? (environment[CONFIG_VARIABLE] || null);
  const file = path === null ? new Map<OptionName, Given>() : await readConfigFile(path);

  const config: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) {
    const given = fromFlag(line, name) ?? fromEnvironment(environment, name) ?? file.get(name);
    config[name] =
      given === undefined
        ? OPTIONS[name].fallback(config as unknown as Config)
        : judge(name, given);
  }
  return config as unknown as Config;
}

function fromFlag(line: Pick<CommandLine, 'flags'>, name: OptionName): Given | undefined {
  const text = line.flags.get(name);
  return text === undefined ? undefined : { text, origin: `flag ${flagOf(name)}` };
}

/** An empty variable counts as unset: that is what `PORT=${PORT:-}` in a compose file means. */
function fromEnvironment(environment: Environment, name: OptionName): Given | undefined {
  const text = environment[variableOf(name)];
  return text === undefined || text === '' ? undefined : { text, origin: 'environment' };
}

async function readConfigFile(path: string): Promise<Map<OptionName, Given>> {
  const wrong = (what: string): Failure =>
    new Failure(`configuration file ${path} ${what}`, EXIT_USAGE);
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    // Node quotes the file's text in a SyntaxError, and a secret may stand there.
    throw wrong(error instanceof SyntaxError ? reason : `${reason}: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw wrong('is not a JSON object such as {"PORT": 8000}');
  }
  const found = new Map<OptionName, Given>();
  for (const [key, value] of Object.entries(parsed)) {
    const name = NAME_BY_VARIABLE.get(key);
    if (name === undefined) {
      const meant = nearest(key, [...NAME_BY_VARIABLE.keys()]);
      const hint = meant === null ? 'truepixel --help lists the options' : `did you mean ${meant}?`;
      throw wrong(`has an unknown key ${JSON.stringify(key)}: ${hint}`);
    }
    if (value === null) continue;
    found.set(name, { text: textOf(value), origin: `file ${path}` });
  }
  return found;
}

/** JSON has numbers and lists where environment and flags have their text. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) {
    return value.join(',');
  }
  return JSON.stringify(value);
}

function judge(name: OptionName, given: Given): unknown {
  const option = OPTIONS[name];
  const result = option.schema.safeParse(given.text);
  if (result.success) return result.data;
  const shown = JSON.stringify(given.text.slice(0, SHOWN_CHARACTERS_MAX));
  const complaint = option.secret ? 'has a wrong value (not shown here)' : `is ${shown}`;
  throw new Failure(
    `${variableOf(name)} (${given.origin}) ${complaint}: expected ${option.expected}`,
    EXIT_USAGE,
  );
}

/**
 * `inherited` with every option replaced by what `config` says, for a child process: its own {@link
 * loadConfig} then gives an equal Config, whatever file and flags this process had.
 */
export function environmentOf(config: Config, inherited: Environment): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [variable, text] of Object.entries(inherited)) {
    if (text === undefined || variable === CONFIG_VARIABLE) continue;
    if (!NAME_BY_VARIABLE.has(variable)) environment[variable] = text;
  }
  for (const name of OPTION_NAMES) {
    const text = textOfOption(name, config[name]);
    if (text !== null) environment[variableOf(name)] = text;
  }
  return environment;
}

function textOfOption<Name extends OptionName>(name: Name, value: Config[Name]): string | null {
  const option: Option<Name> = OPTIONS[name];
  if (option.format) return option.format(value);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
