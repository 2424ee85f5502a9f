export type ServerEvent = {
  type: string;
  data: string;
  /**
   * Of this event or the last one that had an id.
   */
  id: string | null;
  /**
   * How long to wait before connecting again, once that was said.
   */
  retryMs: number | null;
};
/**
 * @typedef {object} ServerEvent
 * @property {string} type
 * @property {string} data
 * @property {string | null} id Of this event or the last one that had an id.
 * @property {number | null} retryMs How long to wait before connecting again, once that was said.
 */
/**
 * The events of `body` up to its end, or until it is silent for so long that it must be dead. Throws then,
 * and when it breaks. @param {ReadableStream<Uint8Array>} body @param {number} silenceMsMax @returns
 * {AsyncGenerator<ServerEvent, void, undefined>}
 */
export declare function readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMsMax: number,
): AsyncGenerator<ServerEvent, void, undefined>;
