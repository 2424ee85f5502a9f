// Looks for texts and addresses in every byte of a folder, in whatever form they may have been written: what
// tests of privacy and erasure ask after the fact.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isIPv4 } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import ipaddr from 'ipaddr.js';

/** Where a trace was found, and in which form: `journal/collector-0/1.tpj: hex`. */
export type Finding = string;

/** All forms of a text that somebody could have written, by their names. */
export function formsOf(text: string): ReadonlyMap<string, Buffer> {
  const forms = new Map<string, Buffer>([
    ['text', Buffer.from(text)],
    ['lower case', Buffer.from(text.toLowerCase())],
    ['upper case', Buffer.from(text.toUpperCase())],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['percent-encoded', Buffer.from(encodeURIComponent(text))],
    ['JSON', Buffer.from(JSON.stringify(text).slice(1, -1))],
    ['reversed', Buffer.from(Buffer.from(text).toReversed())],
  ]);
  encodings(forms, '', Buffer.from(text));
  return forms;
}

/** The same of an address, with its bytes and its longer spellings. */
export function formsOfAddress(address: string): ReadonlyMap<string, Buffer> {
  const forms = new Map(formsOf(address));
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  forms.set('bytes', bytes).set('bytes, little-endian', Buffer.from(bytes.toReversed()));
  encodings(forms, 'bytes as ', bytes);
  if (isIPv4(address)) {
    forms.set('number', Buffer.from(String(bytes.readUInt32BE(0))));
    forms.set('mapped', Buffer.from(`::ffff:${bytes.toString('hex').replace(/(?<=^.{4})/, ':')}`));
  } else {
    forms.set('normalized', Buffer.from(ipaddr.parse(address).toNormalizedString()));
    const groups = bytes.toString('hex').replaceAll(/(?<=^(?:.{4})+)(?=.)/g, ':');
    forms.set('fixed length', Buffer.from(groups));
    forms.set('interface', Buffer.from(address.split(':').slice(-3).join(':')));
  }
  return forms;
}

function encodings(forms: Map<string, Buffer>, prefix: string, bytes: Buffer): void {
  const hex = bytes.toString('hex');
  forms.set(`${prefix}hex`, Buffer.from(hex));
  forms.set(`${prefix}upper-case hex`, Buffer.from(hex.toUpperCase()));
  // In base64 it depends on what stands before; what the neighbours have a share in is left out.
  for (let before = 0; before < 3; before++) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = padded.toString('base64');
    const part = whole.slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6));
    forms.set(`${prefix}base64, ${before} before it`, Buffer.from(part));
    const url = part.replaceAll('+', '-').replaceAll('/', '_');
    forms.set(`${prefix}base64url, ${before} before it`, Buffer.from(url));
  }
}

/** Every place of a folder where one of the forms stands; compressed files are opened. */
export async function findTraces(
  folder: string,
  forms: ReadonlyMap<string, Buffer>,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    for (const [form, bytes] of forms) {
      if (Buffer.from(name).includes(bytes)) found.push(`the name ${name}: ${form}`);
    }
    if (!entry.isFile()) continue;
    const raw = await readFile(path);
    const contents = path.endsWith('.zst') ? [raw, zstdDecompressSync(raw)] : [raw];
    for (const [form, bytes] of forms) {
      if (contents.some((content) => content.includes(bytes))) found.push(`${name}: ${form}`);
    }
  }
  return found;
}
