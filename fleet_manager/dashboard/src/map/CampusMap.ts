/** The map without React: layers in their order, clicks, movement of the view. */
import OlMap from "ol/Map";
import View from "ol/View";
import type { FeatureLike } from "ol/Feature";
import type Feature from "ol/Feature";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import ScaleLine from "ol/control/ScaleLine";
import { buffer, getCenter, getHeight, getWidth, isEmpty } from "ol/extent";
import type { Layer } from "ol/layer";
import Projection from "ol/proj/Projection";
import type { CampusDocument } from "../api/types";
import type { LiveStore } from "../live/store";
import { CampusLayers, type OptionalLayer } from "./campusLayers";
import { HighlightLayer, IncidentLayer, RouteLayer } from "./overlays";
import { PALETTES, type Scheme } from "./palette";
import { RobotLayer } from "./robotLayer";

/** What a click on the map chooses. */
export type PickKind = "places" | "zone" | "assets";

export interface MapEvents {
  /** A robot was clicked, or (null) nothing that can be. */
  onSelect: (robot: string | null) => void;
  onPick: (kind: PickKind, id: string) => void;
}

const HIT_TOLERANCE_PX = 8;
const CLOSE_UP_RESOLUTION = 0.15;

/** Whether staff may choose a feature when they choose that kind of thing. */
export function isPickable(feature: FeatureLike, kind: PickKind): boolean {
  if (kind === "places") return feature.get("role") === "bay";
  if (kind === "zone") return feature.get("purpose") === "clean";
  return feature.get("feature") === "asset";
}

export class CampusMap {
  readonly #map: OlMap;
  readonly #campus: CampusLayers;
  readonly #robots: RobotLayer;
  readonly #routes = new RouteLayer();
  readonly #highlights = new HighlightLayer();
  readonly #incidents = new IncidentLayer();
  readonly #store: LiveStore;
  readonly #unsubscribe: () => void;
  readonly #events: MapEvents;
  readonly #still: boolean;
  #kinds: ReadonlyMap<string, string> = new Map();
  #selected: string | null = null;
  #pickKind: PickKind | null = null;
  #highlighted: readonly string[] = [];
  #scheme: Scheme;
  #fitted = false;

  constructor(target: HTMLElement, store: LiveStore, events: MapEvents, scheme: Scheme) {
    this.#store = store;
    this.#events = events;
    this.#scheme = scheme;
    this.#still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#campus = new CampusLayers(PALETTES[scheme]);
    this.#robots = new RobotLayer(PALETTES[scheme], this.#still);
    this.#map = new OlMap({
      target,
      controls: [new ScaleLine({ className: "map-scale", minWidth: 60 })],
      layers: [
        ...this.#campus.all,
        this.#routes.layer,
        this.#highlights.layer,
        this.#incidents.layer,
        this.#robots.layer,
      ],
    });
    this.#map.on("singleclick", (event) => this.#click(event));
    this.#map.on("pointermove", (event) => this.#hover(event));
    this.#map.on("change:size", () => this.#fitOnce());
    this.#unsubscribe = store.subscribe(() => this.#update());
    this.#update();
  }

  dispose(): void {
    this.#unsubscribe();
    this.#robots.dispose();
    this.#map.setTarget(undefined);
    this.#map.dispose();
  }

  setCampus(campus: CampusDocument): void {
    this.#campus.setCampus(campus);
    const extent = this.#campus.extent();
    if (isEmpty(extent)) return;
    const around = buffer(extent, Math.max(getWidth(extent), getHeight(extent)) * 0.6);
    const projection = new Projection({
      code: `campus:${campus.campus.id}`,
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
    this.#fitted = false;
    this.#fitOnce();
    this.#highlight();
  }

  setScheme(scheme: Scheme): void {
    this.#scheme = scheme;
    this.#campus.setPalette(PALETTES[scheme]);
    this.#robots.setPalette(PALETTES[scheme]);
    this.#highlight();
    this.#update();
  }

  /** Kinds by robot name. */
  setKinds(kinds: ReadonlyMap<string, string>): void {
    this.#kinds = kinds;
    this.#robots.setKinds(kinds);
    this.#update();
  }

  setSelected(robot: string | null): void {
    this.#selected = robot;
    this.#robots.setSelected(robot);
    this.#update();
  }

  /** Let clicks choose things of a kind; null: clicks select robots. */
  setPickKind(kind: PickKind | null): void {
    this.#pickKind = kind;
  }

  /** Ring places, zones and assets, given by id or name. */
  setHighlighted(references: readonly string[]): void {
    this.#highlighted = references;
    this.#highlight();
  }

  setVisible(visible: ReadonlySet<OptionalLayer>): void {
    const layers: Record<OptionalLayer, Layer> = {
      zones: this.#campus.zones,
      lanes: this.#campus.lanes,
      places: this.#campus.places,
      assets: this.#campus.assets,
      routes: this.#routes.layer,
    };
    for (const [name, layer] of Object.entries(layers)) {
      layer.setVisible(visible.has(name as OptionalLayer));
    }
  }

  fit(durationMs = 300): void {
    this.#map.getView().fit(this.#campus.extent(), {
      padding: [28, 28, 28, 28],
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
  centreOn(centre: number[]): void {
    const view = this.#map.getView();
    const resolution = Math.min(view.getResolution() ?? 1, CLOSE_UP_RESOLUTION);
    view.animate({ center: centre, resolution, duration: this.#still ? 0 : 400 });
  }

  #fitOnce(): void {
    const size = this.#map.getSize();
    if (this.#fitted || !size?.[0] || !size[1] || isEmpty(this.#campus.extent())) return;
    this.#fitted = true;
    this.fit(0);
  }

  #update(): void {
    const { view } = this.#store.get();
    this.#robots.update(view);
    this.#routes.update(view.routes, this.#kinds, this.#selected, this.#scheme);
    this.#incidents.update(view.incidents);
    this.#campus.setCleanFractions(view.zones);
  }

  #highlight(): void {
    const found = this.#highlighted
      .map((reference) => this.#campus.find(reference))
      .filter((feature): feature is Feature => feature !== null);
    this.#highlights.update(found, PALETTES[this.#scheme]);
  }

  #pickAt(pixel: number[], kind: PickKind): string | undefined {
    const layer = { places: this.#campus.places, zone: this.#campus.zones, assets: this.#campus.assets }[kind];
    return this.#map.forEachFeatureAtPixel(
      pixel,
      (feature) => (isPickable(feature, kind) ? String(feature.getId()) : undefined),
      { layerFilter: (candidate) => candidate === layer, hitTolerance: HIT_TOLERANCE_PX },
    );
  }

  #robotAt(pixel: number[]): string | undefined {
    return this.#map.forEachFeatureAtPixel(pixel, (feature) => String(feature.getId()), {
      layerFilter: (candidate) => candidate === this.#robots.layer,
      hitTolerance: HIT_TOLERANCE_PX,
    });
  }

  #click(event: MapBrowserEvent): void {
    if (this.#pickKind) {
      const id = this.#pickAt(event.pixel, this.#pickKind);
      if (id !== undefined) this.#events.onPick(this.#pickKind, id);
      return;
    }
    this.#events.onSelect(this.#robotAt(event.pixel) ?? null);
  }

  #hover(event: MapBrowserEvent): void {
    if (event.dragging) return;
    const target = this.#map.getTargetElement();
    if (!target) return;
    const hit = this.#pickKind
      ? this.#pickAt(event.pixel, this.#pickKind)
      : this.#robotAt(event.pixel);
    target.style.cursor = hit === undefined ? "" : "pointer";
    target.title = this.#nameAt(event.pixel);
  }

  #nameAt(pixel: number[]): string {
    const named = [this.#incidents.layer, this.#campus.assets, this.#campus.places] as Layer[];
    const name: unknown = this.#map.forEachFeatureAtPixel(
      pixel,
      (feature) => feature.get("name") as unknown,
      { layerFilter: (candidate) => named.includes(candidate), hitTolerance: 4 },
    );
    return typeof name === "string" ? name : "";
  }
}
