/** Paints what the campus stands on: land, covers, water, trees, fences. */
import type { MapFeature } from "../campusModel";
import { hatch } from "../hatch";
import { withAlpha, type Palette } from "../palette";
import { fillHatched, grouped, merged, pathOf, type Pen } from "./pen";

const COVER_COLOURS: Record<string, keyof Palette> = {
  water: "water",
  grass: "grass",
  trees: "trees",
  plaza: "plaza",
  car_park: "carPark",
  public_road: "publicRoad",
  field: "field",
};
/** Below which resolution car parks show their rows, metres a pixel. */
const ROWS_RESOLUTION = 0.6;

export function paintLand(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model, level } = scene;
  for (const boundary of model.within(level, "boundary", extent)) {
    context.fillStyle = palette.land;
    context.fill(pathOf(boundary), "evenodd");
    context.strokeStyle = palette.landEdge;
    context.lineWidth = 2 * resolution;
    context.stroke(pathOf(boundary));
  }
}

/** Covers in the order of the file, so that a pond may lie in a lawn. */
export function paintCovers(pen: Pen, level: string): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model } = scene;
  for (const ground of model.within(level, "ground", extent)) {
    const cover = String(ground.properties.cover);
    const colour = palette[COVER_COLOURS[cover] ?? "field"];
    context.fillStyle = colour;
    context.fill(pathOf(ground), "evenodd");
    if (cover === "car_park" && resolution < ROWS_RESOLUTION) {
      context.strokeStyle = withAlpha(palette.wall, 0.35);
      context.lineWidth = resolution;
      context.stroke(pathOf(ground));
    }
  }
}

/** What an obstacle is made of: as the map says, else as its id suggests. */
export function obstacleMaterial(id: string, kind?: string): "water" | "trees" | "wall" | "publicRoad" | "works" {
  if (kind === "water" || kind === "trees") return kind;
  if (kind === "public_road") return "publicRoad";
  if (kind === "construction") return "works";
  if (kind === "wall" || kind === "fence") return "wall";
  if (/canal|pond|lake|river|water|fountain/i.test(id)) return "water";
  if (/grove|tree|bed|hedge|lawn|green|garden|wood/i.test(id)) return "trees";
  return "wall";
}

export function paintObstacles(pen: Pen, level: string): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model } = scene;
  const material = ({ id, properties }: MapFeature) => obstacleMaterial(id, properties.kind);
  for (const [made, features] of grouped(model.within(level, "obstacle", extent), material)) {
    const path = merged(features);
    if (made === "works") {
      fillHatched(pen, path, hatch(withAlpha(palette.closed, 0.5)));
      context.strokeStyle = palette.closed;
      context.lineWidth = 1.5 * resolution;
      context.stroke(path);
      continue;
    }
    context.fillStyle = palette[made as "water" | "trees" | "wall" | "publicRoad"];
    context.fill(path);
    if (made === "wall") {
      // Fences are thinner than a pixel from afar.
      context.strokeStyle = palette.wall;
      context.lineWidth = 0.8 * resolution;
      context.stroke(path);
    }
  }
}

/** Names of the parts say where one is; their edges are thin dashes. */
export function paintParts(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const parts = scene.model.within(scene.level, "part", extent);
  if (parts.length === 0) return;
  context.strokeStyle = withAlpha(scene.palette.part, 0.55);
  context.lineWidth = 1.2 * resolution;
  context.setLineDash([9 * resolution, 6 * resolution]);
  context.stroke(merged(parts));
  context.setLineDash([]);
}
