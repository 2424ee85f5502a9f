// A real mail with a pixel: sent by SMTP to a mailbox on this machine, read by three mail programs that could
// not be more different, and what Truepixel makes of each of them.

import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { Truepixel } from 'truepixel/client';

const READERS = {
  'a person with Thunderbird':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0',
  'a person with Gmail, seen through its proxy':
    'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'Apple Mail, fetching ahead whether anybody reads or not': 'Mozilla/5.0',
};

const url = process.env.TRUEPIXEL_URL ?? 'http://localhost:8000';
const truepixel = new Truepixel({ url, token: process.env.TRUEPIXEL_TOKEN });

// 1. A mailbox: an SMTP server on a free port of this machine, which keeps what it gets.
const received = Promise.withResolvers();
const mailbox = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      received.resolve(Buffer.concat(chunks).toString());
      done();
    });
  },
});
const door = mailbox.listen(0, '127.0.0.1');
await new Promise((resolve) => door.once('listening', resolve));

// 2. The mail. `sent_at` lets the haste of scanners be seen, who look within seconds of it.
const recipient = 'ada@reader.example';
const pixel = await truepixel.mint({
  recipient,
  label: 'Invoice 7',
  campaign: 'invoices',
  sent_at: new Date().toISOString(),
});
const mailer = createTransport({ host: '127.0.0.1', port: door.address().port, ignoreTLS: true });
await mailer.sendMail({
  from: 'shop@example.org',
  to: recipient,
  subject: 'Your invoice',
  text: 'Your invoice is attached.',
  html: `<p>Your invoice is attached.</p>${pixel.image_html}`,
});
mailer.close();

// 3. What arrived, as a mail program reads it, and the image that it would show.
const source = (await received.promise).replaceAll('=\r\n', '').replaceAll('=3D', '=');
mailbox.close();
const image = /<img src="([^"]+)"/.exec(source)?.[1];
if (image !== pixel.image_url) throw new Error('the mail came without its pixel');
console.log(`Sent to ${recipient} with ${image}`);

for (const [who, agent] of Object.entries(READERS)) {
  await fetch(image, { headers: { 'user-agent': agent } });
  const [hit] = (await truepixel.info(pixel.code, { limit: 1 })).timeseries_data;
  console.log(`${who}: ${hit?.class}, because of ${hit?.reason}`);
}
const { counts } = await truepixel.pixel(pixel.code);
console.log(`${counts.opens} opens, ${counts.unverified} unverified, of ${counts.hits} hits`);
