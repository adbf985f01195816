/** Paints points of the map as signs that keep their size on the screen, and doors in their walls. */
import { middleOf, type MapFeature, type Xy } from "../campusModel";
import type { FeatureKind } from "../../api/types";
import { merged, type Context, type Pen } from "./pen";
import {
  drawAsset,
  drawBay,
  drawCamera,
  drawDock,
  drawEntrance,
  drawLift,
  drawMuster,
  drawStation,
  sizeAt,
  type SignSize,
} from "./signs";

/** Metres a pixel below which a sign is drawn in full, and below which it is drawn at all. */
export const SIGN_RESOLUTIONS = {
  asset: [0.3, 0.8],
  camera: [0.35, 1],
  station: [0.5, 1.3],
  muster: [0.9, 2.2],
  lift: [0.35, 0.35],
  entrance: [0.45, 0.45],
  dock: [0.35, 1.1],
  place: [0.9, 2.2],
  bay: [0.18, 0.42],
} as const;

type Sign = keyof typeof SIGN_RESOLUTIONS;

/** What sign stands for a feature; null for what is not a sign. */
export function signOf({ kind, properties }: MapFeature): Sign | null {
  switch (kind) {
    case "asset":
    case "camera":
    case "station":
    case "lift":
    case "entrance":
      return kind;
    case "muster_point":
      return "muster";
    case "waypoint":
      if (properties.role === "dock") return "dock";
      if (properties.role !== "bay") return null;
      return properties.name ? "place" : "bay";
    default:
      return null;
  }
}

/** How a feature's sign is drawn at a resolution; null: not at all. */
export function signSize(feature: MapFeature, resolution: number): SignSize {
  const sign = signOf(feature);
  if (!sign) return null;
  const [full, small] = SIGN_RESOLUTIONS[sign];
  return sizeAt(resolution, full, small);
}

export function paintDoors(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const doors = scene.model.within(scene.level, "door", extent);
  if (doors.length === 0 || resolution > 1) return;
  const path = merged(doors);
  context.lineCap = "butt";
  context.strokeStyle = scene.palette.floor;
  context.lineWidth = Math.max(0.7, 4.5 * resolution);
  context.stroke(path);
  context.strokeStyle = scene.palette.passage;
  context.lineWidth = Math.max(0.25, 2.4 * resolution);
  context.stroke(path);
}

export function paintLiftCabins(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const lifts = scene.model.within(scene.level, "lift", extent);
  if (lifts.length === 0) return;
  const path = merged(lifts);
  context.fillStyle = scene.palette.indoor;
  context.fill(path);
  context.strokeStyle = scene.palette.passage;
  context.lineWidth = Math.max(0.2, 1.4 * resolution);
  context.stroke(path);
}

export function paintSigns(pen: Pen, kind: FeatureKind): void {
  const { scene, extent, resolution } = pen;
  const { palette, model, level } = scene;
  for (const feature of model.within(level, kind, extent)) {
    const size = signSize(feature, resolution);
    if (!size) continue;
    const draw: Record<Sign, (context: Context) => void> = {
      asset: (context) => drawAsset(context, feature, size, palette),
      camera: (context) => drawCamera(context, feature, size, palette),
      station: (context) => drawStation(context, feature, size, palette),
      muster: (context) => drawMuster(context, size, palette),
      lift: (context) => drawLift(context, palette),
      entrance: (context) => drawEntrance(context, palette),
      dock: (context) => drawDock(context, size, palette),
      place: (context) => drawBay(context, true, size, palette),
      bay: (context) => drawBay(context, false, size, palette),
    };
    const sign = signOf(feature);
    if (sign) pen.atPixel(pointOf(feature), draw[sign]);
  }
}

/** Where the sign of a feature stands. */
export function pointOf(feature: MapFeature): Xy {
  if (feature.geometry.type !== "Point") return middleOf(feature);
  const [x = 0, y = 0] = feature.geometry.coordinates;
  return [x, y];
}
