/** What is closed or slowed on the map: hatched while it holds, dashed while it is to come. */
import Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import MultiLineString from "ol/geom/MultiLineString";
import MultiPolygon from "ol/geom/MultiPolygon";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Closure } from "../api/types";
import { distanceTo } from "./pick";
import { isInside, type CampusModel } from "./campusModel";
import { hatch } from "./hatch";
import { withAlpha, type Palette } from "./palette";

export type Look = "closed" | "slow" | "scheduled" | "weather";

/** How a closure is drawn; null: it is over. */
export function lookOf(closure: Closure): Look | null {
  if (closure.status === "scheduled") return "scheduled";
  if (closure.status !== "active") return null;
  return closure.speed_limit_mps === null ? "closed" : "slow";
}

/** Lanes that the weather alone closes for some kind of robot. */
export function closedByWeather(
  restrictions: Readonly<Record<string, { closed: readonly string[] }>>,
  closures: Iterable<Closure>,
): ReadonlySet<string> {
  const lanes = new Set(Object.values(restrictions).flatMap(({ closed }) => closed.map(featureId)));
  for (const closure of closures) {
    if (lookOf(closure) === "closed") for (const lane of closure.affected_lanes) lanes.delete(featureId(lane));
  }
  return lanes;
}

/** The map draws both directions of a lane as one feature. */
const featureId = (lane: string): string => lane.replace(/~$/, "");

interface Shown {
  closures: ReadonlyMap<string, Closure>;
  weather: ReadonlySet<string>;
  model: CampusModel;
  level: string;
  palette: Palette;
}

export class ClosureLayer {
  readonly #source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.#source });
  #shown: Shown | null = null;

  update(shown: Shown): void {
    const before = this.#shown;
    if (before && (Object.keys(shown) as (keyof Shown)[]).every((key) => before[key] === shown[key])) return;
    this.#shown = shown;
    this.#source.clear(true);
    const features: Feature[] = [];
    for (const closure of shown.closures.values()) {
      const look = lookOf(closure);
      if (look) features.push(...featuresOf(shown, closure.affected_lanes, areasOf(closure), look));
    }
    if (shown.weather.size > 0) features.push(...featuresOf(shown, [...shown.weather], [], "weather"));
    this.#source.addFeatures(features);
  }

  /** The closure that a point of the map belongs to, or null. */
  at(x: number, y: number, resolution: number): string | null {
    if (!this.#shown) return null;
    const { closures, model, level } = this.#shown;
    for (const closure of closures.values()) {
      if (!lookOf(closure)) continue;
      const found = [...areasOf(closure), ...closure.affected_lanes.map(featureId)].some((id) => {
        const feature = model.get(id);
        if (!feature?.levels.includes(level)) return false;
        const { geometry } = feature;
        if (geometry.type === "Polygon") return isInside(geometry.coordinates, x, y);
        return geometry.type === "LineString" && distanceTo(geometry.coordinates, x, y) < 6 * resolution;
      });
      if (found) return closure.id;
    }
    return null;
  }
}

const areasOf = ({ zones, passages }: Closure): string[] => [...zones, ...passages];

function featuresOf(shown: Shown, lanes: readonly string[], areas: readonly string[], look: Look): Feature[] {
  const { model, level, palette } = shown;
  const lines: number[][][] = [];
  const polygons: number[][][][] = [];
  for (const id of new Set([...lanes.map(featureId), ...areas])) {
    const feature = model.get(id);
    if (!feature?.levels.includes(level)) continue;
    if (feature.geometry.type === "LineString") lines.push(feature.geometry.coordinates);
    if (feature.geometry.type === "Polygon") polygons.push(feature.geometry.coordinates);
  }
  const made: Feature[] = [];
  if (polygons.length > 0) made.push(styled(new MultiPolygon(polygons), areaStyle(look, palette)));
  if (lines.length > 0) made.push(styled(new MultiLineString(lines), laneStyles(look, palette)));
  return made;
}

function styled(geometry: Geometry, style: Style | Style[]): Feature {
  const feature = new Feature(geometry);
  feature.setStyle(style);
  return feature;
}

const colourOf = (look: Look, palette: Palette): string =>
  ({ closed: palette.closed, scheduled: palette.closed, slow: palette.slow, weather: palette.weather })[look];

function areaStyle(look: Look, palette: Palette): Style {
  const colour = colourOf(look, palette);
  const dashed = look === "scheduled" ? { lineDash: [7, 6] } : {};
  return new Style({
    fill: new Fill({ color: look === "scheduled" ? withAlpha(colour, 0.06) : hatch(withAlpha(colour, 0.6)) }),
    stroke: new Stroke({ color: colour, width: 2.5, ...dashed }),
  });
}

function laneStyles(look: Look, palette: Palette): Style[] {
  const colour = colourOf(look, palette);
  if (look === "scheduled") {
    return [new Style({ stroke: new Stroke({ color: colour, width: 3, lineDash: [7, 6], lineCap: "butt" }) })];
  }
  return [
    new Style({ stroke: new Stroke({ color: colour, width: 5, lineCap: "butt" }) }),
    new Style({ stroke: new Stroke({ color: "#ffffff", width: 2, lineDash: [5, 5], lineCap: "butt" }) }),
  ];
}
