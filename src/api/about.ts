// What a route says of itself for docs/openapi.json, the reference page and the client's types. It stands in
// the route's own definition, beside the schemas that it is true of, and the compiler demands it wherever a
// schema is.

declare module 'fastify' {
  interface FastifySchema {
    /** Null: a page for people, and no part of the API. */
    readonly about: About | null;
  }
}

/** The chapters of the reference, in their order. */
export const TAGS = {
  Pixels: 'Minting tracking images, finding them, and what is said of them.',
  Hits: 'Single looks, each with its verdict, and your own word on them.',
  Statistics: 'How much was opened and visited, over time and side by side.',
  Export: 'Everything as a file, streamed.',
  Privacy: 'Forgetting, and handing out what is held about somebody.',
  Access: 'Who may ask, and what.',
  Operation: 'Whether it works, and how it does.',
  TrackPixel: 'The interface of TrackPixel, kept as it was.',
} as const;

export interface About {
  /** Its name in generated clients, a verb and its object: `mintPixel`. For good: clients are built on it. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  /** One line, in the imperative and without a full stop. */
  readonly summary: string;
  /** What there is to know besides, as CommonMark. */
  readonly description?: string;
  /** What a success holds, in a sentence. */
  readonly returns: string;
  /** Headers that a success has beside those of every answer, each with its meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media types of a success that is no JSON, each with what it holds. */
  readonly media?: Readonly<Record<string, string>>;
  /**
   * When it answers with a problem that does not follow from the definition (src/api/openapi.ts has those),
   * by status.
   */
  readonly refuses?: Readonly<Record<number, string>>;
}
