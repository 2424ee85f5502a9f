// The few icons there are, drawn on a grid of 16 in the line of the text around them. They decorate: what a
// control does is always said in words too.

const PATHS = {
  overview: 'M2 13V9h3v4zM6.5 13V3h3v10zM11 13V6h3v7z',
  pixels: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  visits:
    'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13' +
    'M1.5 8h13M8 1.5c-4.5 4-4.5 9 0 13 4.5-4 4.5-9 0-13',
  campaigns: 'M2 6v4l9 4V2zM11 5.5a2.5 2.5 0 0 1 0 5M4 10.5l1 4h2l-1-3',
  live: 'M1 8h3l2-5 3 10 2.5-7L13 8h2',
  tokens: 'M6 10.5a3 3 0 1 0-3 3 3 3 0 0 0 3-3M5 8.3 12 1.5M10 3.5l2.5 2.5',
  system: 'M1.5 2.5h13v8h-13zM5.5 14h5M8 10.5V14',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5' +
    'M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  dark: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7',
  leave: 'M9.5 2H3v12h6.5M6.5 8H15M12 5l3 3-3 3',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  add: 'M8 2.5v11M2.5 8h11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  done: 'M2.5 8.5l3.5 3.5 7.5-8',
  chart: 'M1.5 12.5 5.5 7l3.5 3 5.5-7',
  table: 'M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10',
  export: 'M8 2v8M4.5 6.5 8 10l3.5-3.5M2.5 11v3h11v-3',
  pause: 'M5 3v10M11 3v10',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14',
  more: 'M5.5 3l5 5-5 5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
