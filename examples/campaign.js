// A campaign for 1,000 recipients: one pixel for each in one request, and then who never opened. Run it
// again: by the key of its idempotency it is the same campaign with the same pixels, and nobody gets a second
// one.

import { Truepixel } from 'truepixel/client';

const RECIPIENTS = 1_000;
const LOOKS_AT_ONCE = 20;

const url = process.env.TRUEPIXEL_URL ?? 'http://localhost:8000';
const truepixel = new Truepixel({ url, token: process.env.TRUEPIXEL_TOKEN });
const campaign = process.env.CAMPAIGN ?? 'example-autumn';

const recipients = Array.from({ length: RECIPIENTS }, (_, i) => `reader-${i + 1}@example.org`);
const pixels = await truepixel.mintMany(
  recipients.map((recipient) => ({ recipient, campaign, label: 'Autumn letter' })),
  { idempotencyKey: `mailing-${campaign}` },
);
console.log(`${pixels.length} pixels minted; the first: ${pixels[0]?.image_html}`);

// Now your mailer sends the mails. Here two of three recipients open theirs.
const opened = pixels.filter((_, i) => i % 3 !== 0);
const agent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0';
const headers = { 'user-agent': agent };
for (let from = 0; from < opened.length; from += LOOKS_AT_ONCE) {
  const some = opened.slice(from, from + LOOKS_AT_ONCE);
  await Promise.all(some.map(({ image_url: image }) => fetch(image, { headers })));
}

const silent = [];
for await (const pixel of truepixel.pixels({
  campaign,
  opened: 'no',
  sort: 'recipient',
  order: 'asc',
})) {
  silent.push(pixel.recipient);
}
console.log(`${silent.length} never opened: ${silent.slice(0, 3).join(', ')} …`);

const { totals, groups } = await truepixel.statistics('opens', { campaign, split: 'client' });
console.log(`${totals.unique_opens} did, with`, groups.map(({ value }) => value).join(', '));
