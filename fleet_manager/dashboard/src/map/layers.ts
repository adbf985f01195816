/** The layers of the map: what belongs to each, which are shown at first, which a reader has chosen. */
import type { CampusProperties } from "../api/types";
import { remember, remembered } from "../ui/memory";

/** Layers a reader may hide, in the order of the panel. */
export const OPTIONAL_LAYERS = [
  "names", "lanes", "places", "zones", "sectors", "keepClear", "assets", "cameras", "stations",
  "passages", "closures", "routes", "waiting",
] as const;
export type OptionalLayer = (typeof OPTIONAL_LAYERS)[number];
export type Layers = ReadonlySet<OptionalLayer>;

/** Sectors lie over everything, and waiting is looked at when it is asked for: both seldom. */
const HIDDEN_AT_FIRST: Layers = new Set(["sectors", "waiting"]);
/** A new name for each layer that is hidden at first: a list of before does not name it. */
const KEY = "campus-fleet.layers-hidden.2";

/** The layer of a feature; null for what is always drawn. */
export function layerOf({ feature }: CampusProperties): OptionalLayer | null {
  switch (feature) {
    case "lane": return "lanes";
    case "waypoint": return "places";
    case "zone": return "zones";
    case "sector": return "sectors";
    case "keep_clear": return "keepClear";
    case "asset": return "assets";
    case "camera": return "cameras";
    case "station":
    case "muster_point": return "stations";
    case "door":
    case "lift":
    case "crossing":
    case "entrance": return "passages";
    default: return null;
  }
}

const isLayer = (name: string): name is OptionalLayer =>
  (OPTIONAL_LAYERS as readonly string[]).includes(name);

/** The layers shown at first: as this reader left them, else all but those few that cover much. */
export function firstLayers(): Layers {
  const stored = remembered(KEY);
  const hidden = stored === null ? HIDDEN_AT_FIRST : new Set(stored.split(",").filter(isLayer));
  return new Set(OPTIONAL_LAYERS.filter((layer) => !hidden.has(layer)));
}

/** The layers with one shown that was hidden, or hidden that was shown; remembered on this device. */
export function toggled(layers: Layers, layer: OptionalLayer): Layers {
  const next = new Set(layers);
  if (!next.delete(layer)) next.add(layer);
  remember(KEY, OPTIONAL_LAYERS.filter((each) => !next.has(each)).join(","));
  return next;
}
