// The time of a hit in microseconds. Date.now() has milliseconds only, and performance.timeOrigin never hears
// of a clock that NTP has set since the process began; so the monotonic clock is anchored to the wall clock
// and anchored anew when the two have come apart.

const REANCHOR_MS = 1_000;
/** Date.now() is cut to whole milliseconds, so less than this is no drift. */
const DRIFT_MS_MIN = 2;

let anchor = Date.now() - performance.now();
let anchoredAt = performance.now();

/** Microseconds since 1970 (UTC), a whole number. */
export function nowMicros(): number {
  const monotonic = performance.now();
  if (monotonic - anchoredAt > REANCHOR_MS) {
    anchoredAt = monotonic;
    const fresh = Date.now() - monotonic;
    if (Math.abs(fresh - anchor) >= DRIFT_MS_MIN) anchor = fresh;
  }
  return Math.floor((anchor + monotonic) * 1_000);
}
