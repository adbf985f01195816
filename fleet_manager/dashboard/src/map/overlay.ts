/** Gathers what lies over the map from the live view, and says where a change of it shows. */
import { isOpen } from "../incidents/open";
import type { FleetView } from "../live/fleetView";
import type { CampusModel, Extent } from "./campusModel";
import { closedByWeather, closureShapes } from "./closureShapes";
import type { Layers } from "./layers";
import { NOTHING_OVER, type IncidentMark, type Mark, type Over } from "./paint/over";
import type { Scheme } from "./palette";
import { PassageShapes, lanesThrough, outOfOrder } from "./passageShapes";
import { RouteShapes } from "./routeShapes";

export type RestrictionsByKind = Readonly<Record<string, { closed: readonly string[] }>>;

/** What the overlay depends on beside the live view. */
export interface OverlayContext {
  readonly model: CampusModel;
  readonly level: string;
  readonly layers: Layers;
  readonly scheme: Scheme;
  readonly kinds: ReadonlyMap<string, string>;
  readonly selected: string | null;
  readonly restrictions: RestrictionsByKind;
  readonly marks: readonly Mark[];
}

export interface Change {
  readonly over: Over;
  /** Where it looks different now; undefined: perhaps everywhere. */
  readonly extents: readonly Extent[] | undefined;
}

export class Overlay {
  readonly #routes = new RouteShapes();
  readonly #passages = new PassageShapes();
  #over = NOTHING_OVER;
  #drawnFor: readonly unknown[] = [];

  /** The incident drawn at a point, within a reach; metres. */
  incidentAt(x: number, y: number, reach: number): IncidentMark | null {
    return this.#over.incidents.find(({ at }) => Math.hypot(at[0] - x, at[1] - y) <= reach) ?? null;
  }

  /** The passage whose sign is drawn at a point (metres), at a resolution. */
  passageAt(x: number, y: number, resolution: number): string | null {
    return this.#over.passages.length > 0 ? this.#passages.at(x, y, resolution) : null;
  }

  /** Take over a view; null when nothing looks different. */
  update(view: FleetView, context: OverlayContext): Change | null {
    const { model, level, layers, scheme, kinds, selected, restrictions, marks } = context;
    const moved = this.#routes.update(view.routes, kinds, selected, scheme);
    const turned = this.#passages.update(view.passages, model, level);
    const extents = [...(layers.has("routes") ? moved : []), ...(layers.has("passages") ? turned : [])];
    const wanted = [model, level, layers, scheme, restrictions, marks, view.closures, view.incidents, outOfOrder(view.passages)];
    const all = !wanted.every((part, index) => part === this.#drawnFor[index]);
    if (!all && extents.length === 0) return null;
    this.#drawnFor = wanted;
    const routes = layers.has("routes") ? this.#routes.all : [];
    const passages = layers.has("passages") ? this.#passages.all : [];
    this.#over = all
      ? { routes, passages, marks, closures: closuresIn(view, context), incidents: incidentsIn(view) }
      : { ...this.#over, routes, passages };
    return { over: this.#over, extents: all ? undefined : extents };
  }
}

function closuresIn({ closures, passages }: FleetView, context: OverlayContext): Over["closures"] {
  const { model, level, layers, restrictions } = context;
  if (!layers.has("closures")) return [];
  const broken = lanesThrough(model, outOfOrder(passages));
  return closureShapes(model, level, closures.values(), closedByWeather(restrictions, closures.values(), broken), broken);
}

function incidentsIn({ incidents }: FleetView): IncidentMark[] {
  const marks: IncidentMark[] = [];
  for (const incident of incidents.values()) {
    const { x_m: x, y_m: y, title, severity } = incident;
    if (isOpen(incident) && x !== null && y !== null) marks.push({ at: [x, y], title, severity });
  }
  return marks.sort((one, other) => one.severity - other.severity);
}
