// The operator's own addresses, whose looks are not counted (IGNORED_ADDRESSES).

import { parsePrefix, PrefixTable } from './prefix-table.ts';

/** Networks such as `10.0.0.0/8`, as the option table has checked them. */
export function ignoredNetworks(networks: readonly string[]): PrefixTable<true> {
  return new PrefixTable(
    networks.flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix === null ? [] : [[prefix, true] as const];
    }),
  );
}
