/** Paints buildings: blocks shaded by their height, hollow ones with floor, walls, doors and lifts. */
import type { MapFeature } from "../campusModel";
import { mix, type Palette } from "../palette";
import { merged, pathOf, type Pen } from "./pen";

/** A building so high or higher has the strongest shade, metres. */
const HIGHEST_M = 36;
/** Length of a shadow by the height of what casts it. */
const SHADOW = 0.22;

export function roofColour(heightM: number | undefined, palette: Palette): string {
  return mix(palette.building, palette.buildingHigh, (heightM ?? 6) / HIGHEST_M);
}

const isHollow = (pen: Pen, level: string, building: MapFeature): boolean =>
  pen.scene.model.hollow.get(level)?.has(building.id) ?? false;

export function paintShadows(pen: Pen, level: string): void {
  const { context, scene, extent } = pen;
  context.fillStyle = scene.palette.shadow;
  const far = [extent[0] - 10, extent[1], extent[2], extent[3] + 10] as const;
  for (const building of scene.model.within(level, "building", [...far])) {
    const length = SHADOW * Math.min(HIGHEST_M, building.properties.height_m ?? 6);
    context.save();
    context.translate(length, -length);
    context.fill(pathOf(building), "evenodd");
    context.restore();
  }
}

/** Floors of those whose inside is drawn: beneath their lanes and zones. */
export function paintFloors(pen: Pen, level: string): void {
  const { context, scene, extent } = pen;
  context.fillStyle = scene.palette.floor;
  for (const building of scene.model.within(level, "building", extent)) {
    if (isHollow(pen, level, building)) context.fill(pathOf(building), "evenodd");
  }
}

/** Blocks, and the walls of hollow buildings. */
export function paintBuildings(pen: Pen, level: string, onlySolid = false): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model } = scene;
  context.lineJoin = "miter";
  for (const building of model.within(level, "building", extent)) {
    const hollow = !onlySolid && isHollow(pen, level, building);
    if (!hollow) {
      context.fillStyle = roofColour(building.properties.height_m, palette);
      context.fill(pathOf(building), "evenodd");
    }
    context.strokeStyle = hollow ? palette.inWall : palette.buildingEdge;
    context.lineWidth = hollow ? Math.max(0.4, 2 * resolution) : 1.3 * resolution;
    context.stroke(pathOf(building));
  }
}

export function paintWalls(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const walls = scene.model.within(scene.level, "wall", extent);
  if (walls.length === 0) return;
  context.strokeStyle = scene.palette.inWall;
  context.lineCap = "square";
  context.lineWidth = Math.max(0.2, (resolution > 0.8 ? 0.6 : 1.2) * resolution);
  context.stroke(merged(walls));
}
