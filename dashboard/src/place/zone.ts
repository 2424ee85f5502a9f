// Time zones that one can choose: the browser's own, UTC, and every one that the browser knows.

export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text }).format();
    return true;
  } catch {
    return false;
  }
}

/** By what stands before the first slash: `Europe` → `Europe/Berlin`, …. */
export function zonesByRegion(): ReadonlyMap<string, readonly string[]> {
  const regions = new Map<string, string[]>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const [region = '', place] = zone.split('/');
    const name = place === undefined ? 'Other' : region;
    const zones = regions.get(name) ?? [];
    regions.set(name, zones);
    zones.push(zone);
  }
  return regions;
}
