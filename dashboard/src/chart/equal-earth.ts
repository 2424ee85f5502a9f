// The Equal Earth projection (Šavrič, Patterson and Jenny, 2018): a country on the map is as large as it
// is, so that a shade on Greenland says no more than one on Algeria.

const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const M = Math.sqrt(3) / 2;
const DEGREE = Math.PI / 180;
const STEPS = 12;

const height = (t: number): number => t * (A1 + A2 * t ** 2 + t ** 6 * (A3 + A4 * t ** 2));
const slope = (t: number): number => A1 + 3 * A2 * t ** 2 + t ** 6 * (7 * A3 + 9 * A4 * t ** 2);

/** Degrees to the right and down. */
export function project([longitude = 0, latitude = 0]: readonly number[]): [number, number] {
  const t = Math.asin(M * Math.sin(latitude * DEGREE));
  const x = (longitude * DEGREE * Math.cos(t)) / (M * slope(t));
  return [x, -height(t)];
}

/** What `project` made, by Newton's method. */
export function unproject([x = 0, y = 0]: readonly number[]): [number, number] {
  let t = -y;
  for (let step = 0; step < STEPS; step += 1) t -= (height(t) + y) / slope(t);
  const longitude = (x * M * slope(t)) / Math.cos(t);
  return [longitude / DEGREE, Math.asin(Math.sin(t) / M) / DEGREE];
}
