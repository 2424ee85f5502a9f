// Truepixel's mark: one lit pixel.

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" />
      <rect className="mark-pixel" x="6" y="6" width="4" height="4" />
    </svg>
  );
}
