// One JSON line given to `truepixel classify`: `{"ua","ip","headers"}`, and a hit's circumstances.

import { z } from 'zod';
import { canonicalAddress } from '../hit/address.ts';
import type { Evidence } from '../hit/verdict.ts';

/** Headers that say why something is fetched, in the collector's order. */
const PURPOSE_HEADERS = ['sec-purpose', 'purpose', 'x-moz'] as const;

export interface ClassifyRequest {
  readonly evidence: Evidence;
  /** Milliseconds; null when not given. */
  readonly at: number | null;
  readonly sentAt: number | null;
  readonly code: string | null;
}

const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'is no time in ISO 8601')
  .transform((text) => Date.parse(text))
  .nullish();

const REQUEST = z.object({
  ua: z.string().nullish(),
  ip: z
    .string()
    .transform((text) => (text === '' ? '' : canonicalAddress(text)))
    .refine((address) => address !== null, 'is no address')
    .nullish(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  at: time,
  sent_at: time,
  code: z.string().nullish(),
});

/** What is wrong with it, in words, when it is no such object. Unknown keys are passed over. */
export function parseClassifyRequest(line: string): ClassifyRequest | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  const parsed = REQUEST.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`.trim();
  }
  const { ua, ip, headers, at, sent_at: sentAt, code } = parsed.data;
  const header = headerReader(headers ?? {});
  const purpose = PURPOSE_HEADERS.map(header).find((value) => value !== null) ?? null;
  const evidence = { agent: ua ?? header('user-agent'), address: ip ?? '', purpose };
  return { evidence, at: at ?? null, sentAt: sentAt ?? null, code: code ?? null };
}

/** Header names come in any case. */
function headerReader(
  headers: Readonly<Record<string, string | readonly string[]>>,
): (name: string) => string | null {
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return (name) => {
    const value = byName.get(name);
    if (value === undefined) return null;
    return typeof value === 'string' ? value : value.join(', ');
  };
}
