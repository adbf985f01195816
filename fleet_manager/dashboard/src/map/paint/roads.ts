/** Paints roads as wide as their lanes, bridges over them, and, from near, the lanes themselves. */
import { lengthOf, type MapFeature } from "../campusModel";
import { KIND_COLOURS, OTHER_KIND_COLOUR, withAlpha, type Palette } from "../palette";
import { addLine, grouped, merged, type Pen } from "./pen";

/** Metres a pixel below which one-way lanes carry arrows. */
const ARROWS_RESOLUTION = 0.33;
const ARROW_EVERY_PX = 80;
const SHORTEST_WITH_ARROW_PX = 18;
/** Carriageways are painted so much wider than their lanes that they join, metres. */
const JOIN_M = 1;

type Surface = "road" | "path" | "indoor" | "ramp" | "bridge" | "underpass";
const ORDER: readonly Surface[] = ["underpass", "indoor", "path", "ramp", "road", "bridge"];

/** What a lane looks like as a surface. */
export function surfaceOf({ properties }: MapFeature): Surface {
  const { structure, resource, indoor, width_m: width = 2 } = properties;
  if (structure === "bridge" || structure === "ramp" || structure === "underpass") return structure;
  if (typeof resource === "string" && resource.startsWith("bridge")) return "bridge";
  if (indoor) return "indoor";
  return width < 2.5 ? "path" : "road";
}

const colourOf = (surface: Surface, palette: Palette): string =>
  surface === "underpass" ? palette.roadEdge : palette[surface];

/** A lane in a lift goes straight up: there is nothing to see of it in plan. */
const isDrawn = ({ geometry }: MapFeature): boolean =>
  geometry.type === "LineString" && lengthOf(geometry.coordinates) > 0.05;

/** Lanes are cut into widths of half a metre, so that few strokes paint many. */
const widthOf = ({ properties }: MapFeature): number => Math.round((properties.width_m ?? 2) * 2) / 2;

export function paintRoads(pen: Pen, level: string): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model } = scene;
  const lanes = model.within(level, "lane", extent).filter(isDrawn);
  const groups = grouped(lanes, (lane) => `${surfaceOf(lane)} ${widthOf(lane)}`);
  const strokes = [...groups].map(([name, features]) => {
    const [surface, width] = name.split(" ");
    const widthM = Math.max(1.6 * resolution, Number(width) + (surface === "indoor" ? 0 : JOIN_M));
    return { surface: surface as Surface, widthM, path: merged(features) };
  });
  const edges = (each: (typeof strokes)[number], colour: string, edgePx: number) => {
    context.strokeStyle = colour;
    context.lineWidth = each.widthM + 2 * edgePx * resolution;
    context.stroke(each.path);
  };
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const each of strokes) {
    if (each.surface !== "bridge" && each.surface !== "indoor") edges(each, palette.roadEdge, 1);
  }
  for (const surface of ORDER) {
    for (const each of strokes.filter((stroke) => stroke.surface === surface)) {
      if (surface === "bridge") {
        context.lineCap = "butt";
        edges(each, palette.bridgeEdge, 1.4);
        context.lineCap = "round";
      }
      context.strokeStyle = colourOf(surface, palette);
      context.lineWidth = each.widthM;
      context.stroke(each.path);
    }
  }
}

/** The colour that says for whom a lane is: all, or one kind of robot. */
export function laneColour(kinds: unknown, palette: Palette): string {
  if (!Array.isArray(kinds) || kinds.length !== 1) return palette.lane;
  return KIND_COLOURS[String(kinds[0])] ?? OTHER_KIND_COLOUR;
}

export function paintLanes(pen: Pen): void {
  const { context, scene, extent, resolution } = pen;
  const { palette, model, level } = scene;
  const lanes = model.within(level, "lane", extent).filter(isDrawn);
  const near = resolution < ARROWS_RESOLUTION;
  context.lineJoin = "round";
  context.lineCap = "butt";
  for (const [colour, features] of grouped(lanes, ({ properties }) => laneColour(properties["kinds"], palette))) {
    context.strokeStyle = withAlpha(colour, near ? 0.7 : 0.4);
    context.lineWidth = (near ? 1.2 : 0.8) * resolution;
    context.stroke(merged(features));
    if (near) paintArrows(pen, features, colour);
  }
}

function paintArrows(pen: Pen, lanes: readonly MapFeature[], colour: string): void {
  const { context, resolution } = pen;
  const arrows = new Path2D();
  for (const { geometry, properties } of lanes) {
    if (properties.direction !== "forward" || geometry.type !== "LineString") continue;
    for (const [x, y, angle] of arrowsOf(geometry.coordinates, resolution)) {
      addLine(arrows, chevron(x, y, angle, 4.5 * resolution));
    }
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.6 * resolution;
  context.stroke(arrows);
}

/** Where a line carries arrows, and their angles: evenly spread, none on what is too short. */
export function arrowsOf(points: readonly number[][], resolution: number): [number, number, number][] {
  const length = lengthOf(points);
  if (length < SHORTEST_WITH_ARROW_PX * resolution) return [];
  const count = Math.max(1, Math.floor(length / (ARROW_EVERY_PX * resolution)));
  const arrows: [number, number, number][] = [];
  let passed = 0;
  let next = length / (2 * count);
  for (let index = 1; index < points.length; index += 1) {
    const [x0 = 0, y0 = 0] = points[index - 1] ?? [];
    const [x1 = 0, y1 = 0] = points[index] ?? [];
    const step = Math.hypot(x1 - x0, y1 - y0);
    while (step > 0 && next <= passed + step && arrows.length < count) {
      const share = (next - passed) / step;
      arrows.push([x0 + share * (x1 - x0), y0 + share * (y1 - y0), Math.atan2(y1 - y0, x1 - x0)]);
      next += length / count;
    }
    passed += step;
  }
  return arrows;
}

function chevron(x: number, y: number, angle: number, size: number): number[][] {
  const back = (turn: number) => [x + size * Math.cos(angle + turn), y + size * Math.sin(angle + turn)];
  const tip = [x + 0.5 * size * Math.cos(angle), y + 0.5 * size * Math.sin(angle)];
  return [back(2.5), tip, back(-2.5)];
}
