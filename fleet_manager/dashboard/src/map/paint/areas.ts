/** Paints areas with a purpose: zones, sectors, keep-clear areas, crossings, and what cameras see. */
import type { MapFeature } from "../campusModel";
import { hatch } from "../hatch";
import { mix, withAlpha, type Palette } from "../palette";
import { fillHatched, merged, pathOf, type Pen } from "./pen";

/** Fractions are told in so many steps, so that a zone is painted anew only when it shows. */
export const FRACTION_STEPS = 20;
/** Metres a pixel above which cones of cameras would cover the map. */
const CONES_RESOLUTION = 1.1;

/** Tint of a zone: from dirty to clean, by its clean fraction (0 to 1) where it is known. */
export function zoneColour(
  purpose: string | undefined,
  cleanFraction: number | null | undefined,
  palette: Palette,
): string {
  if (purpose === "closed") return palette.closed;
  if (purpose === "watch") return palette.watch;
  if (cleanFraction === null || cleanFraction === undefined) return palette.unknown;
  return mix(palette.dirty, palette.clean, Math.round(cleanFraction * FRACTION_STEPS) / FRACTION_STEPS);
}

export function paintZones(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model, level, cleanFractions } = scene;
  for (const zone of model.within(level, "zone", extent)) {
    const { purpose } = zone.properties;
    const colour = zoneColour(purpose, cleanFractions.get(zone.id), palette);
    const path = pathOf(zone);
    if (purpose === "closed") {
      fillHatched(pen, path, hatch(withAlpha(colour, 0.55)));
    } else {
      context.fillStyle = withAlpha(colour, purpose === "watch" ? 0.08 : 0.24);
      context.fill(path, "evenodd");
    }
    context.strokeStyle = withAlpha(colour, resolution > 1 ? 0.45 : 0.8);
    context.lineWidth = (resolution > 1 ? 0.8 : 1.3) * resolution;
    if (purpose === "watch") context.setLineDash([5 * resolution, 4 * resolution]);
    context.stroke(path);
    context.setLineDash([]);
  }
}

/** Risk of a sector at an hour, 0 to 1 of the highest of all sectors and hours. */
export function riskAt(sector: MapFeature, hour: number, highest: number): number {
  const risks = sector.properties["risk_by_hour"];
  const risk = Array.isArray(risks) ? Number(risks[hour] ?? 0) : 1;
  return highest > 0 ? Math.min(1, risk / highest) : 0;
}

export function highestRisk(sectors: readonly MapFeature[]): number {
  return Math.max(
    0,
    ...sectors.flatMap(({ properties }) => {
      const risks = properties["risk_by_hour"];
      return Array.isArray(risks) ? risks.map(Number) : [1];
    }),
  );
}

export function paintSectors(pen: Pen, highest: number): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model, level, hour } = scene;
  for (const sector of model.within(level, "sector", extent)) {
    const risk = riskAt(sector, hour, highest);
    context.fillStyle = withAlpha(palette.sector, 0.04 + 0.22 * risk);
    context.fill(pathOf(sector), "evenodd");
    context.strokeStyle = withAlpha(palette.sector, 0.8);
    context.lineWidth = 1.6 * resolution;
    context.setLineDash([10 * resolution, 4 * resolution, 2 * resolution, 4 * resolution]);
    context.stroke(pathOf(sector));
    context.setLineDash([]);
  }
}

export function paintKeepClear(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const areas = scene.model.within(scene.level, "keep_clear", extent);
  if (areas.length === 0) return;
  const path = merged(areas);
  fillHatched(pen, path, hatch(withAlpha(scene.palette.keepClear, 0.5)));
  context.strokeStyle = withAlpha(scene.palette.keepClear, 0.7);
  context.lineWidth = resolution;
  context.stroke(path);
}

/** Crossings as people know them from the street: broad stripes. */
export function paintCrossings(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  for (const crossing of scene.model.within(scene.level, "crossing", extent)) {
    const path = pathOf(crossing);
    context.save();
    context.clip(path);
    context.strokeStyle = scene.palette.robotEdge;
    const [west, south, east, north] = crossing.extent;
    const flat = east - west > north - south;
    context.lineWidth = Math.max(0.5, 1.5 * resolution);
    const stripes = new Path2D();
    const step = 2 * context.lineWidth;
    for (let at = flat ? west : south; at <= (flat ? east : north); at += step) {
      stripes.moveTo(flat ? at : west, flat ? south : at);
      stripes.lineTo(flat ? at : east, flat ? north : at);
    }
    context.stroke(stripes);
    context.restore();
    context.strokeStyle = scene.palette.passage;
    context.lineWidth = 1.2 * resolution;
    context.stroke(path);
  }
}

export function paintCones(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  if (resolution > CONES_RESOLUTION) return;
  const { palette, model, level } = scene;
  const cameras = model.within(level, "camera", extent);
  for (const camera of cameras) {
    const cone = coneOf(camera);
    context.fillStyle = withAlpha(palette.camera, 0.09);
    context.fill(cone);
    context.strokeStyle = withAlpha(palette.camera, 0.35);
    context.lineWidth = 0.8 * resolution;
    context.stroke(cone);
  }
}

const RADIAN = Math.PI / 180;

function coneOf({ geometry, properties }: MapFeature): Path2D {
  const { heading_deg: heading = 0, field_of_view_deg: view = 60, range_m: range = 20 } = properties;
  const [x = 0, y = 0] = geometry.type === "Point" ? geometry.coordinates : [];
  const path = new Path2D();
  path.moveTo(x, y);
  path.arc(x, y, range, (heading - view / 2) * RADIAN, (heading + view / 2) * RADIAN);
  path.closePath();
  return path;
}
