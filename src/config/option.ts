// What an option is: a row of the table (options.ts), and the roles that read it.

import type { z } from 'zod';
import type { Config } from './config.ts';

/** The parts of the system that read options; a command takes the options of the roles that it runs. */
export type Role =
  | 'supervisor'
  | 'collector'
  | 'journal-writer'
  | 'journal-reader'
  | 'loader'
  | 'relay'
  | 'consumer'
  | 'importer'
  | 'api'
  | 'judge';

export type OptionName = keyof Config;

export interface Option<Name extends OptionName = OptionName> {
  /** One sentence without a full stop. */
  readonly summary: string;
  /** What stands for the value in help. */
  readonly placeholder: string;
  /** How help shows the default. */
  readonly defaultText: string;
  readonly roles: readonly Role[] | 'every';
  /** What a right value looks like, to follow the word `expected`. */
  readonly expected: string;
  readonly schema: z.ZodType<Config[Name], string>;
  /** The value when nobody gave one, from those of the options that stand above in the table. */
  readonly fallback: (known: Config) => Config[Name];
  /** The value as text that `schema` reads back; null when it need not be given at all. */
  readonly format?: (value: Config[Name]) => string | null;
  /** Never shown, neither in help nor in an error. */
  readonly secret?: true;
}

/** Some rows of the table. */
export type Options<Names extends OptionName> = { readonly [Name in Names]: Option<Name> };
