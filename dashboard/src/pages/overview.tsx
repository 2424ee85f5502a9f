// The overview.
export default function Overview() {
  return null;
}
