// Who looks at the images of the seeded installation: what mail programs, providers and machines send, from
// where. Addresses are first ones of large networks, which nobody has, or such as are kept for documents.

export interface Looker {
  readonly agent: string | null;
  readonly address: string;
  readonly purpose?: string;
}

/** Numbers in [0, 1). */
export type Random = () => number;

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const APPLE_WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)';

export const CHROME = `${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`;
export const SAFARI_PHONE = `${IPHONE} ${APPLE_WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1`;
export const APPLE_MAIL = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE_WEBKIT}`;
export const THUNDERBIRD =
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0';
const OUTLOOK = 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const CHROME_PHONE = `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`;

const BROWSERS = [CHROME, CHROME, SAFARI_PHONE, CHROME_PHONE, FIREFOX, `${CHROME} Edg/142.0.0.0`];

const MAIL_PROGRAMS = [OUTLOOK, OUTLOOK, APPLE_MAIL, THUNDERBIRD];

/** First addresses of networks of DE, US, FR, GB, NL, JP, BR, IN, AU, ZA, PL, ES, SE, CA, IT, MX, KR, NG. */
const HOMES = (
  '84.128 84.128 84.128 73.0 73.0 90.0 81.128 81.128 77.160 126.0 177.0 117.192 1.128 41.0 83.0 88.0 ' +
  '81.224 24.64 93.32 189.128 121.128 41.58'
).split(' ');

export const GMAIL: Looker = {
  agent:
    'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  address: '66.249.93.0',
};
export const GMAIL_PREFETCH: Looker = {
  agent: `${WINDOWS} ${WEBKIT} Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0`,
  address: '66.249.93.0',
};
export const YAHOO: Looker = {
  agent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  address: '203.0.113.90',
};
export const FASTMAIL: Looker = {
  agent: 'Mozilla/5.0 (compatible; FastmailUA/1.0; +https://www.fastmail.com/)',
  address: '203.0.113.91',
};
/** In the list of Apple's networks that the seeded server is given (see rig.ts). */
export const APPLE: Looker = { agent: 'Mozilla/5.0', address: '203.0.113.1' };
/** In no list. */
export const APPLE_PROBABLY: Looker = { agent: 'Mozilla/5.0', address: '203.0.113.200' };
/** Proofpoint's network, with a browser's agent: betrayed by its haste alone. */
export const GATEWAY: Looker = { agent: CHROME, address: '67.231.144.0' };
/** One of IGNORED_ADDRESSES. */
export const OFFICE: Looker = { agent: CHROME, address: '198.51.100.7' };

/** Everybody else whom a verdict names, one for each reason that no looker above has. */
export const OTHERS: readonly Looker[] = [
  { agent: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', address: '203.0.113.60' },
  {
    agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    address: '203.0.113.61',
  },
  { agent: 'examplecrawler (contact@example.org)', address: '203.0.113.62' },
  { agent: 'curl/8.9.1', address: '203.0.113.63' },
  { agent: null, address: '203.0.113.64' },
  { agent: '{"a":1', address: '203.0.113.65' },
  { agent: 'Barracuda Sentinel (EE)', address: '203.0.113.66' },
  { agent: CHROME, address: '162.142.125.0' },
  { agent: CHROME, address: '84.128.0.9', purpose: 'prefetch' },
  {
    agent: 'Dalvik/2.1.0 (Linux; U; Android 9; SM-G965U Build/PPR1.180610.011)',
    address: '73.0.0.9',
  },
];

export const pick = <T>(random: Random, among: readonly T[]): T =>
  among[Math.floor(random() * among.length)] as T;

const home = (random: Random): string => `${pick(random, HOMES)}.0.${Math.floor(random() * 250)}`;

export const browserAtHome = (random: Random): Looker => ({
  agent: pick(random, BROWSERS),
  address: home(random),
});

/** How one recipient reads mail. */
export function reader(random: Random): Looker {
  const share = random();
  if (share < 0.3) return GMAIL;
  if (share < 0.55) return random() < 0.9 ? APPLE : APPLE_PROBABLY;
  if (share < 0.6) return YAHOO;
  if (share < 0.63) return FASTMAIL;
  if (share < 0.8) return browserAtHome(random);
  return { agent: pick(random, MAIL_PROGRAMS), address: home(random) };
}
