// Descriptions become the markup that they mean, and nothing else in them does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdown } from './markdown.ts';

test('paragraphs, lists, bold and code', () => {
  assert.equal(markdown('One\nline.\n\nTwo.'), '<p>One\nline.</p><p>Two.</p>');
  assert.equal(
    markdown('* **A** `b`\n  c\n* d'),
    '<ul><li><strong>A</strong> <code>b</code>\n  c</li><li>d</li></ul>',
  );
});

test('everything else is text, in code too', () => {
  assert.equal(
    markdown('<b> & `<i>**x**`'),
    '<p>&#60;b&#62; &#38; <code>&#60;i&#62;**x**</code></p>',
  );
  assert.equal(markdown('2 * 3 ` 4'), '<p>2 * 3 ` 4</p>');
});
