// Takes a command line apart: `truepixel [COMMAND] [ARGUMENT …] [--flag value | --flag=value …]`. Every
// flag but `--help` and `--version` has a value, so flags may stand anywhere, before the command too.

import { EXIT_USAGE, Failure } from './failure.ts';
import { nearest } from './nearest.ts';
import type { OptionName } from './option.ts';
import { flagOf, OPTION_NAMES, OPTIONS } from './options.ts';

export interface CommandLine {
  /** The command's name first, if one was given, then its arguments, those such as `--dry-run` last. */
  readonly words: readonly string[];
  /** What flags gave, as text that nobody has judged yet. */
  readonly flags: ReadonlyMap<OptionName, string>;
  readonly configFile: string | null;
  readonly help: boolean;
  readonly version: boolean;
}

const NAME_BY_FLAG = new Map(OPTION_NAMES.map((name) => [flagOf(name), name]));
/** What a command takes among its arguments, though it looks like a flag; the latter as `--scope=VALUE`. */
const SWITCHES = new Set(['--dry-run']);
const ARGUMENT_FLAGS = new Set(['--scope']);
const BARE_FLAGS = new Set(['--help', '-h', '--version', '-v']);

/** Throws a {@link Failure} for an unknown flag or a missing value. `argv` is without node and the script. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const switches: string[] = [];
  const flags = new Map<OptionName, string>();
  const bare = new Set<string>();
  let configFile: string | null = null;

  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    if (SWITCHES.has(word)) {
      switches.push(word);
      continue;
    }
    if (BARE_FLAGS.has(word)) {
      bare.add(word);
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    const name = NAME_BY_FLAG.get(flag);
    const isArgument = ARGUMENT_FLAGS.has(flag);
    if (name === undefined && flag !== '--config' && !isArgument) throw unknownFlag(flag);
    const value = equals < 0 ? argv[(i += 1)] : word.slice(equals + 1);
    if (value === undefined || (equals < 0 && value.startsWith('--'))) {
      const whatFile = isArgument ? 'a word' : 'the path of a JSON file';
      const expected = name === undefined ? whatFile : OPTIONS[name].expected;
      throw new Failure(`flag ${flag} has no value: expected ${expected}`, EXIT_USAGE);
    }
    if (isArgument) switches.push(`${flag}=${value}`);
    else if (name === undefined) configFile = value;
    else flags.set(name, value);
  }

  const help = bare.has('--help') || bare.has('-h');
  return {
    words: [...words, ...switches],
    flags,
    configFile,
    help,
    version: bare.has('--version') || bare.has('-v'),
  };
}

function unknownFlag(flag: string): Failure {
  const meant = nearest(flag, [...NAME_BY_FLAG.keys(), '--config', '--help', '--version']);
  const hint = meant === null ? 'truepixel --help lists them all' : `did you mean ${meant}?`;
  return new Failure(`unknown option ${JSON.stringify(flag)}: ${hint}`, EXIT_USAGE);
}
