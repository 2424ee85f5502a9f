// What a pixel is called where one line is all there is.

interface Named {
  readonly code: string;
  readonly label: string | null;
  readonly recipient: string | null;
}

export const nameOf = ({ label, recipient, code }: Named): string => label ?? recipient ?? code;
