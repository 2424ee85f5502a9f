// Time zones that one can choose: the browser's own, UTC, and every one that the browser knows.

/** The system's may be one that nobody knows, `Etc/Unknown`, or an offset. */
export function ownZone(): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isZone(zone) ? zone : 'UTC';
}

/** A name, as the server takes it: browsers know offsets too. */
export function isZone(text: string): boolean {
  if (/^[+-]/.test(text)) return false;
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
