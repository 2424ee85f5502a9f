// Countries on a map, shaded by how many looks came from there. What cannot be drawn is said below it.

import { useMemo, useState } from 'react';
import { countryName, formatCount } from '../words.ts';
import { type Colours, useColours } from './colours.ts';
import { project, unproject } from './equal-earth.ts';
import Plot, { type PlotOption } from './plot.tsx';
import { OUTLINED, WORLD } from './world.ts';

export interface CountryFigure {
  /** Two letters (ISO 3166-1); null: not known. */
  readonly code: string | null;
  readonly count: number;
}

interface WorldMapProps {
  readonly figures: readonly CountryFigure[];
  /** `visits`. */
  readonly what: string;
  readonly onPick: (code: string) => void;
}

const SHADES = 5;

export default function WorldMap({ figures, what, onPick }: WorldMapProps) {
  const [pointed, setPointed] = useState<string | null>(null);
  const colours = useColours();
  const option = useMemo(() => drawMap(figures, colours), [figures, colours]);
  const countOf = (code: string): number => figures.find((each) => each.code === code)?.count ?? 0;
  const known = figures.filter(({ code }) => code !== null);
  const tooSmall = known.filter(({ code }) => code !== null && !OUTLINED.has(code));
  const isCountry = pointed !== null && /^[A-Z]{2}$/.test(pointed);
  return (
    <div className="map">
      <Plot
        className="plot-map"
        option={option}
        label={`Map of ${what} from ${known.length} countries; the list has the same figures.`}
        onArea={setPointed}
        onPick={(name) => {
          if (countOf(name) > 0) onPick(name);
        }}
      />
      <p className="map-foot">
        <span>
          {isCountry
            ? `${countryName(pointed)}: ${formatCount(countOf(pointed))} ${what}`
            : scaleInWords(known, what)}
        </span>
        <span className="map-scale" aria-hidden="true">
          {Array.from({ length: SHADES }, (_, i) => (
            <i key={i} style={{ background: shadeOf(i, colours) }} />
          ))}
        </span>
      </p>
      {tooSmall.length > 0 && (
        <p className="hint">
          Too small for this map:{' '}
          {tooSmall
            .map(({ code, count }) => `${countryName(code ?? '')} ${formatCount(count)}`)
            .join(', ')}
        </p>
      )}
    </div>
  );
}

function scaleInWords(known: readonly CountryFigure[], what: string): string {
  const most = Math.max(0, ...known.map(({ count }) => count));
  return most === 0 ? `No ${what} from a known country` : `1 to ${formatCount(most)} ${what}`;
}

/** Steps by the root of the count: a few countries have most of it, and the others should still show. */
function drawMap(figures: readonly CountryFigure[], colours: Colours): PlotOption {
  const most = Math.max(1, ...figures.map(({ code, count }) => (code === null ? 0 : count)));
  const data = figures.flatMap(({ code, count }) => {
    if (code === null || count === 0) return [];
    const shade = Math.min(SHADES - 1, Math.floor(Math.sqrt(count / most) * SHADES));
    const areaColor = shadeOf(shade, colours);
    return [{ name: code, itemStyle: { areaColor }, emphasis: { itemStyle: { areaColor } } }];
  });
  const outline = { borderColor: colours('raised'), borderWidth: 0.6 };
  return {
    animation: false,
    series: [
      {
        type: 'map',
        map: WORLD,
        projection: { project, unproject },
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        data,
        selectedMode: false,
        label: { show: false },
        itemStyle: { areaColor: colours('line'), ...outline },
        emphasis: {
          label: { show: false },
          itemStyle: {
            areaColor: colours('line'),
            borderColor: colours('text'),
            borderWidth: 1.2,
          },
        },
      },
    ],
  };
}

/** From a wash to the full colour. */
function shadeOf(step: number, colours: Colours): string {
  const share = 0.28 + (0.72 * step) / (SHADES - 1);
  return mix(colours('opens'), colours('raised'), share);
}

/** ECharts knows no `color-mix()`. */
function mix(a: string, b: string, share: number): string {
  const parts = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const [from, to] = [parts(a), parts(b)];
  const mixed = [0, 1, 2].map((i) =>
    Math.round((from[i] ?? 0) * share + (to[i] ?? 0) * (1 - share)),
  );
  return `rgb(${mixed.join(', ')})`;
}
