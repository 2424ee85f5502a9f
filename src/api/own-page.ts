// The page behind an ignore link: it says what the link is for and asks, since link scanners and prefetchers
// open links too. It holds nothing that anybody sent, and runs no script.

import { fillTemplate, readPageFile, sourceHash } from './html.ts';

/** Whether this browser is ignored now; `wrong-link` when nothing can be done here. */
export type OwnPageState = 'counted' | 'ignored' | 'wrong-link';

const button = (looks: 'ignore' | 'count', words: string): string =>
  `<form method="post"><button name="looks" value="${looks}">${words}</button></form>`;

const CONTENT: Readonly<Record<OwnPageState, string>> = {
  counted: `<h2>This browser’s looks are counted</h2>
<p>Whoever runs this server can leave out their own looks at their images. If that is you, press the button in
each browser that you read your own mail or pages with. It sets one cookie here, which says nothing but
“ignore”, for 400 days.</p>
${button('ignore', 'Ignore this browser’s looks')}
<p><small>Webmail shows images from another site, for which most browsers send no cookies, and mail apps have
none: such looks are still counted. Use IGNORED_ADDRESSES, or say of a look that it was yours.</small></p>`,
  ignored: `<h2>This browser’s looks are ignored</h2>
<p>They are kept and marked as your own, and not counted. The cookie goes after 400 days, or now:</p>
${button('count', 'Count this browser’s looks again')}`,
  'wrong-link': `<h2>This link does not work any more</h2>
<p>It was valid for a day, or it is not whole. Ask whoever runs this server for a new one; nothing was
changed in this browser.</p>`,
};

/** The pages by state, and the one policy of all. */
export function renderOwnPages(): {
  pages: Readonly<Record<OwnPageState, string>>;
  policy: string;
} {
  const style = readPageFile('page.css');
  const template = readPageFile('own-browser.html');
  const page = (state: OwnPageState): string =>
    fillTemplate(template, { style: `<style>${style}</style>`, content: CONTENT[state] });
  const policy = [
    "default-src 'none'",
    `style-src ${sourceHash(style)}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  const pages = {
    counted: page('counted'),
    ignored: page('ignored'),
    'wrong-link': page('wrong-link'),
  };
  return { pages, policy };
}
