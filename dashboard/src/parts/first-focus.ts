// Where one begins in a dialog: without this the browser takes the first control, which is what closes it.

/** The `ref` of that control, whether the dialog opens with it or it comes a moment later. */
export function takeFirstFocus(element: HTMLElement | null): void {
  // React keeps `autoFocus` to itself, but a dialog that opens looks for the attribute.
  element?.setAttribute('autofocus', '');
  element?.focus();
}
