/** What is closed or slowed on the map, as shapes: hatched while it holds, dashed while it is to come. */
import type { Closure } from "../api/types";
import { extentOf, type CampusModel, type Extent } from "./campusModel";

export type Look = "closed" | "slow" | "scheduled" | "weather";

/** Everything on a level that one closure, or the weather, means. */
export interface ClosureShape {
  readonly look: Look;
  readonly lines: readonly number[][][];
  /** Rings of polygons. */
  readonly areas: readonly number[][][][];
  readonly extent: Extent;
}

/** How a closure is drawn; null: it is over. */
export function lookOf(closure: Closure): Look | null {
  if (closure.status === "scheduled") return "scheduled";
  if (closure.status !== "active") return null;
  return closure.speed_limit_mps === null ? "closed" : "slow";
}

/**
 * Lanes that the weather alone closes for some kind of robot.
 *
 * @param broken - lanes through what is out of order; they are closed, whatever the weather.
 */
export function closedByWeather(
  restrictions: Readonly<Record<string, { closed: readonly string[] }>>,
  closures: Iterable<Closure>,
  broken: ReadonlySet<string>,
): ReadonlySet<string> {
  const closed = Object.values(restrictions).flatMap((each) => each.closed.map(featureId));
  const lanes = new Set(closed.filter((lane) => !broken.has(lane)));
  for (const closure of closures) {
    if (lookOf(closure) === "closed") for (const lane of closure.affected_lanes) lanes.delete(featureId(lane));
  }
  return lanes;
}

/** The map draws both directions of a lane as one feature. */
const featureId = (lane: string): string => lane.replace(/~$/, "");

/** The shapes of closures, of lanes through what is out of order and of those that the weather closes, on a level. */
export function closureShapes(
  model: CampusModel,
  level: string,
  closures: Iterable<Closure>,
  weather: ReadonlySet<string>,
  broken: ReadonlySet<string>,
): ClosureShape[] {
  const shapes: (ClosureShape | null)[] = [];
  for (const closure of closures) {
    const look = lookOf(closure);
    const { affected_lanes: lanes, zones, passages } = closure;
    if (look) shapes.push(shapeOf(model, level, [...lanes, ...zones, ...passages], look));
  }
  if (broken.size > 0) shapes.push(shapeOf(model, level, [...broken], "closed"));
  if (weather.size > 0) shapes.push(shapeOf(model, level, [...weather], "weather"));
  return shapes.filter((shape) => shape !== null);
}

function shapeOf(model: CampusModel, level: string, ids: readonly string[], look: Look): ClosureShape | null {
  const lines: number[][][] = [];
  const areas: number[][][][] = [];
  for (const id of new Set(ids.map(featureId))) {
    const feature = model.get(id);
    if (!feature?.levels.includes(level)) continue;
    if (feature.geometry.type === "LineString") lines.push(feature.geometry.coordinates);
    if (feature.geometry.type === "Polygon") areas.push(feature.geometry.coordinates);
  }
  if (lines.length + areas.length === 0) return null;
  return { look, lines, areas, extent: extentOf([...lines, ...areas.flat()].flat()) };
}
