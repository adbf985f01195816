/** The campus itself as layers, from the features of `GET /map`. */
import type Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type { Layer } from "ol/layer";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import type { CampusDocument, CampusProperties } from "../api/types";
import {
  assetStyle,
  buildingStyle,
  groundStyle,
  keepClearStyle,
  laneStyle,
  placeStyle,
  roadStyles,
  zoneStyle,
} from "./campusStyle";
import type { Palette } from "./palette";

/** Layers a reader may hide. */
export const OPTIONAL_LAYERS = ["zones", "lanes", "places", "assets", "routes"] as const;
export type OptionalLayer = (typeof OPTIONAL_LAYERS)[number];

type Group = "ground" | "lanes" | "zones" | "keepClear" | "buildings" | "places" | "assets";

const GROUP_OF: Record<CampusProperties["feature"], Group> = {
  boundary: "ground",
  obstacle: "ground",
  building: "buildings",
  waypoint: "places",
  lane: "lanes",
  zone: "zones",
  asset: "assets",
  keep_clear: "keepClear",
};

export class CampusLayers {
  readonly #sources: Record<Group, VectorSource> = {
    ground: new VectorSource(),
    lanes: new VectorSource(),
    zones: new VectorSource(),
    keepClear: new VectorSource(),
    buildings: new VectorSource(),
    places: new VectorSource(),
    assets: new VectorSource(),
  };
  readonly zones: VectorLayer;
  readonly lanes: VectorLayer;
  readonly places: VectorLayer;
  readonly assets: VectorLayer;
  readonly all: readonly Layer[];
  #palette: Palette;
  #cleanFractions: ReadonlyMap<string, number | null> = new Map();
  #byName = new Map<string, Feature>();

  constructor(palette: Palette) {
    this.#palette = palette;
    const sources = this.#sources;
    const ground = new VectorLayer({
      source: sources.ground,
      style: (feature) => groundStyle(feature, this.#palette),
    });
    const roads = new VectorLayer({
      source: sources.lanes,
      style: (feature, resolution) => roadStyles(feature, resolution, this.#palette),
    });
    this.zones = new VectorLayer({
      source: sources.zones,
      declutter: "names",
      style: (feature, resolution) =>
        zoneStyle(
          feature,
          resolution,
          this.#palette,
          this.#cleanFractions.get(String(feature.getId())),
        ),
    });
    const keepClear = new VectorLayer({
      source: sources.keepClear,
      style: () => keepClearStyle(this.#palette),
    });
    this.lanes = new VectorLayer({
      source: sources.lanes,
      style: (_feature, resolution) => laneStyle(resolution, this.#palette),
    });
    const buildings = new VectorLayer({
      source: sources.buildings,
      declutter: "names",
      style: (feature, resolution) => buildingStyle(feature, resolution, this.#palette),
    });
    this.places = new VectorLayer({
      source: sources.places,
      declutter: "names",
      style: (feature, resolution) => placeStyle(feature, resolution, this.#palette),
    });
    this.assets = new VectorLayer({
      source: sources.assets,
      style: (feature, resolution) => assetStyle(feature, resolution, this.#palette),
    });
    this.all = [
      ground,
      roads,
      this.zones,
      keepClear,
      this.lanes,
      buildings,
      this.places,
      this.assets,
    ];
  }

  /** Take over a map; features keep their ids. */
  setCampus(campus: CampusDocument): void {
    for (const source of Object.values(this.#sources)) source.clear(true);
    this.#byName = new Map();
    const features = new GeoJSON().readFeatures(campus);
    for (const feature of features) {
      const group = GROUP_OF[feature.get("feature") as CampusProperties["feature"]];
      if (!group) continue;
      this.#sources[group].addFeature(feature);
      const name: unknown = feature.get("name");
      if (typeof name === "string" && group !== "buildings") this.#byName.set(name, feature);
    }
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    for (const layer of this.all) layer.changed();
  }

  setCleanFractions(fractions: ReadonlyMap<string, number | null>): void {
    if (fractions === this.#cleanFractions) return;
    this.#cleanFractions = fractions;
    this.zones.changed();
  }

  /** Extent of the boundary, metres: west, south, east, north. */
  extent(): number[] {
    return this.#sources.ground.getExtent() ?? [0, 0, 1, 1];
  }

  /** A place, zone or asset by its id, else by its name. */
  find(reference: string): Feature | null {
    for (const group of ["places", "zones", "assets"] as const) {
      const feature = this.#sources[group].getFeatureById(reference);
      if (feature && !Array.isArray(feature)) return feature;
    }
    return this.#byName.get(reference) ?? null;
  }
}
