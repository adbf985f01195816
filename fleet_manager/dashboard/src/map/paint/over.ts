/** Paints what changes and lies over the map: closures, routes, names, what is chosen, passages, incidents. */
import type { CampusFeature } from "../../api/types";
import type { ClosureShape, Look } from "../closureShapes";
import { hatch } from "../hatch";
import type { LabelBook } from "../labelBook";
import { SEVERITY_COLOURS, withAlpha, type Palette } from "../palette";
import type { PassageShape } from "../passageShapes";
import type { RouteShape } from "../routeShapes";
import type { Xy } from "../campusModel";
import { paintPassages } from "./passages";
import { addLine, fillHatched, type Context, type Pen } from "./pen";

/** Something to be ringed: a feature of the map, or a place. */
export interface Mark {
  readonly geometry: CampusFeature["geometry"];
  /** Beside it; empty for none. */
  readonly text: string;
  readonly colour: string;
}

export interface IncidentMark {
  readonly at: Xy;
  readonly title: string;
  readonly severity: 0 | 1 | 2 | 3;
}

export interface Over {
  readonly closures: readonly ClosureShape[];
  readonly routes: readonly RouteShape[];
  readonly passages: readonly PassageShape[];
  readonly marks: readonly Mark[];
  readonly incidents: readonly IncidentMark[];
}

export const NOTHING_OVER: Over = { closures: [], routes: [], passages: [], marks: [], incidents: [] };

/** CSS pixels by which a drawing may reach beyond its own extent. */
export const REACH_PX = 28;

export function paintOver(pen: Pen, over: Over, labels: LabelBook): void {
  const reach = REACH_PX * pen.resolution;
  const [west, south, east, north] = pen.extent;
  const seen = ({ extent }: { extent: readonly number[] }) =>
    (extent[0] ?? 0) - reach < east && (extent[2] ?? 0) + reach > west &&
    (extent[1] ?? 0) - reach < north && (extent[3] ?? 0) + reach > south;
  for (const closure of over.closures) if (seen(closure)) paintClosure(pen, closure);
  for (const route of over.routes) if (seen(route)) paintRoute(pen, route);
  labels.paint(pen);
  for (const mark of over.marks) paintMark(pen, mark);
  paintPassages(pen, over.passages.filter(seen));
  for (const incident of over.incidents) pen.atPixel(incident.at, (context) => drawIncident(context, incident));
  pen.context.setLineDash([]);
  pen.context.lineCap = "butt";
}

const colourOf = (look: Look, palette: Palette): string =>
  ({ closed: palette.closed, scheduled: palette.closed, slow: palette.slow, weather: palette.weather })[look];

function pathOfRings(areas: readonly number[][][][]): Path2D {
  const path = new Path2D();
  for (const ring of areas.flat()) {
    addLine(path, ring);
    path.closePath();
  }
  return path;
}

function pathOfLines(lines: readonly (readonly number[][])[]): Path2D {
  const path = new Path2D();
  for (const line of lines) addLine(path, line);
  return path;
}

function paintClosure(pen: Pen, { look, areas, lines }: ClosureShape): void {
  const { context, resolution, scene } = pen;
  const colour = colourOf(look, scene.palette);
  const dashes = look === "scheduled" ? [7 * resolution, 6 * resolution] : [];
  if (areas.length > 0) {
    const path = pathOfRings(areas);
    if (look === "scheduled") {
      context.fillStyle = withAlpha(colour, 0.06);
      context.fill(path, "evenodd");
    } else {
      fillHatched(pen, path, hatch(withAlpha(colour, 0.6)));
    }
    stroke(pen, path, colour, 2.5, dashes);
  }
  if (lines.length === 0) return;
  const path = pathOfLines(lines);
  stroke(pen, path, colour, look === "scheduled" ? 3 : 5, dashes);
  if (look !== "scheduled") stroke(pen, path, "#ffffff", 2, [5 * resolution, 5 * resolution]);
}

/** Released solid, planned dashed, the selected robot's strongest. */
function paintRoute(pen: Pen, { released, planned, colour, selected }: RouteShape): void {
  const { context, resolution } = pen;
  const widthPx = selected ? 5 : 3;
  context.lineJoin = "round";
  context.lineCap = "round";
  if (released.length > 1) stroke(pen, pathOfLines([[...released]]), colour + (selected ? "f0" : "a8"), widthPx);
  context.lineCap = "butt";
  if (planned.length > 1) {
    stroke(pen, pathOfLines([[...planned]]), colour + (selected ? "f0" : "70"), widthPx, [7 * resolution, 6 * resolution]);
  }
}

function stroke({ context, resolution }: Pen, path: Path2D, colour: string, widthPx: number, dashes: number[] = []): void {
  context.strokeStyle = colour;
  context.lineWidth = widthPx * resolution;
  context.setLineDash(dashes);
  context.stroke(path);
}

function paintMark(pen: Pen, { geometry, text, colour }: Mark): void {
  if (geometry.type === "Point") {
    const [x = 0, y = 0] = geometry.coordinates;
    pen.atPixel([x, y], (context) => drawRing(context, colour, text));
    return;
  }
  const path = geometry.type === "Polygon" ? pathOfRings([geometry.coordinates]) : pathOfLines([geometry.coordinates]);
  if (geometry.type === "Polygon") {
    pen.context.fillStyle = withAlpha(colour, 0.15);
    pen.context.fill(path, "evenodd");
  }
  stroke(pen, path, colour, 3);
}

function drawRing(context: Context, colour: string, text: string): void {
  context.setLineDash([]);
  context.beginPath();
  context.arc(0, 0, 11, 0, 2 * Math.PI);
  context.fillStyle = withAlpha(colour, 0.15);
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = 3;
  context.stroke();
  if (!text) return;
  context.font = "700 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = context.measureText(text).width / 2 + 4;
  context.fillStyle = colour === "#ff6bb0" ? "#b5005b" : colour;
  context.fillRect(15 - half, -20, 2 * half, 15);
  context.fillStyle = "#ffffff";
  context.fillText(text, 15, -12);
}

/** A triangle of the incident's severity with an exclamation mark. */
function drawIncident(context: Context, { severity }: IncidentMark): void {
  context.setLineDash([]);
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(0, -18);
  context.lineTo(12, 3);
  context.lineTo(-12, 3);
  context.closePath();
  context.fillStyle = SEVERITY_COLOURS[severity];
  context.fill();
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.stroke();
  context.fillStyle = "#ffffff";
  context.font = "800 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("!", 0, -4);
}
