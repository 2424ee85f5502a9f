// Keeps the visit log's progress in a file of its own under DATA_DIR. The store is a projection that may be
// deleted or made anew at any time, and a line that was written once must not be written again then
// (docs/decisions/0009).

import { type LogFiles, realLogFiles } from './log-files.ts';
import { formatVisitProgress, parseVisitProgress, type VisitProgress } from './progress.ts';

/** All methods reject with errno errors. */
export class VisitProgressFile {
  readonly #path: string;
  readonly #files: LogFiles;

  constructor(path: string, files: LogFiles = realLogFiles) {
    this.#path = path;
    this.#files = files;
  }

  /** Null when there is none. Rejects also for a damaged one, with what to do about it. */
  async read(): Promise<VisitProgress | null> {
    const text = await this.#files.readWhole(this.#path);
    if (text === null) return null;
    try {
      return parseVisitProgress(text);
    } catch (error) {
      throw new Error(
        `${this.#path} is damaged; when it is removed, the visit log goes on with the visits to come`,
        { cause: error },
      );
    }
  }

  /** Durable once this resolves. */
  async write(progress: VisitProgress): Promise<void> {
    await this.#files.replace(this.#path, formatVisitProgress(progress));
  }

  async remove(): Promise<void> {
    await this.#files.remove(this.#path);
  }
}
