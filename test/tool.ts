// The frame of the two programs that people start by hand, torture and benchmark: a mistyped argument is one
// line and the usage with exit code 2, anything else that fails shows where it did.

const EXIT_FAILED = 1;
const EXIT_MISTYPED = 2;

class Mistyped extends Error {}

/** To be thrown at an argument that makes no sense. */
export const mistyped = (message: string): Error => new Mistyped(message);

/** The text of an option as a number above zero. */
export function positive(text: string, name: string): number {
  const value = Number(text);
  if (!(value > 0)) throw mistyped(`--${name}: not a number above zero: ${text}`);
  return value;
}

/** Runs a program; `main` resolves with the exit code and reads its arguments by `parseArgs`. */
export async function runTool(usage: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const { code = '', message, stack } = error as NodeJS.ErrnoException;
    const byUser = error instanceof Mistyped || code.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(byUser ? `${message}\n\n${usage}` : `${stack}\n`);
    process.exitCode = byUser ? EXIT_MISTYPED : EXIT_FAILED;
  }
}
