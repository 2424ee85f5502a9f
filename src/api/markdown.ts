// The little of CommonMark that descriptions in the API's document are written in, as HTML: paragraphs,
// lists, bold and code. Everything else is text.

import { escapeHtml } from './html.ts';

/** Blocks are parted by empty lines; a list is a block of which each item begins with an asterisk. */
export function markdown(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((block) => {
      if (!block.startsWith('* ')) return `<p>${inlineMarkdown(block)}</p>`;
      const items = block.slice(2).split(/\n\* /);
      return `<ul>${items.map((item) => `<li>${inlineMarkdown(item)}</li>`).join('')}</ul>`;
    })
    .join('');
}

/** Code is taken out first: what stands in it is no markup. */
export function inlineMarkdown(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`') && part.length > 2
        ? `<code>${escapeHtml(part.slice(1, -1))}</code>`
        : marked(escapeHtml(part)),
    )
    .join('');
}

const marked = (html: string): string => html.replace(/\*\*(.+?)\*\*/gs, '<strong>$1</strong>');
