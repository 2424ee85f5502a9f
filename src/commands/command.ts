// What a command of the command line is. main.ts loads each one lazily, so that `--help` and the collector
// never pay for the store's native library.

import type { Config } from '../config/config.ts';
import type { Role } from '../config/option.ts';

export interface Command {
  readonly name: string;
  /** One line without a full stop, for the list of commands. */
  readonly summary: string;
  /** Further paragraphs for the command's own help. */
  readonly help?: string;
  /** Whose options this command takes; the option table says which those are. */
  readonly roles: readonly Role[];
  /** How its arguments are written, e.g. `verify | inspect [SLOT]`. Without it none are accepted. */
  readonly arguments?: string;
  /**
   * Resolves with the exit code. What the operator can mend is thrown as a {@link Failure}
   * (config/failure.ts) and printed as one line.
   */
  run(config: Config, args: readonly string[]): Promise<number>;
}
