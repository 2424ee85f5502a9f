// Why a hit got its verdict, in words for people who never read docs/verdicts.md.

import type { Hit, OwnSign } from '../pixels/answers.ts';

/** What of a hit its sentence depends on. */
type Judged = Pick<Hit, 'reason' | 'client'> & { readonly kind: 'open' | 'visit' };

/** `name`: what the client is called. */
type Words = (name: string | null, kind: 'open' | 'visit') => string;

const HIDDEN = 'It hides whose device that was, so there is no country, system or device.';

/** A sentence for each reason of the server's; a test holds the two lists against each other. */
export const WHY: Readonly<Record<string, Words>> = {
  'mail-client-token': (name) =>
    `${name ?? 'A mail program'} showed the image and said its name: somebody opened the mail in it.`,
  'webkit-without-browser': () =>
    'Apple Mail without privacy protection, or a program built like it, showed the image: somebody opened ' +
    'the mail.',
  'browser-agent': (name, kind) =>
    kind === 'visit'
      ? `${name ?? 'A browser'} showed the page that holds the image: somebody was there.`
      : `${name ?? 'A browser'} showed the image: somebody opened the mail, most likely in webmail.`,
  'app-agent': (name, kind) =>
    `${name ?? 'An app'} on somebody’s device showed the ${kind === 'visit' ? 'page' : 'image'}.`,
  'gmail-proxy-token': () =>
    `Gmail fetched the image because somebody looked at the mail. ${HIDDEN}`,
  'yahoo-proxy-token': () =>
    `Yahoo Mail fetched the image because somebody looked at the mail. ${HIDDEN}`,
  'mail-proxy-token': (name) =>
    `${name ?? 'A mail provider'} fetched the image because somebody looked at the mail. ${HIDDEN}`,
  'apple-mpp-listed': () =>
    'Fetched by Apple’s privacy relay when mail arrived; nobody can tell whether it was read.',
  'apple-mpp-bare-agent': () =>
    'Most likely Apple’s privacy relay: its agent says no more than that one’s, but its network is on no ' +
    'list of Apple’s here. Nobody can tell whether the mail was read.',
  'prefetch-header': () =>
    'The request said itself that it came in advance, before anybody looked.',
  'gmail-prefetch-agent': () => 'Gmail fetched the image in advance, before anybody looked.',
  'scanner-network': (name) =>
    `Came from the network of ${name ?? 'a scanner'}, which searches for security holes: nobody reads ` +
    'from there.',
  'scanner-token': (name) =>
    `${name ?? 'A security scanner'} said its name: it checks mails and pages, and reads none.`,
  'scanner-behaviour': () =>
    'Claims to be a browser but behaves like a mail gateway: two of three signs, which are a gateway’s ' +
    'network soon after sending, seconds after sending, and several pixels at once.',
  'link-preview-token': (name) =>
    `${name ?? 'A chat or social network'} made a preview of a link or an image.`,
  'crawler-token': (name) => `${name ?? 'This'} is a known crawler or monitor.`,
  'crawler-words': (name) =>
    `${name ?? 'It'} calls itself a robot, or is on a general list of robots.`,
  'http-library-token': (name) =>
    `${name ?? 'This'} is what scripts and servers fetch with: nobody sits before a screen.`,
  'no-agent': () => 'It said nothing of what it is, so nothing can be said about it.',
  'unrecognised-agent': () =>
    'What it says of itself is nothing that we know: no browser, no app and no known machine.',
  'not-judged': () =>
    'An older version stored it without a verdict. It will be judged soon, by itself.',
};

/** What the client is called is text that it sent itself, in parts: never markup. */
export function whyOf({ kind, reason, client }: Judged): string {
  const words = WHY[reason];
  // A server that was updated while this page was open may know more.
  return words?.(client, kind) ?? `The server says ${reason}; reload the page for its words.`;
}

const OWN: Readonly<Record<OwnSign, string>> = {
  address: 'It came from one of your own addresses (IGNORED_ADDRESSES), so it does not count.',
  browser: 'This browser followed your ignore link, so it does not count.',
  claimed: 'Somebody said “that was me”, so it does not count.',
  disclaimed: 'Somebody said that it was none of you, so it counts by its verdict.',
};

/** Null: nothing speaks for an own look. */
export const ownWordsOf = (own: OwnSign | null): string | null => (own === null ? null : OWN[own]);
