// The time zone in which days begin and times are shown. A list of the browser's own kind: it can be typed
// into, works on a phone, and every screen reader knows it.

import { useMemo } from 'react';
import { choose } from '../place/location.ts';
import { useZone } from '../place/use-range.ts';
import { ownZone, zonesByRegion } from '../place/zone.ts';

export function ZonePicker() {
  const zone = useZone();
  const own = ownZone();
  const regions = useMemo(() => [...zonesByRegion()], []);
  const known = useMemo(() => new Set(regions.flatMap(([, zones]) => zones)), [regions]);
  const pick = (picked: string): void => choose({ tz: picked === own ? null : picked });
  return (
    <label className="zone">
      <span className="unseen">Time zone</span>
      <select value={zone} onChange={(event) => pick(event.target.value)}>
        <option value={own}>{readable(own)}</option>
        {own !== 'UTC' && <option value="UTC">UTC</option>}
        {zone !== own && zone !== 'UTC' && !known.has(zone) && (
          <option value={zone}>{readable(zone)}</option>
        )}
        {regions.map(([region, zones]) => (
          <optgroup key={region} label={region}>
            {zones.map((each) =>
              each === own || each === 'UTC' ? null : (
                <option key={each} value={each}>
                  {readable(each)}
                </option>
              ),
            )}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

const readable = (zone: string): string => zone.replaceAll('_', ' ');
