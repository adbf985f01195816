/** What lies over the campus and changes: routes, chosen or highlighted features, incidents. */
import Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Incident, Route } from "../api/types";
import { isOpen } from "../incidents/open";
import type { MapFeature } from "./campusModel";
import { routeColour, type Palette, type Scheme } from "./palette";

export const SEVERITY_COLOURS = ["#1971c2", "#e8890c", "#e8590c", "#c92a2a"] as const;

export class RouteLayer {
  readonly #source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.#source, updateWhileInteracting: true });
  #drawn: unknown[] = [];

  /** Draw the routes: released solid, planned dashed, the selected robot's strongest. */
  update(
    routes: ReadonlyMap<string, Route>,
    kinds: ReadonlyMap<string, string>,
    selected: string | null,
    scheme: Scheme,
  ): void {
    const wanted = [routes, kinds, selected, scheme];
    if (wanted.every((part, index) => part === this.#drawn[index])) return;
    this.#drawn = wanted;
    this.#source.clear(true);
    const features: Feature[] = [];
    for (const [name, { base, horizon }] of routes) {
      const mine = name === selected;
      const colour = routeColour(kinds.get(name), scheme);
      const last = base.at(-1);
      if (base.length > 1) features.push(routeFeature(base, colour, mine, false));
      const planned = last ? [last, ...horizon] : horizon;
      if (planned.length > 1) features.push(routeFeature(planned, colour, mine, true));
    }
    this.#source.addFeatures(features);
  }
}

function routeFeature(
  points: readonly (readonly [number, number])[],
  colour: string,
  selected: boolean,
  planned: boolean,
): Feature {
  const feature = new Feature(new LineString(points.map(([x, y]) => [x, y])));
  feature.setStyle(
    new Style({
      stroke: new Stroke({
        color: colour + (selected ? "f0" : planned ? "70" : "a8"),
        width: selected ? 5 : 3,
        lineJoin: "round",
        lineCap: planned ? "butt" : "round",
        ...(planned ? { lineDash: [7, 6] } : {}),
      }),
      zIndex: selected ? 2 : 1,
    }),
  );
  return feature;
}

/** Something to be ringed: a feature of the map, or a place. */
export interface Mark {
  geometry: Geometry;
  /** Beside it; empty for none. */
  text: string;
  /** Of its ring; by default that of what is chosen. */
  colour?: string;
}

export class HighlightLayer {
  readonly #source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.#source, updateWhileInteracting: true });

  update(marks: readonly Mark[], palette: Palette): void {
    this.#source.clear(true);
    this.#source.addFeatures(
      marks.map(({ geometry, text, colour = palette.chosen }) => {
        const ringed = new Feature(geometry);
        ringed.setStyle(ringStyle(geometry, text, colour));
        return ringed;
      }),
    );
  }
}

/** The shape of a feature for a layer of OpenLayers. */
export function shapeOf(feature: MapFeature): Geometry {
  const { geometry } = feature;
  if (geometry.type === "Point") return new Point(geometry.coordinates);
  return geometry.type === "LineString" ? new LineString(geometry.coordinates) : new Polygon(geometry.coordinates);
}

function ringStyle(geometry: Geometry, text: string, colour: string): Style {
  if (geometry.getType() !== "Point") {
    return new Style({
      stroke: new Stroke({ color: colour, width: 3 }),
      fill: new Fill({ color: `${colour}26` }),
    });
  }
  return new Style({
    image: new CircleStyle({
      radius: 11,
      stroke: new Stroke({ color: colour, width: 3 }),
      fill: new Fill({ color: `${colour}26` }),
    }),
    ...(text ? { text: tag(text, colour) } : {}),
  });
}

function tag(text: string, colour: string): Text {
  return new Text({
    text,
    font: "700 11px system-ui, sans-serif",
    offsetX: 15,
    offsetY: -12,
    fill: new Fill({ color: "#ffffff" }),
    backgroundFill: new Fill({ color: colour === "#ff6bb0" ? "#b5005b" : colour }),
    padding: [1, 3, 0, 4],
  });
}

export class IncidentLayer {
  readonly #source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.#source });
  #drawn: ReadonlyMap<string, Incident> | null = null;

  update(incidents: ReadonlyMap<string, Incident>): void {
    if (incidents === this.#drawn) return;
    this.#drawn = incidents;
    this.#source.clear(true);
    for (const incident of incidents.values()) {
      if (!isOpen(incident) || incident.x_m === null || incident.y_m === null) continue;
      const feature = new Feature(new Point([incident.x_m, incident.y_m]));
      feature.set("name", incident.title);
      feature.setStyle(incidentStyle(incident.severity));
      this.#source.addFeature(feature);
    }
  }
}

function incidentStyle(severity: Incident["severity"]): Style {
  return new Style({
    image: new RegularShape({
      points: 3,
      radius: 14,
      fill: new Fill({ color: SEVERITY_COLOURS[severity] }),
      stroke: new Stroke({ color: "#ffffff", width: 2 }),
      displacement: [0, 4],
    }),
    text: new Text({
      text: "!",
      font: "800 13px system-ui, sans-serif",
      offsetY: -3,
      fill: new Fill({ color: "#ffffff" }),
    }),
    zIndex: severity,
  });
}
