/** A map that is being edited: what each step makes of it, and the way back. No step changes a document in place. */
import type { CampusDocument, CampusFeature, CampusProperties } from "../api/types";

export interface Draft {
  readonly document: CampusDocument;
  readonly past: readonly CampusDocument[];
  readonly future: readonly CampusDocument[];
  /** Version that it began with; publishing is refused when another has come into use. */
  readonly parent: string;
}

export type Geometry = CampusFeature["geometry"];
type Step = (document: CampusDocument) => CampusDocument;

const MOST_STEPS = 200;
const DECIMALS = 100;

export const begin = (document: CampusDocument): Draft => ({ document, past: [], future: [], parent: document.version ?? "" });

/** The draft after a step; one that changes nothing is none. */
export function after(draft: Draft, step: Step): Draft {
  const document = step(draft.document);
  if (document === draft.document) return draft;
  return { ...draft, document, past: [...draft.past, draft.document].slice(-MOST_STEPS), future: [] };
}

export function undone(draft: Draft): Draft {
  const document = draft.past.at(-1);
  if (!document) return draft;
  return { ...draft, document, past: draft.past.slice(0, -1), future: [draft.document, ...draft.future] };
}

export function redone(draft: Draft): Draft {
  const [document, ...future] = draft.future;
  if (!document) return draft;
  return { ...draft, document, past: [...draft.past, draft.document], future };
}

/** What is published: without what the manager adds to the map it serves. */
export function publishable(draft: Draft): unknown {
  const { version: _version, footprint_radius_m: _footprints, ...document } = draft.document as CampusDocument & { footprint_radius_m?: unknown };
  return document;
}

export const rounded = (xy: readonly number[]): number[] => xy.map((value) => Math.round(value * DECIMALS) / DECIMALS);

const same = (one: readonly number[] | undefined, other: readonly number[] | undefined): boolean =>
  one !== undefined && other !== undefined && one[0] === other[0] && one[1] === other[1];

function withFeatures(document: CampusDocument, change: (feature: CampusFeature) => CampusFeature): CampusDocument {
  let changed = false;
  const features = document.features.map((feature) => {
    const next = change(feature);
    changed ||= next !== feature;
    return next;
  });
  return changed ? { ...document, features } : document;
}

/** A waypoint goes elsewhere, and the ends of its lanes with it. */
function withWaypointAt(document: CampusDocument, id: string, xy: number[]): CampusDocument {
  return withFeatures(document, (feature) => {
    const { geometry, properties } = feature;
    if (feature.id === id && geometry.type === "Point") {
      return same(geometry.coordinates, xy) ? feature : { ...feature, geometry: { ...geometry, coordinates: xy } };
    }
    if (properties.feature !== "lane" || geometry.type !== "LineString") return feature;
    if (properties.from !== id && properties.to !== id) return feature;
    const coordinates = [...geometry.coordinates];
    if (properties.from === id) coordinates[0] = xy;
    if (properties.to === id) coordinates[coordinates.length - 1] = xy;
    return { ...feature, geometry: { ...geometry, coordinates } };
  });
}

/** A feature gets another shape; the ends of a lane take their waypoints along. */
export function reshaped(id: string, geometry: Geometry): Step {
  return (document) => {
    const feature = document.features.find((each) => each.id === id);
    if (!feature) return document;
    const { properties } = feature;
    if (properties.feature === "waypoint" && geometry.type === "Point") return withWaypointAt(document, id, rounded(geometry.coordinates));
    if (properties.feature === "lane" && geometry.type === "LineString") {
      const coordinates = geometry.coordinates.map(rounded);
      let next = withFeatures(document, (each) => (each.id === id ? { ...each, geometry: { ...geometry, coordinates } } : each));
      const [first, last] = [coordinates[0], coordinates.at(-1)];
      if (properties.from && first) next = withWaypointAt(next, properties.from, first);
      if (properties.to && last) next = withWaypointAt(next, properties.to, last);
      return next;
    }
    const shape: Geometry =
      geometry.type === "Polygon"
        ? { ...geometry, coordinates: geometry.coordinates.map((ring) => ring.map(rounded)) }
        : geometry.type === "LineString"
          ? { ...geometry, coordinates: geometry.coordinates.map(rounded) }
          : { ...geometry, coordinates: rounded(geometry.coordinates) };
    return withFeatures(document, (each) => (each.id === id ? { ...each, geometry: shape } : each));
  };
}

/** A feature gets other properties; one that is undefined is dropped. */
export function described(id: string, change: Partial<CampusProperties>): Step {
  return (document) =>
    withFeatures(document, (feature) => {
      if (feature.id !== id) return feature;
      const properties = { ...feature.properties, ...change };
      for (const [key, value] of Object.entries(change)) if (value === undefined) delete properties[key];
      return { ...feature, properties };
    });
}

/** A feature goes; with a waypoint the lanes that end there. */
export function removed(id: string): Step {
  return (document) => {
    const features = document.features.filter(
      ({ id: own, properties }) => own !== id && !(properties.feature === "lane" && (properties.from === id || properties.to === id)),
    );
    return features.length === document.features.length ? document : { ...document, features };
  };
}

/** A new id with a beginning. */
export function newId(document: CampusDocument, beginning: string): string {
  const taken = new Set(document.features.map(({ id }) => id));
  let number = 1;
  while (taken.has(`${beginning}_${number}`)) number += 1;
  return `${beginning}_${number}`;
}

/** The waypoint nearest to a place on a level that robots may stop at, or any; null within no reach. */
export function nearestWaypoint(document: CampusDocument, level: string, [x = 0, y = 0]: readonly number[], reachM: number, stop = false): CampusFeature | null {
  const passing = new Set(["crossing", "bridge", "door", "lift", "ramp"]);
  let found: CampusFeature | null = null;
  let least = reachM;
  for (const feature of document.features) {
    const { properties, geometry } = feature;
    if (properties.feature !== "waypoint" || properties.level !== level || geometry.type !== "Point") continue;
    if (stop && passing.has(properties.role ?? "")) continue;
    const far = Math.hypot((geometry.coordinates[0] ?? 0) - x, (geometry.coordinates[1] ?? 0) - y);
    if (far <= least) [found, least] = [feature, far];
  }
  return found;
}

export type PointKind = "junction" | "bay" | "dock" | "asset";
const ACCESS_REACH_M = 25;

/** A new point: a waypoint of a role, or an asset beside the nearest waypoint. */
export function pointAt(document: CampusDocument, kind: PointKind, level: string, xy: readonly number[]): CampusFeature {
  const id = newId(document, kind);
  const access = nearestWaypoint(document, level, xy, ACCESS_REACH_M, true)?.id;
  const properties: CampusProperties =
    kind === "asset"
      ? { feature: "asset", name: id, level, kind: "extinguisher", ...(access ? { access } : {}), due_interval_days: 30 }
      : { feature: "waypoint", level, role: kind, ...(kind === "dock" ? { heading_deg: 0 } : {}) };
  return { type: "Feature", id, geometry: { type: "Point", coordinates: rounded(xy) }, properties };
}

/** A new lane between two waypoints. */
export function laneBetween(document: CampusDocument, from: CampusFeature, to: CampusFeature): CampusFeature {
  const ends = [from, to].map(({ geometry }) => (geometry.type === "Point" ? geometry.coordinates : []));
  return {
    type: "Feature",
    id: newId(document, "lane"),
    geometry: { type: "LineString", coordinates: ends },
    properties: {
      feature: "lane", from: from.id, to: to.id, direction: "both", level: from.properties.level ?? "ground", width_m: 1.6, speed_limit_mps: 1,
    },
  };
}

/** A new zone that is cleaned from the nearest waypoint. */
export function zoneOf(document: CampusDocument, level: string, corners: readonly (readonly number[])[]): CampusFeature {
  const ring = [...corners, corners[0] ?? []].map(rounded);
  const access = nearestWaypoint(document, level, corners[0] ?? [], Number.POSITIVE_INFINITY, true)?.id;
  const id = newId(document, "zone");
  return {
    type: "Feature",
    id,
    geometry: { type: "Polygon", coordinates: [ring] },
    properties: { feature: "zone", name: id, level, purpose: "clean", ...(access ? { access } : {}) },
  };
}

export const added = (feature: CampusFeature): Step => (document) => ({ ...document, features: [...document.features, feature] });

/** The corners of a shape that can be taken hold of, ring by ring; of a polygon without the repeated last. */
export function handlesOf(geometry: Geometry): number[][][] {
  if (geometry.type === "Point") return [[geometry.coordinates]];
  if (geometry.type === "LineString") return [geometry.coordinates];
  return geometry.coordinates.map((ring) => ring.slice(0, -1));
}

/** A shape with the corners of one ring replaced. */
export function withCorners(geometry: Geometry, ring: number, corners: number[][]): Geometry {
  if (geometry.type === "Point") return { ...geometry, coordinates: corners[0] ?? geometry.coordinates };
  if (geometry.type === "LineString") return { ...geometry, coordinates: corners };
  const closed = [...corners, corners[0] ?? []];
  return { ...geometry, coordinates: geometry.coordinates.map((each, index) => (index === ring ? closed : each)) };
}
