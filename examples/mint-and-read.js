// Mint a pixel, look at it once as a browser would, and read who looked: the whole of Truepixel in 20 lines.

import { Truepixel } from 'truepixel/client';

const url = process.env.TRUEPIXEL_URL ?? 'http://localhost:8000';
const truepixel = new Truepixel({ url, token: process.env.TRUEPIXEL_TOKEN });

const pixel = await truepixel.mint({ label: 'My first pixel' });
console.log('Put this into a mail or a page:', pixel.image_html);

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
await fetch(pixel.image_url, { headers: { 'user-agent': agent } });

for await (const hit of truepixel.hits({ pixel: pixel.code })) {
  console.log(`${hit.time_stamp}: ${hit.class} (${hit.reason}), ${hit.client} on ${hit.os}`);
}
const { counts } = await truepixel.pixel(pixel.code);
console.log(`${counts.opens} open, ${counts.unique_opens} unique`);
