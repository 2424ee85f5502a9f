// Headers of every answer: nothing here is to be cached, framed, sniffed, embedded elsewhere or followed
// with a Referer (codes and tokens stand in URLs). The root page alone allows itself more, by hash.

export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;
