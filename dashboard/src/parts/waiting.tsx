// Something is on its way. It appears only after a moment, so that what is quick does not flicker.

export function Waiting({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <p className="waiting" role="status" aria-busy="true">
      <span className="unseen">{what} …</span>
      <span className="waiting-pixels" aria-hidden="true" />
    </p>
  );
}
