// What the server's own pages are made with: text that cannot become markup, templates with named places,
// and the hashes by which a policy allows a page its own style and script and nothing else.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file of the folder `page`. */
export const readPageFile = (name: string): string =>
  readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

/** `text` as content of an element or of an attribute in quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Puts `values` where `<!--name-->` stands, as they are: escape first what may be markup. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/<!--(\w+)-->/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the page has no value ${name}`);
    return value;
  });
}

/** The source expression for an inline style or script with this text (CSP Level 3 §2.3.1). */
export const sourceHash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
