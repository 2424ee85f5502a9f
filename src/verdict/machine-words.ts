// The generic lists, last of all: what calls itself a bot, crawler, fetcher or checker, whoever it is. The
// lists are other people's and made to keep robots off web pages; here they judge mail, so what they say
// of odd but honest clients is not believed.

import { createIsbotFromList, list } from 'isbot';

/**
 * Patterns of isbot that hit real browsers, phones or television sets in uap-core's and device-detector's
 * corpora. They go on to judge agents that look like nothing known.
 */
export const HASTY_PATTERNS: ReadonlySet<string> = new Set([
  ';\\s\\w+;$',
  '(?:^|[^g])news(?!sapphire)',
  '(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))',
  '(?<! cu)bots?(?:\\b|_)',
  '(?<!cam)scan',
  '(?<!lib)http',
  '24x7',
  '@[a-z][\\w-]+\\.',
  '\\(\\)',
  '\\.com\\b',
  '\\b\\w+/1\\.0;',
  '\\|',
  '^[\\w \\.\\-\\(?:\\):%]+(?:/v?\\d+(?:\\.\\d+)?(?:\\.\\d{1,10})*?)?(?:,|$)',
  '^[\\w\\-]+/[\\w]+$',
  '^[^ ]{50,}$',
  '^\\w+/[\\w\\(\\)]*$',
  '^\\w+/\\d\\.\\d\\s\\([\\w@]+\\)$',
  '^[<\\(;]',
  '^\\d+\\b',
  '^netsurf',
  '^reed',
  '^yahoo',
  '^yandex',
  'advisor',
  'browsex',
  'agent\\b',
  'capture',
  'catch',
  'check\\b',
  'chromeframe',
  'detect',
  'discovery',
  'download',
  'firephp',
  'grab',
  'insight',
  'inspect',
  'java(?!;)',
  'library',
  'preview',
  'proxy',
  'radar',
  'server',
  'sogou',
  'splash',
  'tools',
  'torrent',
  'url',
  'virtuoso',
]);

/** Words that only a machine puts into a browser's agent; isbot's hasty ones, anchored. */
const WORDS: readonly RegExp[] = [
  /(?:bots?|spider|crawl(?:er|ing)?|scraper|slurp|fetch(?:er|ing)?)(?:[^a-z]|$)/i,
  /\b(?:robot|indexer|harvest(?:er)?|checker|validator|monitor(?:ing)?|transcoder)\b/i,
  /\b(?:thumbnail|screenshot|snapshot|archiver|link ?check\w{0,4})\b/i,
  /(?<![a-z])scan(?:ner|ning)?(?![a-z])|[a-z]Scan\b/i,
  /(?<!user[- ]?)agent\b/i,
  // A site's name is no part of a browser's; `com.example.app` is an app's.
  /(?<![.\w-])(?:www\.)?[A-Za-z][\w-]{2,40}\.(?:com|io|ai|co\.uk)\b(?!\.|\/\d)/,
  /\bGoogle-[A-Z]|[a-z]-Google\b/,
  // Somebody's name before the browser's whole agent: `Thumbor/6.7.5, Mozilla/5.0 …`.
  /^[A-Za-z]\w{0,30}(?:\/[\d.]{1,12})?, Mozilla\//,
  /\b(?:inspector|outbrain|watcher|probe|DCV|sitemaps?)\b|[a-z](?:Inspector|Watcher|Insights)\b/i,
  /\+?https?:\/\/(?!www\.qtweb\.net\b)/i,
  /\w\.(?:com|net|org|io|ai|de|ru|fr)\/(?:bot|robot|crawler|spider)/i,
  /\w@[a-z][\w-]{1,40}\.(?:com|net|org|io|de|ru|fr|edu|cz|jp)\b/i,
];

/** Words that even a phone's or app's agent has only when a machine sent it. */
const PLAIN_WORDS =
  /(?:bots?|spider|crawler|slurp|ichiro|ips-agent|weblight|YahooSeeker)(?:[^a-z]|$)/i;

const isListed = createIsbotFromList(list);
const isListedFirmly = createIsbotFromList(list.filter((pattern) => !HASTY_PATTERNS.has(pattern)));

/** What an agent looks like, apart from any words in it (shape.ts). */
export type Shape = 'browser' | 'phone' | 'app' | 'other';

/** Whether an agent that otherwise looks like a mail client is a machine's all the same. */
export function claimsToBeRobot(agent: string): boolean {
  return PLAIN_WORDS.test(agent);
}

/** Whether an agent, from which devices' names have been taken out, speaks of a machine. */
export function speaksOfMachine(agent: string, shape: Shape): boolean {
  if (shape === 'other') return isListed(agent);
  if (shape === 'phone') return PLAIN_WORDS.test(agent);
  if (shape === 'app') return PLAIN_WORDS.test(agent) || isListedFirmly(agent);
  return WORDS.some((word) => word.test(agent)) || isListedFirmly(agent);
}
