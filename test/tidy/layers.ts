// The layers of src/, bottom to top, and who may know whom. A file may import from its own layer and from
// those before it in the list; the further rules keep apart what would otherwise be allowed to grow
// together.

/** A folder of src/, or a file that is a layer of its own. */
export const LAYERS = [
  'limits.ts',
  'config',
  'telemetry',
  'hit',
  'verdict',
  'journal',
  'store',
  'bus',
  'delivery',
  'collector',
  'access',
  'api',
  'supervisor',
  'commands',
  'main.ts',
] as const;

export interface Ban {
  /** The importing files, by the start of their path. */
  readonly from: string;
  /** What they must not import: the start of a path in src/, or of a package's name. */
  readonly banned: readonly string[];
  readonly reason: string;
}

export const BANS: readonly Ban[] = [
  {
    from: 'src/collector/',
    banned: ['src/store/', 'src/bus/', 'src/delivery/', 'src/api/'],
    reason: 'the collector shares nothing with the store but the journal',
  },
  { from: 'src/api/', banned: ['src/collector/'], reason: 'they are different processes' },
  {
    from: 'src/collector/',
    banned: ['zod', 'fastify', '@duckdb/'],
    reason: 'the hot path and its start stay light',
  },
  { from: 'src/hit/', banned: ['zod', 'fastify', '@duckdb/'], reason: 'the hot path stays light' },
  {
    from: 'src/journal/',
    banned: ['zod', 'fastify', '@duckdb/'],
    reason: 'the hot path stays light',
  },
  {
    from: 'dashboard/src/',
    banned: ['src/', 'zod', 'fastify'],
    reason: 'a browser knows the server by its API only',
  },
];

/** A vendor's adapter: its files, and the packages that only they may import. */
export const ADAPTERS: readonly { readonly files: string; readonly packages: string }[] = [
  { files: 'src/store/duckdb', packages: '@duckdb/' },
  { files: 'src/bus/sns-sqs', packages: '@aws-sdk/' },
  { files: 'src/store/questdb', packages: '@questdb/' },
  { files: 'src/store/questdb', packages: 'pg' },
];

/** Where adapters are named, and loaded lazily. */
export const COMPOSITION_ROOT = 'src/commands/';

/** Files that may be longer than others, each with the reason. */
export const LONG_LISTS: Readonly<Record<string, string>> = {
  'src/limits.ts': 'every bound of the system in one place: a list, of which one line is looked up',
};

/** Exports of src/ that only tests use, each with the reason why it is one all the same. */
export const TEST_ONLY_EXPORTS: Readonly<Record<string, string>> = {
  'src/verdict/machine-words.ts#HASTY_PATTERNS': 'a test holds them against the package’s own list',
  'dashboard/src/hits/why.ts#WHY': 'a test holds them against the server’s own reasons',
};
