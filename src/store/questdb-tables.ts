// QuestDB's tables. They have names of their own, so that a database may be shared with others (TrackPixel's
// tables lie in the same one).
//
// truepixel_hits is cut into one partition a day. Its upsert keys are the time and the id, so that an
// event that is written again takes its own place: that is how a repeated load changes nothing, and how a
// hit gets another judgement. Codes are too many to be symbols (one for each mail), and a text column has no
// index, so `code_key`, a few bits of the code's CRC-32, is the indexed symbol: a query for one pixel
// looks only at every 4096th hit, at every scale. `viewer` is the number that the viewer's hexadecimal
// digits are. A hit without a reason was not judged yet. A redacted hit (questdb-redact.ts) has the kind
// `erased` and no text.
//
// truepixel_pixels has a row for each minted pixel, truepixel_notes one for each note that says something
// of a pixel's properties: merged by whoever reads them, since notes come in any order (questdb-notes.ts).
// truepixel_catalogue has every pixel as these say that it is now (questdb-catalogue.ts).
// truepixel_claims has a row for each word on whose look a hit was, by the time of the hit, as that is how
// they are looked for.
//
// truepixel_progress has a ring of rows for each installation that writes here, truepixel_starts one row
// for each day on which an installation started, truepixel_erased the digests of erased codes.

export const HITS = 'truepixel_hits';
export const PIXELS = 'truepixel_pixels';
export const NOTES = 'truepixel_notes';
export const CATALOGUE = 'truepixel_catalogue';
export const CLAIMS = 'truepixel_claims';
export const PROGRESS = 'truepixel_progress';
export const STARTS = 'truepixel_starts';
export const ERASED = 'truepixel_erased';

/**
 * The version of all this; a start writes it down, so that an older program leaves newer tables alone.
 * Version 1 had no judgements, notes and claims, version 2 no catalogue.
 */
export const SCHEMA = 3;

interface Table {
  /** The designated timestamp first. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns that tables of an older version have not: there they are added. */
  readonly added?: Readonly<Record<string, string>>;
  readonly partition: 'DAY' | 'MONTH' | 'YEAR';
  /** Upsert keys: a row with the same ones takes the place of the row before. None where it is empty. */
  readonly keys: readonly string[];
  /** Tables of an older version have no such keys: there they are added. */
  readonly keysAdded?: true;
}

const BUCKET = 'SYMBOL CAPACITY 4096 INDEX CAPACITY 64';

export const TABLES: Readonly<Record<string, Table>> = {
  [HITS]: {
    columns: {
      occurred_at: 'TIMESTAMP',
      kind: 'SYMBOL',
      code_key: BUCKET,
      code: 'VARCHAR',
      address: 'VARCHAR',
      referrer: 'VARCHAR',
      agent: 'VARCHAR',
      purpose: 'VARCHAR',
      writer: 'SYMBOL',
      segment: 'LONG',
      position: 'LONG',
    },
    added: {
      class: 'SYMBOL',
      reason: 'SYMBOL',
      client: 'SYMBOL',
      os: 'SYMBOL',
      device: 'SYMBOL',
      country: 'SYMBOL',
      own: 'SYMBOL',
      viewer: 'LONG',
      withheld: 'VARCHAR',
      own_browser: 'BOOLEAN',
    },
    partition: 'DAY',
    keys: ['occurred_at', 'writer', 'segment', 'position'],
  },
  [PIXELS]: {
    columns: { created_at: 'TIMESTAMP', code_key: BUCKET, code: 'VARCHAR' },
    partition: 'MONTH',
    keys: ['created_at', 'code'],
  },
  [NOTES]: {
    columns: {
      said_at: 'TIMESTAMP',
      code_key: BUCKET,
      code: 'VARCHAR',
      // The note's text as in the journal, and out of it what is looked for in many at a time.
      said: 'VARCHAR',
      recipient_key: BUCKET,
      mode: 'SYMBOL',
      says_sent: 'BOOLEAN',
      sent_at: 'TIMESTAMP',
      writer: 'SYMBOL',
      segment: 'LONG',
      position: 'LONG',
    },
    partition: 'MONTH',
    keys: ['said_at', 'writer', 'segment', 'position'],
  },
  [CATALOGUE]: {
    columns: {
      created_at: 'TIMESTAMP',
      code_key: BUCKET,
      code: 'VARCHAR',
      superseded: 'BOOLEAN',
      // From how many rows of the other two tables it was made.
      notes: 'LONG',
      mints: 'LONG',
      mode: 'SYMBOL',
      sent_at: 'TIMESTAMP',
      recipient: 'VARCHAR',
      label: 'VARCHAR',
      campaign: 'VARCHAR',
      // All of its properties as JSON.
      said: 'VARCHAR',
    },
    partition: 'MONTH',
    keys: ['created_at', 'code'],
  },
  [CLAIMS]: {
    columns: {
      hit_at: 'TIMESTAMP',
      hit: 'VARCHAR',
      own: 'BOOLEAN',
      claimed_at: 'TIMESTAMP',
      writer: 'SYMBOL',
      segment: 'LONG',
      position: 'LONG',
    },
    partition: 'MONTH',
    keys: ['hit_at', 'writer', 'segment', 'position'],
  },
  [PROGRESS]: {
    columns: { place: 'TIMESTAMP', installation: 'SYMBOL', turn: 'LONG', text: 'VARCHAR' },
    partition: 'YEAR',
    keys: ['place', 'installation'],
  },
  [STARTS]: {
    columns: {
      started_at: 'TIMESTAMP',
      installation: 'SYMBOL',
      schema: 'LONG',
      nonce: 'VARCHAR',
    },
    partition: 'YEAR',
    keys: ['started_at', 'installation'],
    keysAdded: true,
  },
  [ERASED]: {
    columns: { erased_at: 'TIMESTAMP', digest: 'VARCHAR' },
    partition: 'YEAR',
    keys: [],
  },
};

export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);
