// first cut
export default function Campaigns() {
  return null;
}
