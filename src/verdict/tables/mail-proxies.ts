// Proxies that fetch the images of a mail for its reader: a person looked, but address, system and
// device are the provider's.

import { PRESUMED, type Row } from './row.ts';

const REPORTS = 'public reports by senders of mail, 2021 to 2026';

export const GMAIL_PROXY: readonly Row[] = [
  ['Gmail', /\bGoogleImageProxy\b/, 'https://support.google.com/mail/answer/145919'],
  ['Gmail', /\(via ggpht\.com\b/, 'https://support.google.com/mail/answer/145919'],
];

export const YAHOO_PROXY: readonly Row[] = [
  ['Yahoo Mail', /\bYahooMailProxy\b/, 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'],
];

export const OTHER_PROXIES: readonly Row[] = [
  // Bare `FastmailUA/1.0` is its calendar's synchronisation, no reader.
  ['Fastmail', /^Mozilla\/\d.{0,300}\bFastmailUA\/\d/, 'https://www.fastmail.help (image proxy)'],
  ['Seznam Email', /\bSeznamEmailProxy\/\d/, 'device-detector, isbot'],
  ['Rambler Mail', /^RamblerMail\/\d|\bincompatible; ImageProxy\/\d/, 'device-detector'],
  ['ukr.net', /\bmail\.ukr\.net proxy\b/, 'device-detector'],
  // Such names are chosen by mail services only; a web proxy does not call itself after mail.
  ['mail proxy', /[Mm]ail(?:[ -]?Image)?[ -]?[Pp]roxy\b/, PRESUMED],
];

/** What Gmail fetches before anybody reads: a browser's agent with a second `Mozilla/5.0` at its end. */
export const GMAIL_PREFETCH: readonly Row[] = [
  ['Gmail', /Chrome\/42\.0\.2311\.135 Safari\/537\.36 Edge\/12\.246 Mozilla\/5\.0$/, REPORTS],
];
