/** The campus map ready for drawing, choosing and finding: features by id, by level and by place. */
import RBush from "ol/structs/RBush";
import type { CampusDocument, CampusFeature, CampusLevel, FeatureKind } from "../api/types";

/** West, south, east, north; metres. */
export type Extent = [number, number, number, number];
export type Xy = readonly [number, number];

/** A feature of the map and where it lies. */
export interface MapFeature extends CampusFeature {
  /** Its place in the file: what comes later lies above. */
  readonly order: number;
  readonly kind: FeatureKind;
  /** Levels on which it is drawn, lowest first; of a part or the boundary, all. */
  readonly levels: readonly string[];
  readonly extent: Extent;
}

/** All points of a geometry; of a polygon, of its outer ring. */
export function pointsOf(geometry: CampusFeature["geometry"]): readonly number[][] {
  if (geometry.type === "Point") return [geometry.coordinates];
  return geometry.type === "LineString" ? geometry.coordinates : (geometry.coordinates[0] ?? []);
}

export function extentOf(points: readonly number[][]): Extent {
  const extent: Extent = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x = 0, y = 0] of points) {
    if (x < extent[0]) extent[0] = x;
    if (y < extent[1]) extent[1] = y;
    if (x > extent[2]) extent[2] = x;
    if (y > extent[3]) extent[3] = y;
  }
  return extent;
}

/** The middle of what a feature covers: a point itself, half way along a line, an area's centre. */
export function middleOf(feature: MapFeature): Xy {
  const { geometry, extent } = feature;
  if (geometry.type === "LineString") return halfWay(geometry.coordinates);
  return [(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2];
}

function halfWay(points: readonly number[][]): Xy {
  let left = lengthOf(points) / 2;
  for (let index = 1; index < points.length; index += 1) {
    const [x0 = 0, y0 = 0] = points[index - 1] ?? [];
    const [x1 = 0, y1 = 0] = points[index] ?? [];
    const step = Math.hypot(x1 - x0, y1 - y0);
    if (step > 0 && left <= step) return [x0 + ((x1 - x0) * left) / step, y0 + ((y1 - y0) * left) / step];
    left -= step;
  }
  const [x = 0, y = 0] = points.at(-1) ?? [];
  return [x, y];
}

/** Length of a line, metres. */
export function lengthOf(points: readonly number[][]): number {
  let length = 0;
  for (let index = 1; index < points.length; index += 1) {
    const [x0 = 0, y0 = 0] = points[index - 1] ?? [];
    const [x1 = 0, y1 = 0] = points[index] ?? [];
    length += Math.hypot(x1 - x0, y1 - y0);
  }
  return length;
}

/** Area of a polygon without its holes, square metres. */
export function areaOf(rings: readonly number[][][]): number {
  const [outer = 0, ...holes] = rings.map((ring) => Math.abs(signedArea(ring)));
  return outer - holes.reduce((sum, area) => sum + area, 0);
}

function signedArea(ring: readonly number[][]): number {
  let twice = 0;
  for (let index = 0; index < ring.length; index += 1) {
    const [x0 = 0, y0 = 0] = ring[index] ?? [];
    const [x1 = 0, y1 = 0] = ring[(index + 1) % ring.length] ?? [];
    twice += x0 * y1 - x1 * y0;
  }
  return twice / 2;
}

const EVERYWHERE: ReadonlySet<FeatureKind> = new Set(["boundary", "part"]);
/** How far beyond a camera its cone may reach. */
const coneReach = (feature: CampusFeature): number =>
  feature.properties.feature === "camera" ? (feature.properties.range_m ?? 0) : 0;

export class CampusModel {
  readonly id: string;
  readonly version: string;
  readonly features: readonly MapFeature[];
  /** Levels on which something can be seen, lowest first; at least one. */
  readonly levels: readonly CampusLevel[];
  /** Of the boundary, else of everything. */
  readonly extent: Extent;
  /** Buildings of whose inside something is drawn, by level. */
  readonly hollow: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #byId = new Map<string, MapFeature>();
  readonly #byName = new Map<string, MapFeature>();
  readonly #trees = new Map<string, Map<FeatureKind, RBush<MapFeature>>>();

  constructor(document: CampusDocument) {
    this.id = document.campus.id;
    this.version = document.version ?? "";
    const told = document.campus.levels ?? [];
    const all = told.length > 0 ? told : [{ id: "ground", name: "Ground" }];
    const levelOf = new Map(
      document.features.map(({ id, properties }) => [id, properties.level ?? ""] as const),
    );
    this.features = document.features.map((feature, order) => {
      const extent = extentOf(pointsOf(feature.geometry));
      const reach = coneReach(feature);
      return {
        ...feature,
        order,
        kind: feature.properties.feature,
        levels: levelsOf(feature, all, levelOf),
        extent: [extent[0] - reach, extent[1] - reach, extent[2] + reach, extent[3] + reach],
      };
    });
    for (const feature of this.features) {
      this.#byId.set(feature.id, feature);
      const { name } = feature.properties;
      if (name && !this.#byName.has(name)) this.#byName.set(name, feature);
    }
    const seen = new Set(
      this.features.flatMap(({ kind, levels }) => (EVERYWHERE.has(kind) ? [] : levels)),
    );
    const used = all.filter(({ id }) => seen.has(id));
    this.levels = used.length > 0 ? used : all.slice(0, 1);
    this.#plant(this.levels);
    const boundary = this.features.find(({ kind }) => kind === "boundary");
    this.extent =
      boundary?.extent ??
      extentOf(this.features.flatMap(({ extent }) => [[extent[0], extent[1]], [extent[2], extent[3]]]));
    this.hollow = this.#hollow();
  }

  /** The level robots are on unless they say otherwise. */
  get ground(): string {
    return this.levels.find(({ elevation_m: z = 0 }) => z >= 0)?.id ?? this.levels[0]?.id ?? "ground";
  }

  get(id: string): MapFeature | undefined {
    return this.#byId.get(id);
  }

  /** A feature by its id, else by its name. */
  find(reference: string): MapFeature | undefined {
    return this.#byId.get(reference) ?? this.#byName.get(reference);
  }

  /** Features of a kind on a level that may reach into an extent, in the file's order. */
  within(level: string, kind: FeatureKind, extent: Extent): MapFeature[] {
    const found = this.#trees.get(level)?.get(kind)?.getInExtent(extent) ?? [];
    return found.sort((one, other) => one.order - other.order);
  }

  #plant(levels: readonly CampusLevel[]): void {
    for (const { id: level } of levels) {
      const groups = new Map<FeatureKind, MapFeature[]>();
      for (const feature of this.features) {
        if (!feature.levels.includes(level)) continue;
        const group = groups.get(feature.kind);
        if (group) group.push(feature);
        else groups.set(feature.kind, [feature]);
      }
      const trees = new Map<FeatureKind, RBush<MapFeature>>();
      for (const [kind, group] of groups) {
        const tree = new RBush<MapFeature>();
        tree.load(group.map(({ extent }) => extent), group);
        trees.set(kind, tree);
      }
      this.#trees.set(level, trees);
    }
  }

  #hollow(): ReadonlyMap<string, ReadonlySet<string>> {
    const hollow = new Map(this.levels.map(({ id }) => [id, new Set<string>()] as const));
    for (const feature of this.features) {
      const { building, indoor } = feature.properties;
      const inside = indoor ? this.#buildingAround(feature) : building;
      if (!inside || (feature.kind !== "wall" && feature.kind !== "lift" && !indoor)) continue;
      for (const level of feature.levels) hollow.get(level)?.add(inside);
    }
    return hollow;
  }

  #buildingAround(feature: MapFeature): string | undefined {
    const [x, y] = middleOf(feature);
    for (const level of feature.levels) {
      const around = this.within(level, "building", [x, y, x, y]);
      const building = around.find(({ geometry }) => geometry.type === "Polygon" && isInside(geometry.coordinates, x, y));
      if (building) return building.id;
    }
    return undefined;
  }
}

function levelsOf(
  { properties }: CampusFeature,
  all: readonly CampusLevel[],
  levelOf: ReadonlyMap<string, string>,
): readonly string[] {
  const { feature, level, levels, to } = properties;
  if (EVERYWHERE.has(feature)) return all.map(({ id }) => id);
  if (levels && levels.length > 0) return levels;
  const own = level ?? all[0]?.id ?? "ground";
  const other = feature === "lane" && to ? levelOf.get(to) : undefined;
  return other && other !== own ? [own, other] : [own];
}

/** Whether a point lies in a polygon (even-odd rule; holes are outside). */
export function isInside(rings: readonly number[][][], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let index = 0, before = ring.length - 1; index < ring.length; before = index, index += 1) {
      const [xi = 0, yi = 0] = ring[index] ?? [];
      const [xj = 0, yj = 0] = ring[before] ?? [];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}
