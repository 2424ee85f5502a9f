// The part of a verdict that follows from the agent alone: tables in the order of precedence, generic lists
// last. A visible straight line, so that it can be read beside docs/verdicts.md.

import { AGENT_JUDGED_CHARACTERS_MAX } from '../limits.ts';
import { withoutFalseFriends } from './false-friends.ts';
import { claimsToBeRobot, type Shape, speaksOfMachine } from './machine-words.ts';
import { platformOf } from './platform.ts';
import { shapeOf } from './shape.ts';
import { BROWSERS } from './tables/browsers.ts';
import { CRAWLERS } from './tables/crawlers.ts';
import { HTTP_LIBRARIES } from './tables/http-libraries.ts';
import { LINK_PREVIEWS } from './tables/link-previews.ts';
import { MAIL_CLIENTS } from './tables/mail-clients.ts';
import { GMAIL_PREFETCH, GMAIL_PROXY, OTHER_PROXIES, YAHOO_PROXY } from './tables/mail-proxies.ts';
import { finder } from './tables/row.ts';
import { SCANNERS } from './tables/scanners.ts';
import {
  CLASS_OF_REASON,
  impersonal,
  isPerson,
  type Reason,
  type Verdict,
} from '../hit/verdict.ts';

const gmailProxyIn = finder(GMAIL_PROXY);
const yahooProxyIn = finder(YAHOO_PROXY);
const otherProxyIn = finder(OTHER_PROXIES);
const gmailPrefetchIn = finder(GMAIL_PREFETCH);
const mailClientIn = finder(MAIL_CLIENTS);
const linkPreviewIn = finder(LINK_PREVIEWS);
const scannerIn = finder(SCANNERS);
const httpLibraryIn = finder(HTTP_LIBRARIES);
const crawlerIn = finder(CRAWLERS);
const browserIn = finder(BROWSERS);

/** Apple's Mail Privacy Protection sends this and nothing else. */
const APPLE_MPP_AGENT = 'Mozilla/5.0';

/**
 * WebKit that names neither browser nor app: Apple Mail without privacy protection, and Outlook for Mac.
 * It looks much like privacy protection and is none.
 */
const BARE_WEBKIT =
  /^Mozilla\/5\.0 \((?:Mac|iP)[^()]{1,80}\) AppleWebKit\/[\d.]{3,14} \(KHTML, like Gecko\)(?: Mobile\/\w+)?$/;

/** The name that a robot gives itself. */
const ROBOT_NAME =
  /[\w.!-]{0,30}(?:bot|spider|crawler|fetcher|scraper|monitor|checker)\b[\w-]{0,20}/i;

/** What has none, as the `-` that some proxies put in, names nothing. */
const LETTER = /\p{L}/u;

/** A verdict without a country, and whether networks may still change it. */
export interface AgentVerdict {
  readonly verdict: Verdict;
  /** Above the networks in the order of precedence: wherever it came from, it is this. */
  readonly certain: boolean;
}

/** `agent` as the hit has it; the longest are read only as far as real ones go. */
export function judgeAgent(agent: string | null): AgentVerdict {
  const text = (agent ?? '').slice(0, AGENT_JUDGED_CHARACTERS_MAX).trim();
  const proxy = judgeProxy(text);
  return proxy === null
    ? { verdict: judgeRest(text), certain: false }
    : { verdict: proxy, certain: true };
}

function judgeProxy(agent: string): Verdict | null {
  let name = gmailProxyIn(agent);
  if (name !== null) return impersonal('gmail-proxy-token', name);
  name = yahooProxyIn(agent);
  if (name !== null) return impersonal('yahoo-proxy-token', name);
  name = otherProxyIn(agent);
  if (name !== null) return impersonal('mail-proxy-token', name);
  name = gmailPrefetchIn(agent);
  if (name !== null) return impersonal('gmail-prefetch-agent', name);
  return agent === APPLE_MPP_AGENT ? impersonal('apple-mpp-bare-agent', 'Apple Mail') : null;
}

function judgeRest(agent: string): Verdict {
  if (!LETTER.test(agent)) return impersonal('no-agent', null);
  const rest = withoutFalseFriends(agent);
  let name = mailClientIn(agent);
  if (name !== null && !claimsToBeRobot(rest)) return person('mail-client-token', name, agent);
  if (BARE_WEBKIT.test(agent)) return person('webkit-without-browser', 'Apple Mail', agent);

  name = linkPreviewIn(rest);
  if (name !== null) return impersonal('link-preview-token', name);
  name = scannerIn(rest);
  if (name !== null) return impersonal('scanner-token', name);
  name = httpLibraryIn(rest);
  if (name !== null) return impersonal('http-library-token', name);
  name = crawlerIn(rest);
  if (name !== null) return impersonal('crawler-token', name);

  const shape = shapeOf(agent);
  if (speaksOfMachine(rest, shape)) return impersonal('crawler-words', robotName(rest));
  return judgeShape(agent, shape);
}

function judgeShape(agent: string, shape: Shape): Verdict {
  if (shape === 'other') return impersonal('unrecognised-agent', null);
  const reason = shape === 'app' ? 'app-agent' : 'browser-agent';
  return person(reason, browserIn(agent) ?? appName(agent, shape), agent);
}

function person(reason: Reason, client: string | null, agent: string): Verdict {
  const verdictClass = CLASS_OF_REASON[reason];
  if (!isPerson(verdictClass)) throw new TypeError(`${reason} is no person's reason`);
  return { class: verdictClass, reason, client, ...platformOf(agent), country: null };
}

function robotName(agent: string): string | null {
  return ROBOT_NAME.exec(agent)?.[0].replace(/^[.-]+/, '') ?? null;
}

/** `Reeder` of `Reeder/1010.79.00 CFNetwork/…`. */
function appName(agent: string, shape: Shape): string | null {
  if (shape !== 'app' || !/\bCFNetwork\//.test(agent)) return null;
  const name = /^([^/]{1,60})\//.exec(agent)?.[1];
  return name === undefined ? null : name.replaceAll('%20', ' ');
}
