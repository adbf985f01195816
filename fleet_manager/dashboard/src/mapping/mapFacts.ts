/** What a map holds, counted in the browser: area, length of lanes, features by kind. */
import type { FeatureKind } from "../api/types";
import { areaOf, lengthOf, type CampusModel } from "../map/campusModel";

export interface MapFacts {
  /** Null where there is no boundary. */
  areaKm2: number | null;
  laneKm: number;
  levels: number;
  /** Docks are bays too. */
  docks: number;
  bays: number;
  multiStorey: number;
  counts: ReadonlyMap<FeatureKind, number>;
}

/** Kinds whose numbers are told, in this order. */
export const COUNTED = [
  "building", "waypoint", "lane", "zone", "asset", "camera", "station", "sector", "door", "lift", "crossing",
  "entrance", "muster_point",
] as const satisfies readonly FeatureKind[];

export function factsOfMap({ features, levels }: CampusModel): MapFacts {
  const counts = new Map<FeatureKind, number>();
  let [area, laneM, docks, bays, multiStorey] = [0, 0, 0, 0, 0];
  for (const { kind, geometry, properties, levels: on } of features) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (kind === "boundary" && geometry.type === "Polygon") area += areaOf(geometry.coordinates);
    if (kind === "lane" && geometry.type === "LineString") laneM += lengthOf(geometry.coordinates);
    if (properties.role === "dock") docks += 1;
    if (properties.role === "bay" || properties.role === "dock") bays += 1;
    if (kind === "building" && on.length > 1) multiStorey += 1;
  }
  return {
    areaKm2: area > 0 ? area / 1e6 : null,
    laneKm: laneM / 1000,
    levels: levels.length,
    docks,
    bays,
    multiStorey,
    counts,
  };
}
