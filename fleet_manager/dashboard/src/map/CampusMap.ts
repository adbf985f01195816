/** The map without React: layers in their order, clicks, movement of the view. */
import OlMap from "ol/Map";
import View from "ol/View";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import ScaleLine from "ol/control/ScaleLine";
import { defaults } from "ol/interaction/defaults";
import { buffer, getCenter, getHeight, getWidth } from "ol/extent";
import Projection from "ol/proj/Projection";
import type { WaitedAt } from "../api/types";
import type { LiveStore } from "../live/store";
import { middleOf, type CampusModel, type MapFeature, type Xy } from "./campusModel";
import { firstLayers, type Layers } from "./layers";
import { MapLayer } from "./mapLayer";
import { Overlay, type RestrictionsByKind } from "./overlay";
import { FRACTION_STEPS } from "./paint/areas";
import type { Mark } from "./paint/over";
import type { Scene } from "./paint/pen";
import { PALETTES, type Scheme } from "./palette";
import { pickAt } from "./pick";
import { RobotLayer } from "./robotLayer";
import { TrafficLayer } from "./trafficLayer";

/** What a click on the map chooses. */
export type PickKind = "places" | "zone" | "assets";

export interface MapEvents {
  /** A robot was clicked, or (null) nothing that can be. */
  onSelect: (robot: string | null) => void;
  /** A feature of the map was clicked. */
  onFeature: (id: string | null) => void;
  onPick: (kind: PickKind, id: string) => void;
  /** An obstacle was clicked, by its closure. */
  onObstacle?: (closure: string) => void;
  /** A click while places are asked for (`setPlacing`): where, and how near counts as on something. */
  onPlace?: (xy: readonly number[], level: string, reachM: number) => void;
}

/** Something wrong, to be marked. */
export interface FindingMark {
  xy: Xy;
  level: string | null;
  severity: "error" | "warning";
}

const HIT_TOLERANCE_PX = 8;
const INCIDENT_PX = 14;
const CLOSE_UP_RESOLUTION = 0.15;
/** A feature that is brought into the middle fills at most so much of the view. */
const FEATURE_SHARE = 0.45;
const HOUR_MS = 3_600_000;
const MARK_COLOURS = { error: "#c92a2a", warning: "#e67700" } as const;

/** Whether staff may choose a feature when they choose that kind of thing. */
export function isPickable({ kind, properties }: MapFeature, wanted: PickKind): boolean {
  if (wanted === "places") return kind === "waypoint" && properties.role === "bay";
  if (wanted === "zone") return kind === "zone" && properties.purpose === "clean";
  return kind === "asset";
}

export class CampusMap {
  readonly #map: OlMap;
  readonly #base = new MapLayer();
  readonly #robots: RobotLayer;
  readonly #traffic = new TrafficLayer((robot) => this.#robots.positionOf(robot));
  readonly #overlay = new Overlay();
  readonly #store: LiveStore;
  readonly #unsubscribe: () => void;
  readonly #events: MapEvents;
  readonly #still: boolean;
  readonly #hourly: ReturnType<typeof setInterval>;
  #model: CampusModel | null = null;
  #level = "";
  #layers: Layers = firstLayers();
  #fractions: ReadonlyMap<string, number | null> = new Map();
  #restrictions: RestrictionsByKind = {};
  #kinds: ReadonlyMap<string, string> = new Map();
  #selected: string | null = null;
  #feature: string | null = null;
  #pickKind: PickKind | null = null;
  #placing = false;
  #highlighted: readonly string[] = [];
  #marks: readonly FindingMark[] = [];
  #ringed: readonly Mark[] = [];
  #scheme: Scheme;
  #timezone: string | undefined;
  #fitted = false;

  constructor(target: HTMLElement, store: LiveStore, events: MapEvents, scheme: Scheme) {
    this.#store = store;
    this.#events = events;
    this.#scheme = scheme;
    this.#still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#robots = new RobotLayer(PALETTES[scheme], this.#still);
    this.#map = new OlMap({
      target,
      // The page around the map does not scroll with the wheel: no click is needed before the first.
      interactions: defaults({ onFocusOnly: false, altShiftDragRotate: false, pinchRotate: false }),
      controls: [new ScaleLine({ className: "map-scale", minWidth: 60 })],
      layers: [this.#base, this.#traffic, this.#robots],
    });
    this.#robots.tellMovedTo(() => this.#traffic.follow());
    this.#map.on("singleclick", (event) => this.#click(event));
    this.#map.on("pointermove", (event) => this.#hover(event));
    this.#map.on("movestart", () => store.setBusy(true));
    this.#map.on("moveend", () => store.setBusy(false));
    this.#map.on("change:size", () => this.#fitOnce());
    this.#unsubscribe = store.subscribe(() => this.#update());
    this.#hourly = setInterval(() => this.#rescene(), HOUR_MS);
    this.#update();
  }

  dispose(): void {
    this.#unsubscribe();
    clearInterval(this.#hourly);
    this.#store.setBusy(false);
    this.#map.setTarget(undefined);
    this.#map.dispose();
  }

  /** Show a campus; a new version of the one that is shown leaves the view where it is. */
  setCampus(model: CampusModel, timezone: string): void {
    const same = this.#model?.id === model.id;
    this.#model = model;
    this.#timezone = timezone;
    if (!model.levels.some(({ id }) => id === this.#level)) this.#level = model.ground;
    if (!same) {
      this.#newView(model);
      this.#fitted = false;
    }
    this.#rescene();
    this.#fitOnce();
    this.#update();
  }

  setLevel(level: string): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#rescene();
    this.#update();
  }

  setLayers(layers: Layers): void {
    this.#layers = layers;
    this.#traffic.setShown({ arrows: layers.has("routes"), obstacles: layers.has("closures") });
    this.#rescene();
    this.#update();
  }

  setScheme(scheme: Scheme): void {
    this.#scheme = scheme;
    this.#robots.setPalette(PALETTES[scheme]);
    this.#rescene();
    this.#update();
  }

  /** Draw where robots have waited; none: nothing of it. */
  setWaits(waits: readonly WaitedAt[]): void {
    this.#traffic.setWaits(waits);
  }

  /** How ages of obstacles are said. */
  setAgo(ago: (seconds: number) => string): void {
    this.#traffic.setAgo(ago);
  }

  /** What is in the middle of the view, metres. */
  middle(): readonly number[] {
    return this.#map.getView().getCenter() ?? [0, 0];
  }

  /** Kinds by robot name. */
  setKinds(kinds: ReadonlyMap<string, string>): void {
    this.#kinds = kinds;
    this.#robots.setKinds(kinds);
    this.#update();
  }

  setRestrictions(restrictions: RestrictionsByKind): void {
    this.#restrictions = restrictions;
    this.#update();
  }

  setSelected(robot: string | null): void {
    this.#selected = robot;
    this.#robots.setSelected(robot);
    this.#update();
  }

  /** Ring the feature whose panel is open. */
  setFeature(id: string | null): void {
    this.#feature = id;
    this.#highlight();
  }

  /** Let clicks choose things of a kind; null: clicks select robots and features. */
  setPickKind(kind: PickKind | null): void {
    this.#pickKind = kind;
  }

  /** Whether clicks mean places, whatever is there. */
  setPlacing(placing: boolean): void {
    this.#placing = placing;
  }

  /** Where a place is drawn, pixels from the map's corner; null before the map is. */
  pixelOf(xy: readonly number[]): readonly number[] | null {
    return this.#map.getPixelFromCoordinate([...xy]) as number[] | null;
  }

  /** The place that is drawn at a pixel. */
  xyAt(x: number, y: number): number[] | null {
    return this.#map.getCoordinateFromPixel([x, y]) as number[] | null;
  }

  /** Have something called whenever the map has been drawn; returns what ends that. */
  onRender(tell: () => void): () => void {
    this.#map.on("postrender", tell);
    return () => this.#map.un("postrender", tell);
  }

  /** Ring places, zones and assets, given by id or name. */
  setHighlighted(references: readonly string[]): void {
    this.#highlighted = references;
    this.#highlight();
  }

  /** Mark what validation has found. */
  setMarks(marks: readonly FindingMark[]): void {
    this.#marks = marks;
    this.#highlight();
  }

  fit(durationMs = 300): void {
    if (!this.#model) return;
    this.#map.getView().fit([...this.#model.extent], {
      // Room for the search field above and the buttons at the right.
      padding: [60, 64, 28, 28],
      duration: this.#still ? 0 : durationMs,
    });
  }

  zoomBy(levels: number): void {
    const view = this.#map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + levels, duration: this.#still ? 0 : 200 });
  }

  /** Bring a robot into the middle; nothing happens for one that is not on the map. */
  centreOnRobot(robot: string): void {
    const position = this.#robots.positionOf(robot);
    if (position) this.centreOn(position);
  }

  /** Bring a point (metres) into the middle, close enough to see what is there. */
  centreOn(centre: readonly number[], resolution = CLOSE_UP_RESOLUTION): void {
    const view = this.#map.getView();
    const near = Math.min(view.getResolution() ?? 1, resolution);
    view.animate({ center: [...centre], resolution: near, duration: this.#still ? 0 : 400 });
  }

  /** Bring a feature into the middle, as close as it fits well into the view. */
  centreOnFeature(feature: MapFeature): void {
    const [width = 1, height = 1] = this.#map.getSize() ?? [];
    const { extent, geometry } = feature;
    const fits = Math.max((extent[2] - extent[0]) / width, (extent[3] - extent[1]) / height) / FEATURE_SHARE;
    const resolution = geometry.type === "Point" ? 0.08 : Math.max(0.08, fits);
    const view = this.#map.getView();
    const now = view.getResolution() ?? 1;
    const target = geometry.type === "Polygon" && now < resolution ? resolution : Math.min(now, resolution);
    view.animate({ center: [...middleOf(feature)], resolution: target, duration: this.#still ? 0 : 400 });
  }

  #newView(model: CampusModel): void {
    const extent = [...model.extent];
    const around = buffer(extent, Math.max(getWidth(extent), getHeight(extent)) * 0.6);
    const projection = new Projection({
      code: `campus:${model.id}`,
      units: "m",
      extent: around,
      getPointResolution: (resolution) => resolution,
    });
    this.#map.setView(
      new View({
        projection,
        center: getCenter(extent),
        resolution: 1,
        minResolution: 0.02,
        maxResolution: 8,
        extent: around,
        showFullExtent: true,
        enableRotation: false,
      }),
    );
  }

  #fitOnce(): void {
    const size = this.#map.getSize();
    if (this.#fitted || !size?.[0] || !size[1] || !this.#model) return;
    this.#fitted = true;
    this.fit(0);
  }

  #scene(): Scene | null {
    if (!this.#model) return null;
    return {
      model: this.#model,
      level: this.#level,
      layers: this.#layers,
      palette: PALETTES[this.#scheme],
      cleanFractions: this.#fractions,
      hour: hourIn(this.#timezone),
    };
  }

  #rescene(): void {
    const scene = this.#scene();
    if (!scene || !this.#model) return;
    this.#base.setScene(scene);
    this.#traffic.setLevel(this.#level);
    this.#robots.setLevel(this.#level, new Map(this.#model.levels.map(({ id, name }) => [id, name])));
    this.#highlight();
  }

  #update(): void {
    const { view } = this.#store.get();
    this.#robots.update(view);
    this.#traffic.update(view);
    if (!this.#model) return;
    const change = this.#overlay.update(view, {
      model: this.#model,
      level: this.#level,
      layers: this.#layers,
      scheme: this.#scheme,
      kinds: this.#kinds,
      selected: this.#selected,
      restrictions: this.#restrictions,
      marks: this.#ringed,
    });
    if (change) this.#base.setOver(change.over, change.extents);
    this.#followFractions(view.zones);
  }

  /** Paint zones anew whose tint has changed so much that one sees it. */
  #followFractions(fractions: ReadonlyMap<string, number | null>): void {
    if (fractions === this.#fractions || !this.#model) return;
    const step = (value: number | null | undefined) =>
      value === null || value === undefined ? -1 : Math.round(value * FRACTION_STEPS);
    const changed = [...fractions].flatMap(([id, fraction]) => {
      const zone = step(fraction) === step(this.#fractions.get(id)) ? undefined : this.#model?.get(id);
      return zone?.levels.includes(this.#level) ? [zone.extent] : [];
    });
    this.#fractions = fractions;
    const scene = this.#scene();
    if (scene) this.#base.touchScene(scene, changed);
  }

  /** Ring what is chosen and what validation has found, as far as it is on this level. */
  #highlight(): void {
    const model = this.#model;
    if (!model) return;
    const colour = PALETTES[this.#scheme].chosen;
    const here = (feature: MapFeature | undefined): feature is MapFeature =>
      feature?.levels.includes(this.#level) ?? false;
    const chosen = this.#highlighted.map((reference) => model.find(reference));
    const marks: Mark[] = chosen.flatMap((feature, index) =>
      here(feature) ? [{ geometry: feature.geometry, text: chosen.length > 1 ? String(index + 1) : "", colour }] : [],
    );
    const opened = this.#feature === null ? undefined : model.get(this.#feature);
    if (here(opened)) marks.push({ geometry: opened.geometry, text: "", colour });
    for (const { xy, level, severity } of this.#marks) {
      if (level !== null && level !== this.#level) continue;
      marks.push({ geometry: { type: "Point", coordinates: [...xy] }, text: "!", colour: MARK_COLOURS[severity] });
    }
    if (marks.length > 0 || this.#ringed.length > 0) this.#ringed = marks;
    this.#update();
  }

  #featureAt(coordinate: readonly number[], kind: PickKind | null): MapFeature | null {
    const [x = 0, y = 0] = coordinate;
    if (!this.#model) return null;
    const picking = {
      model: this.#model,
      level: this.#level,
      layers: this.#layers,
      resolution: this.#map.getView().getResolution() ?? 1,
    };
    if (kind) return pickAt(picking, x, y, (feature) => isPickable(feature, kind));
    const passage = this.#overlay.passageAt(x, y, picking.resolution);
    return (passage === null ? undefined : this.#model.get(passage)) ?? pickAt(picking, x, y);
  }

  #robotAt(coordinate: readonly number[]): string | null {
    const reach = (HIT_TOLERANCE_PX + 8) * (this.#map.getView().getResolution() ?? 1);
    return this.#robots.nearest(coordinate, reach);
  }

  #click(event: MapBrowserEvent): void {
    if (this.#placing) {
      const reach = HIT_TOLERANCE_PX * 2 * (this.#map.getView().getResolution() ?? 1);
      this.#events.onPlace?.(event.coordinate, this.#level, reach);
      return;
    }
    if (this.#pickKind) {
      const feature = this.#featureAt(event.coordinate, this.#pickKind);
      if (feature) this.#events.onPick(this.#pickKind, feature.id);
      return;
    }
    const robot = this.#robotAt(event.coordinate);
    const obstacle = robot === null ? this.#traffic.obstacleAt(event.coordinate) : null;
    if (obstacle && this.#events.onObstacle) {
      this.#events.onObstacle(obstacle.id);
      return;
    }
    this.#events.onSelect(robot);
    this.#events.onFeature(robot ? null : (this.#featureAt(event.coordinate, null)?.id ?? null));
  }

  #hover(event: MapBrowserEvent): void {
    if (event.dragging) return;
    const target = this.#map.getTargetElement();
    if (!target) return;
    if (this.#placing) {
      target.style.cursor = "crosshair";
      return;
    }
    const robot = this.#pickKind ? null : this.#robotAt(event.coordinate);
    const feature = robot ? null : this.#featureAt(event.coordinate, this.#pickKind);
    const obstacle = robot || this.#pickKind ? null : this.#traffic.obstacleAt(event.coordinate);
    const cursor = robot !== null || feature || obstacle ? "pointer" : "";
    if (target.style.cursor !== cursor) target.style.cursor = cursor;
    const title = robot ?? obstacle?.obstacle?.what ?? feature?.properties.name ?? this.#incidentAt(event.coordinate);
    if (target.title !== title) target.title = title;
  }

  #incidentAt([x = 0, y = 0]: readonly number[]): string {
    const reach = INCIDENT_PX * (this.#map.getView().getResolution() ?? 1);
    return this.#overlay.incidentAt(x, y, reach)?.title ?? "";
  }
}

/** The hour of now, 0 to 23, in a timezone; this computer's where it is not known. */
function hourIn(timezone: string | undefined): number {
  try {
    const format = new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: timezone });
    return Number(format.format(new Date()));
  } catch {
    return new Date().getHours();
  }
}
