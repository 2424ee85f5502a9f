// Reads server-sent events over fetch. The browser's own EventSource cannot say with which status it was
// refused, and cannot go on behind a given event after the page was hidden for a while.

/** One event as the server sent it (HTML standard, 9.2.6). */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Longer events are no events of ours. */
const EVENT_CHARACTERS_MAX = 256 * 1024;

/** Turns pieces of text, cut anywhere, into events. */
export class EventParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #said = '';
  #id: string;

  /** `id` is the last one that was said before. */
  constructor(id: string) {
    this.#id = this.#said = id;
  }

  /** The last id that was said whole, be it with an event or alone: where to go on from. */
  get id(): string {
    return this.#id;
  }

  /** The events that `text` completes. Throws when what it holds of an unfinished one grows without end. */
  push(text: string): StreamEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events = lines.map((line) => this.#line(line)).filter((event) => event !== null);
    const held = this.#data.reduce((sum, line) => sum + line.length, this.#rest.length);
    if (held > EVENT_CHARACTERS_MAX) throw new Error('an event is longer than any of ours');
    return events;
  }

  #line(line: string): StreamEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#said = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    const [event, data] = [this.#event || 'message', this.#data];
    this.#event = '';
    this.#data = [];
    this.#id = this.#said;
    return data.length === 0 ? null : { event, data: data.join('\n') };
  }
}
