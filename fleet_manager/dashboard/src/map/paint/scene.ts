/** Paints a piece of the map, from the ground up, without its names. */
import type { Extent } from "../campusModel";
import { highestRisk, paintCones, paintCrossings, paintKeepClear, paintSectors, paintZones } from "./areas";
import { paintBuildings, paintFloors, paintShadows, paintWalls } from "./buildings";
import { paintCovers, paintLand, paintObstacles, paintParts } from "./ground";
import { penFor, type Context, type Pen, type Scene } from "./pen";
import { paintDoors, paintLiftCabins, paintSigns } from "./points";
import { paintLanes, paintRoads } from "./roads";

/**
 * Paint a piece of the map.
 *
 * @param extent - metres; its upper left corner is the canvas' own.
 * @param resolution - metres a CSS pixel.
 * @param pixelRatio - pixels of the canvas a CSS pixel.
 */
export function paintScene(
  context: Context,
  scene: Scene,
  extent: Extent,
  resolution: number,
  pixelRatio: number,
): void {
  const pen = penFor(context, scene, extent, resolution, pixelRatio);
  const { model, level } = scene;
  paintLand(pen);
  if (level !== model.ground) paintBelow(pen);
  paintCovers(pen, level);
  paintObstacles(pen, level);
  paintShadows(pen, level);
  paintFloors(pen, level);
  paintRoads(pen, level);
  paintOptional(pen);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** The ground, veiled, while another level is looked at: it says where one is. */
function paintBelow(pen: Pen): void {
  const { context, scene, extent } = pen;
  const { ground } = scene.model;
  paintCovers(pen, ground);
  paintObstacles(pen, ground);
  paintRoads(pen, ground);
  paintBuildings(pen, ground, true);
  context.fillStyle = scene.palette.veil;
  context.fillRect(extent[0], extent[1], extent[2] - extent[0], extent[3] - extent[1]);
}

function paintOptional(pen: Pen): void {
  const { layers, model, level } = pen.scene;
  if (layers.has("zones")) paintZones(pen);
  if (layers.has("keepClear")) paintKeepClear(pen);
  if (layers.has("passages")) paintCrossings(pen);
  if (layers.has("lanes")) paintLanes(pen);
  paintBuildings(pen, level);
  paintWalls(pen);
  paintParts(pen);
  if (layers.has("sectors")) {
    paintSectors(pen, highestRisk(model.features.filter(({ kind }) => kind === "sector")));
  }
  if (layers.has("passages")) {
    paintLiftCabins(pen);
    paintDoors(pen);
  }
  if (layers.has("cameras")) paintCones(pen);
  if (layers.has("places")) paintSigns(pen, "waypoint");
  if (layers.has("passages")) {
    paintSigns(pen, "lift");
    paintSigns(pen, "entrance");
  }
  if (layers.has("assets")) paintSigns(pen, "asset");
  if (layers.has("cameras")) paintSigns(pen, "camera");
  if (layers.has("stations")) {
    paintSigns(pen, "station");
    paintSigns(pen, "muster_point");
  }
}
