// first cut
export default function Visits() {
  return null;
}
