/** What lies under a pointer: the feature a person means, found without drawing anything. */
import type { FeatureKind } from "../api/types";
import { areaOf, isInside, type CampusModel, type Extent, type MapFeature } from "./campusModel";
import { layerOf, type Layers } from "./layers";
import { pointOf, signOf, signSize } from "./paint/points";

/** Kinds in the order in which they are meant: small things before what they stand on. */
const SIGNS: readonly FeatureKind[] = ["muster_point", "station", "camera", "asset", "entrance", "lift", "waypoint"];
const LINES: readonly { kind: FeatureKind; below: number }[] = [
  { kind: "door", below: 0.6 },
  { kind: "lane", below: 0.7 },
];
const AREAS: readonly FeatureKind[] = ["crossing", "lift", "zone", "keep_clear", "building", "obstacle", "sector"];

export interface Picking {
  readonly model: CampusModel;
  readonly level: string;
  readonly layers: Layers;
  /** Metres a CSS pixel. */
  readonly resolution: number;
}

const isShown = (feature: MapFeature, layers: Layers): boolean => {
  const layer = layerOf(feature.properties);
  return layer === null || layers.has(layer);
};

/** Distance of a point from a line, metres. */
export function distanceTo(points: readonly number[][], x: number, y: number): number {
  let nearest = Infinity;
  for (let index = 1; index < points.length; index += 1) {
    const [x0 = 0, y0 = 0] = points[index - 1] ?? [];
    const [x1 = 0, y1 = 0] = points[index] ?? [];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = dx * dx + dy * dy;
    const share = along > 0 ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / along)) : 0;
    nearest = Math.min(nearest, Math.hypot(x0 + share * dx - x, y0 + share * dy - y));
  }
  return nearest;
}

/**
 * The feature at a place, or null.
 *
 * @param wanted - narrows the choice; by default anything that is drawn.
 */
export function pickAt(
  picking: Picking,
  x: number,
  y: number,
  wanted: (feature: MapFeature) => boolean = () => true,
  tolerancePx = 8,
): MapFeature | null {
  const { model, level, layers, resolution } = picking;
  const reach = tolerancePx * resolution;
  const around: Extent = [x - reach, y - reach, x + reach, y + reach];
  const near = (kind: FeatureKind) =>
    model.within(level, kind, around).filter((feature) => wanted(feature) && isShown(feature, layers));

  const signs = SIGNS.flatMap(near)
    .filter((feature) => signOf(feature) !== null && signSize(feature, resolution) !== null)
    .map((feature) => ({ feature, far: distanceToPoint(feature, x, y) }))
    .filter(({ far }) => far <= reach)
    .sort((one, other) => one.far - other.far);
  if (signs[0]) return signs[0].feature;

  for (const { kind, below } of LINES) {
    if (resolution > below) continue;
    const lines = near(kind)
      .map((feature) => ({ feature, far: distanceToLine(feature, x, y) }))
      .filter(({ far }) => far <= 5 * resolution)
      .sort((one, other) => one.far - other.far);
    if (lines[0]) return lines[0].feature;
  }

  for (const kind of AREAS) {
    const inside = near(kind)
      .filter(({ geometry }) => geometry.type === "Polygon" && isInside(geometry.coordinates, x, y))
      .sort((one, other) => area(one) - area(other));
    if (inside[0]) return inside[0];
  }
  return null;
}

function distanceToPoint(feature: MapFeature, x: number, y: number): number {
  const [px, py] = pointOf(feature);
  return Math.hypot(px - x, py - y);
}

const distanceToLine = ({ geometry }: MapFeature, x: number, y: number): number =>
  geometry.type === "LineString" ? distanceTo(geometry.coordinates, x, y) : Infinity;

const area = ({ geometry }: MapFeature): number =>
  geometry.type === "Polygon" ? areaOf(geometry.coordinates) : 0;
