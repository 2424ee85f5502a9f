// A failure that the operator can mend: it ends a command with one line that says what to do, never with a
// stack. Everything else that is thrown is a programmer's error and may crash the process.

/** The command ran and could not do its work. */
export const EXIT_FAILED = 1;
/** The command line or the configuration is wrong; starting again cannot help. */
export const EXIT_USAGE = 2;

export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_FAILED, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}
