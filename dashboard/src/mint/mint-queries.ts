// Minting: one pixel, or one for each of many recipients, never twice however often it is tried.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { Minted, Properties } from '../pixels/answers.ts';

export interface Order {
  /** The same for every try of the same order. */
  readonly key: string;
  readonly properties: Partial<Properties>;
  /** Null: one pixel. */
  readonly recipients: readonly string[] | null;
}

/** `crypto.randomUUID` is there on https and localhost only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function useMint() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: mint,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['pixels'] });
      await client.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
}

async function mint({ key, properties, recipients }: Order): Promise<readonly Minted[]> {
  const headers = { 'idempotency-key': key };
  if (recipients === null) {
    const options = { method: 'POST', body: properties, headers } as const;
    return [await request<Minted>('/v1/pixels', options)];
  }
  const body = { pixels: recipients.map((recipient) => ({ ...properties, recipient })) };
  const answer = await request<{ pixels: readonly Minted[] }>('/v1/pixels/batch', {
    method: 'POST',
    body,
    headers,
  });
  return answer.pixels;
}
