// A pixel as answers show it: what is said of it, its image's address ready to paste, and with whoever reads
// it how often it was looked at.

import { z } from 'zod';
import type { ListedPixel } from '../store/listing.ts';
import type { Pixel } from '../store/store.ts';
import { OpenCounts, openCounts } from './counts.ts';
import type { ApiParts } from './parts.ts';
import { imageHtml, imageMarkdown, imageUrl, ownMode } from './pixel.ts';
import { describeProperties, PropertiesAnswer } from './properties.ts';
import { formatMicros, TimeText } from './times.ts';

export const PixelAnswer = z
  .object({
    code: z.string(),
    image_url: z.url().describe('The image. With `.gif` in place of `.png` it is a GIF.'),
    image_html: z.string().describe('To be put into a mail or a page as it is.'),
    image_markdown: z.string().describe('The same for texts in Markdown.'),
    created_at: TimeText,
    ...PropertiesAnswer.shape,
  })
  .meta({ id: 'Pixel', description: 'A tracking image, and what is said of it.' });

export const ListedPixelAnswer = z
  .object({
    ...PixelAnswer.shape,
    counts: OpenCounts,
    last_hit_at: TimeText.nullable().describe('Of the last hit, whoever made it; null: none yet.'),
  })
  .meta({ id: 'ListedPixel', description: 'A tracking image, and how often it was looked at.' });

type Parts = Pick<ApiParts, 'config' | 'codes'>;

export function pixelAnswer(
  { codes, config }: Parts,
  { code, createdAt, properties }: Pixel,
): z.input<typeof PixelAnswer> {
  return {
    code,
    image_url: imageUrl(config.baseUrl, code),
    image_html: imageHtml(config.baseUrl, code),
    image_markdown: imageMarkdown(config.baseUrl, code),
    created_at: formatMicros(createdAt),
    ...describeProperties(properties, ownMode(codes, code, properties), config),
  };
}

export function listedPixelAnswer(
  parts: Parts,
  { pixel, counts, lastHitAt }: ListedPixel,
): z.input<typeof ListedPixelAnswer> {
  return {
    ...pixelAnswer(parts, pixel),
    counts: openCounts(counts),
    last_hit_at: lastHitAt === null ? null : formatMicros(lastHitAt),
  };
}
