// Robots that are worth naming; the rest is found by words (machine-words.ts). Search engines, AI crawlers
// and assistants, monitors, archives, feed readers, headless browsers.

import type { Row } from './row.ts';

const CUA = 'crawler-user-agents';
const DD = 'device-detector';
const ISBOT = 'isbot';
const UAP = 'uap-core';

export const CRAWLERS: readonly Row[] = [
  // AI crawlers and assistants, 2023 to 2026
  [
    'OpenAI',
    /\b(?:GPTBot|OAI-(?:SearchBot|AdsBot)|ChatGPT-(?:User|Browser|Agent)|Operator)\b/i,
    'https://platform.openai.com/docs/bots',
  ],
  [
    'Anthropic',
    /\b(?:ClaudeBot|Claude-(?:User|Web|SearchBot)|anthropic-ai|claude-code)\b/i,
    'https://support.anthropic.com',
  ],
  ['Perplexity', /\bPerplexity(?:Bot|-User)\b/i, 'https://docs.perplexity.ai/guides/bots'],
  [
    'Google AI',
    /\bGoogle-(?:Extended|CloudVertexBot|NotebookLM|GeminiNotebook|Agent|Pinpoint)\b/i,
    DD,
  ],
  ['Google AI', /\bGoogleAgent-\w|\bGemini-(?:AI|Deep-Research)\b|\bBard-AI\b/i, DD],
  ['Meta AI', /\bmeta-(?:externalagent|webindexer|externalads)\b|\bFacebookBot\b/i, DD],
  ['Mistral', /\bMistralAI-(?:User|Index)\b/i, DD],
  ['Cohere', /\bcohere-(?:ai|command|training-data-crawler)\b/i, DD],
  ['DuckAssist', /\bDuckAssistBot\b/i, DD],
  ['Amazon', /\bAmazonbot\b|\bAmzn-(?:User|SearchBot)\b|\bNovaAct\b|\bAmazonBuyForMe\b/i, DD],
  ['ByteDance', /\bBytespider\b|\bTikTokSpider\b/i, CUA],
  ['DeepSeek', /\bDeepSeekBot\b/i, DD],
  ['Moonshot', /\bKimi(?:-User|-SearchBot|Bot)\b/i, DD],
  ['xAI', /\bxAI-(?:Bot|Grok|SearchBot)\b|\bGrok(?:Bot|-DeepSearch)\b/i, DD],
  ['Common Crawl', /\bCCBot\b/i, CUA],
  ['Apple', /\bApplebot\b/i, 'https://support.apple.com/en-us/119829'],
  ['Manus', /\bManus-User\b/i, ISBOT],
  ['Devin', /\bDevin\/\d|\bDevin\b(?=\W*$)/, DD],
  ['Firecrawl', /\bFirecrawl/i, DD],
  ['GitHub Copilot', /\bGitHubCopilotChat\b/i, DD],
  // Search engines
  [
    'Googlebot',
    /\bGooglebot\b|\bGoogleOther\b|\bStorebot-Google\b|\bGoogle-InspectionTool\b/i,
    UAP,
  ],
  [
    'Google',
    /\bAdsBot-Google\b|\bMediapartners-Google\b|\bAPIs-Google\b|\bFeedFetcher-Google\b/i,
    UAP,
  ],
  [
    'Google',
    /\bDuplexWeb-Google\b|\bgoogleweblight\b|\bChrome-Lighthouse\b|\bAppEngine-Google\b/i,
    ISBOT,
  ],
  [
    'Google',
    /\bGoogle[- ](?:Favicon|Site-Verification|Read-Aloud|Search Console|Producer)\b/i,
    ISBOT,
  ],
  [
    'Google',
    /\bGoogle[- ](?:Structured-Data|Ads-?|Display-Ads|Cloud|Apps-Script|Firebase|ilp|adwords)/i,
    ISBOT,
  ],
  [
    'Google',
    /\bGoogle(?:AssociationService|Producer|_Analytics)|\bgoogle_partner_monitoring\b/i,
    ISBOT,
  ],
  [
    'Google',
    /\bGoogle ?Page ?Speed\b|\bPageSpeed Insights\b|\bGoogleStackdriver|\bGoogle-Document-Conversion\b/i,
    DD,
  ],
  [
    'Google Ads',
    /\bGoogle-(?:Area120|Shopping|Transparency|Partner|HotelAd)|\bGoogle-speakr\b/i,
    CUA,
  ],
  ['Bing', /\b(?:bingbot|msnbot|adidxbot|MSNPTC|BingPreview)\b/i, UAP],
  ['Yahoo', /\bYahoo! Slurp\b|\bSlurp\b|\bYahooSeeker\b|\bY!J-|\bYahooCacheSystem\b/i, UAP],
  ['Yahoo', /\bYahoo Ad monitoring\b|\bYahoo-(?:MM|News|Blogs|Test|Vertical)/i, UAP],
  [
    'Yandex',
    /\bYandex(?:\w{0,24}Bot|Images?|Media|Video|Direct|Metrika|Webmaster|Favicons)\b/i,
    DD,
  ],
  ['Yandex', /\bYandex\w{3,24}\/\d[\d.]*; \+http/i, DD],
  [
    'Baidu',
    /\bBaidu-?(?:spider|YunGuanCe|imagespider|mobaider)|\bBaiduspider\b|\bbaidu Transcoder\b/i,
    UAP,
  ],
  ['DuckDuckGo', /\bDuckDuckBot\b|\bDuckDuckGo-Favicons-Bot\b|^DuckDuckBot/i, ISBOT],
  ['Seznam', /\bSeznamBot\b|\bSeznam screenshot-generator\b/i, DD],
  [
    'Sogou',
    /\bSogou (?:web|pic|head|orion|inst|news|video|push|blog|develop)|\bSogou-\w{0,10}-?Spider\b/i,
    UAP,
  ],
  ['Naver', /\bYeti\/\d|\bnaver\.me\/(?:bot|spd)\b|\bNaverbot\b/i, UAP],
  ['Daum', /\bDaum(?:oa)?[/ ]\d|\bDaumoa/i, UAP],
  ['Mail.ru', /\bMail\.RU_Bot\b/i, UAP],
  ['Petal', /\bPetalBot\b|\bAspiegelBot\b/i, UAP],
  ['Google', /\bGoogleAdwordsExpress\b|; Widget Server\)/, ISBOT],
  // SEO and marketing
  ['Ahrefs', /\bAhrefs(?:Bot|SiteAudit)\b/i, CUA],
  ['Semrush', /\bSemrush(?:Bot)?\b|\bSplitSignalBot\b/i, CUA],
  ['Majestic', /\bMJ12bot\b/i, CUA],
  ['Moz', /\bDotBot\b|\brogerbot\b/i, CUA],
  ['HubSpot', /\bHubSpot\b/i, DD],
  // Monitoring
  ['UptimeRobot', /\bUptimeRobot\b/i, CUA],
  ['Pingdom', /\bPingdom/i, UAP],
  ['StatusCake', /\bStatusCake/i, UAP],
  ['New Relic', /\bNewRelic/i, UAP],
  ['Datadog', /\bDatadog/i, DD],
  ['Dynatrace', /\bruxitSynthetic|\bRuxitSynthetic|\bDynatraceSynthetic/i, UAP],
  ['Catchpoint', /\bCatchpoint\b/i, UAP],
  ['Site24x7', /\bSite24x7\b/i, UAP],
  ['GTmetrix', /\bGTmetrix\b/i, CUA],
  ['WebPageTest', /\bPTST\/|\bWebPageTest\b/i, UAP],
  ['Yellow Lab Tools', /\bYLT Chrome\//, CUA],
  ['360 Monitoring', /\b360JK yunjiankong\b/i, DD],
  ['Miniature.io', /\bMiniature\.io\//i, CUA],
  ['Rigor', /\bRigor(?:OptMonitor|\b(?=.{0,40}monitor))/i, CUA],
  // Headless browsers and automation
  ['headless browser', /\bHeadless(?:Chrome|Shell|Edg)?\b/i, ISBOT],
  [
    'headless browser',
    /\b(?:PhantomJS|SlimerJS|CasperJS|Puppeteer|Playwright|Selenium|Cypress|Zombie\.js)\b/i,
    ISBOT,
  ],
  [
    'headless browser',
    /\bsplash Version\/|\bSplash\b(?=.{0,30}$)|\bElectron\/[\d.]+ .{0,20}Nightmare\b/,
    ISBOT,
  ],
  ['headless browser', /\([Uu]nknown; Linux x86_64\) AppleWebKit\//, CUA],
  // Archives
  [
    'Internet Archive',
    /\barchive\.org_bot\b|\bia_archiver\b|\bheritrix\b|\bspecial_archiver\b/i,
    UAP,
  ],
  ['archive', /\bArchiveBo[tx]\b|\barquivo|\bwebarchiv|\bNetarkivet/i, DD],
  // Feed readers that fetch for their users
  [
    'feed reader',
    /\b(?:Feedly|Feedbin|FeedBurner|Feedspot|Inoreader|NewsBlur|Netvibes|Bloglovin)\b/i,
    DD,
  ],
  [
    'feed reader',
    /\b(?:Tiny Tiny RSS|FreshRSS|theoldreader|BazQux|CommaFeed|NewsGator\w{0,10})\b/i,
    DD,
  ],
  [
    'feed reader',
    /\b(?:Akregator|Liferea|NetNewsWire|newsboat|newsbeuter|Miniflux|Stringer)\b/i,
    DD,
  ],
  [
    'feed reader',
    /\bFeed(?:fetcher|Parser|Demon|Wrangler|Validator|Reader)\b|\bUniversalFeedParser\b/i,
    DD,
  ],
  ['podcast', /\bCastro 2, Episode|\bOvercast Podcast Sync\b|^Overcast\//i, DD],
  ['Fastmail', /^FastmailUA\/\d/, 'docs/verdicts.md'],
  // Others that hide among browsers
  ['GitHub', /\bgithub-camo\b|\bCamo Asset Proxy\b|\bimgproxy\/\d/i, DD],
  ['WordPress', /^WordPress(?:\.com)?[/; ]|\bmShots\b|\bJetpack by WordPress/i, UAP],
  ['BuiltWith', /\bBW\/1\.\d; (?:bit\.ly|rb\.gy)\b|\bBuiltWith\b/i, ISBOT],
  ['Assetnote', /\bAssetnote\/\d/, DD],
  ['WebThumbnail', /\bWebThumbnail\b|\bWebThumb\/|\bThumbshots/i, UAP],
  ['scraper', /\bLaravel Reaver\b|\bTSM-turingos|\bSiteSucker\b|\bgeckoversion\b/i, DD],
  ['OneTrust', /; OneTrust(?:Bot)?;/, ISBOT],
  ['NewsNow', /\bNewsNow\/\d|\bnewsai\/\d/, CUA],
  ['WeChat developer tools', /\bwechatdevtools\b/, ISBOT],
  ['Critical CSS', /\bCriticalcss\.com\//i, CUA],
  ['click farm', /\bafengineurl=|^i(?:phone|pad)(?:\||$)/i, ISBOT],
  ['PHP injection', /<\?=print\(/, DD],
  ['Amazon Kendra', /^amazon-kendra/, DD],
];
