/** What all painters of the map draw with: a canvas in metres, the palette, and paths kept between tiles. */
import type { CampusModel, Extent, MapFeature, Xy } from "../campusModel";
import type { Layers } from "../layers";
import type { Palette } from "../palette";

export type Context = CanvasRenderingContext2D;

/** What is painted: the same for all tiles until something in it changes. */
export interface Scene {
  readonly model: CampusModel;
  readonly level: string;
  readonly layers: Layers;
  readonly palette: Palette;
  /** Clean fraction by zone, 0 to 1; null where nobody knows. */
  readonly cleanFractions: ReadonlyMap<string, number | null>;
  /** 0 to 23, local time of the campus: sectors are tinted by their risk then. */
  readonly hour: number;
}

/** A canvas whose unit is the metre, x east and y north. */
export interface Pen {
  readonly context: Context;
  readonly scene: Scene;
  /** Metres of the canvas, with what may reach into it from outside. */
  readonly extent: Extent;
  /** Metres a CSS pixel. */
  readonly resolution: number;
  /** Runs a drawing in CSS pixels, y down, with the origin at a point given in metres. */
  readonly atPixel: (point: Xy, draw: (context: Context) => void) => void;
}

/** What lies so far outside a canvas may still reach into it: wide lanes, icons; CSS pixels. */
const MARGIN_PX = 16;

/** Prepare a canvas for an extent whose upper left corner is its own. */
export function penFor(context: Context, scene: Scene, extent: Extent, resolution: number, pixelRatio: number): Pen {
  const scale = pixelRatio / resolution;
  const [west, , , north] = extent;
  const inMetres = () => context.setTransform(scale, 0, 0, -scale, -west * scale, north * scale);
  inMetres();
  const margin = MARGIN_PX * resolution + 3;
  return {
    context,
    scene,
    extent: [extent[0] - margin, extent[1] - margin, extent[2] + margin, extent[3] + margin],
    resolution,
    atPixel: ([x, y], draw) => {
      const left = Math.round((x - west) * scale);
      const top = Math.round((north - y) * scale);
      context.setTransform(pixelRatio, 0, 0, pixelRatio, left, top);
      draw(context);
      inMetres();
    },
  };
}

const paths = new WeakMap<MapFeature, Path2D>();

/** The outline of a feature in metres; made once. */
export function pathOf(feature: MapFeature): Path2D {
  const known = paths.get(feature);
  if (known) return known;
  const path = new Path2D();
  const { geometry } = feature;
  if (geometry.type === "LineString") addLine(path, geometry.coordinates);
  if (geometry.type === "Polygon") {
    for (const ring of geometry.coordinates) {
      addLine(path, ring);
      path.closePath();
    }
  }
  paths.set(feature, path);
  return path;
}

export function addLine(path: Path2D, points: readonly number[][]): void {
  points.forEach(([x = 0, y = 0], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
}

/** Features that share a look, as one path. */
export function merged(features: readonly MapFeature[]): Path2D {
  const path = new Path2D();
  for (const { geometry } of features) {
    if (geometry.type === "LineString") addLine(path, geometry.coordinates);
    if (geometry.type === "Polygon") {
      for (const ring of geometry.coordinates) {
        addLine(path, ring);
        path.closePath();
      }
    }
  }
  return path;
}

/** Features by what `key` makes of them, in their order. */
export function grouped(
  features: readonly MapFeature[],
  key: (feature: MapFeature) => string,
): ReadonlyMap<string, MapFeature[]> {
  const groups = new Map<string, MapFeature[]>();
  for (const feature of features) {
    const name = key(feature);
    const group = groups.get(name);
    if (group) group.push(feature);
    else groups.set(name, [feature]);
  }
  return groups;
}

/** A hatching of diagonal stripes that keeps its width on the screen. */
export function fillHatched(pen: Pen, path: Path2D, colour: string | CanvasPattern): void {
  const { context, resolution } = pen;
  if (typeof colour !== "string") {
    colour.setTransform(new DOMMatrix([resolution, 0, 0, -resolution, 0, 0]));
  }
  context.fillStyle = colour;
  context.fill(path, "evenodd");
}
