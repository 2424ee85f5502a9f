// The world's outlines for ECharts, and the parts of it that draw them. Loaded with the map only.

import { MapChart } from 'echarts/charts';
import { GeoComponent } from 'echarts/components';
import { registerMap, use as addParts } from 'echarts/core';
import type { Feature, Geometry, Position } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import outlines from 'world-atlas/countries-110m.json';
import { lettersOf } from './country-codes.ts';

addParts([MapChart, GeoComponent]);

export const WORLD = 'world';
const ANTARCTICA = '010';

type Country = Feature<Geometry, Named>;

interface Named {
  readonly name: string;
}

const topology = outlines as unknown as Topology<{ countries: GeometryCollection<Named> }>;
const { features } = feature(topology, topology.objects.countries);
const shown = features
  .filter(({ id }) => id !== ANTARCTICA)
  .map(unwrapped)
  .map((each) => {
    const number = each.id === undefined ? undefined : String(each.id);
    const letters = lettersOf(number, each.properties.name);
    // What has no code of its own is drawn, and belongs to no figure.
    return { ...each, properties: { name: letters ?? `(${each.properties.name})` } };
  });

/**
 * Russia and Fiji lie on both sides of the 180th meridian: what is beyond it is drawn where it belongs,
 * and not at the map's other end.
 */
function unwrapped(country: Country): Country {
  const { geometry } = country;
  if (geometry.type === 'Polygon') {
    return { ...country, geometry: { ...geometry, coordinates: geometry.coordinates.map(ring) } };
  }
  if (geometry.type !== 'MultiPolygon') return country;
  const coordinates = geometry.coordinates.map((polygon) => polygon.map(ring));
  return { ...country, geometry: { ...geometry, coordinates } };
}

function ring(points: Position[]): Position[] {
  const longitudes = points.map(([longitude = 0]) => longitude);
  if (Math.max(...longitudes) - Math.min(...longitudes) < 180) return points;
  return points.map(([longitude = 0, latitude = 0]) => [
    longitude < 0 ? longitude + 360 : longitude,
    latitude,
  ]);
}

type MapSource = Parameters<typeof registerMap>[1];
registerMap(WORLD, { type: 'FeatureCollection', features: shown } as unknown as MapSource);

/** The countries that have an outline; others are too small for this map. */
export const OUTLINED: ReadonlySet<string> = new Set(
  shown.map(({ properties }) => properties.name),
);
