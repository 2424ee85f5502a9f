// Numbers, dates and countries in words. The pages are in English, so they are written the English way: the
// reader's own kind of English where the browser names one.

const locale =
  (globalThis.navigator?.languages ?? []).find((each) => /^en\b/i.test(each)) ?? 'en-GB';

const whole = new Intl.NumberFormat(locale);
const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const change = new Intl.NumberFormat(locale, {
  style: 'percent',
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});
const regions = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });

/** `12,345`. */
export const formatCount = (count: number): string => whole.format(count);
/** `12.3K`, for axes. */
export const formatShort = (count: number): string => short.format(count);
/** `42%` of a share between 0 and 1. */
export const formatShare = (share: number): string => percent.format(share);
/** `+42%`. */
export const formatChange = (share: number): string => change.format(share);

/** What `code` (ISO 3166-1 alpha-2) is called; the code itself where nobody knows. */
export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

type Style = Intl.DateTimeFormatOptions;
const formats = new Map<string, Intl.DateTimeFormat>();

/** A time in `zone`; formats are kept, since making one takes longer than using it. */
export function formatTime(at: string | Date, zone: string, style: Style): string {
  const key = JSON.stringify([zone, style]);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { ...style, timeZone: zone });
    formats.set(key, format);
  }
  return format.format(new Date(at));
}

/** A moment to the second, with its zone. */
export const MOMENT: Style = { dateStyle: 'medium', timeStyle: 'medium' };
export const DATE: Style = { dateStyle: 'medium' };

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
