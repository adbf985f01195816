/** What lies over the campus and changes: routes, chosen or highlighted features, incidents. */
import Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
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

export class HighlightLayer {
  readonly #source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.#source });

  /** Ring the given features, numbered in their order where they are points. */
  update(features: readonly Feature<Geometry>[], palette: Palette): void {
    this.#source.clear(true);
    this.#source.addFeatures(
      features.map((feature, index) => {
        const ringed = new Feature(feature.getGeometry()?.clone());
        ringed.setStyle(ringStyle(feature, features.length > 1 ? String(index + 1) : "", palette));
        return ringed;
      }),
    );
  }
}

function ringStyle(feature: Feature<Geometry>, number: string, palette: Palette): Style {
  if (feature.getGeometry()?.getType() !== "Point") {
    return new Style({
      stroke: new Stroke({ color: palette.chosen, width: 3 }),
      fill: new Fill({ color: `${palette.chosen}26` }),
    });
  }
  return new Style({
    image: new CircleStyle({
      radius: 11,
      stroke: new Stroke({ color: palette.chosen, width: 3 }),
      fill: new Fill({ color: `${palette.chosen}26` }),
    }),
    text: new Text({
      text: number,
      font: "700 11px system-ui, sans-serif",
      offsetX: 15,
      offsetY: -12,
      fill: new Fill({ color: "#ffffff" }),
      backgroundFill: new Fill({ color: palette.chosen === "#d6006c" ? palette.chosen : "#b5005b" }),
      padding: [1, 3, 0, 4],
    }),
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
