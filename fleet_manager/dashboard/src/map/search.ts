/** Finding things on the map by what people type: names before ids, beginnings before middles. */
import type { CampusModel, MapFeature } from "./campusModel";

/** Kinds of things one looks for; lanes and junctions only when asked for by their exact id. */
const FOUND: ReadonlySet<MapFeature["kind"]> = new Set([
  "building", "zone", "sector", "asset", "camera", "station", "muster_point", "entrance", "lift", "door", "crossing", "part",
]);
const RANK: readonly MapFeature["kind"][] = ["part", "waypoint", "building", "zone", "muster_point", "sector"];

const isFound = ({ kind, properties }: MapFeature): boolean =>
  FOUND.has(kind) || (kind === "waypoint" && (Boolean(properties.name) || properties.role === "dock"));

interface Entry {
  feature: MapFeature;
  name: string;
  id: string;
}

export class MapSearch {
  readonly #entries: readonly Entry[];
  readonly #model: CampusModel;

  constructor(model: CampusModel) {
    this.#model = model;
    this.#entries = model.features.filter(isFound).map((feature) => ({
      feature,
      name: fold(feature.properties.name ?? ""),
      id: fold(feature.id),
    }));
  }

  /** The best matches for a text, best first. */
  find(text: string, most = 12): MapFeature[] {
    const wanted = fold(text);
    if (!wanted) return [];
    const exact = this.#model.get(text.trim());
    const scored = this.#entries
      .map(({ feature, name, id }) => ({ feature, score: score(wanted, name, id) }))
      .filter(({ score: points, feature }) => points < NO_MATCH && feature !== exact)
      .sort(
        (one, other) =>
          one.score - other.score ||
          rank(one.feature) - rank(other.feature) ||
          labelOf(one.feature).localeCompare(labelOf(other.feature), undefined, { numeric: true }),
      )
      .map(({ feature }) => feature);
    return (exact ? [exact, ...scored] : scored).slice(0, most);
  }
}

const NO_MATCH = 9;

function score(wanted: string, name: string, id: string): number {
  if (name === wanted || id === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(` ${wanted}`)) return 2;
  if (id.startsWith(wanted)) return 3;
  if (name.includes(wanted)) return 4;
  if (id.includes(wanted)) return 5;
  return wanted.split(" ").every((word) => name.includes(word) || id.includes(word)) ? 6 : NO_MATCH;
}

const rank = ({ kind }: MapFeature): number => {
  const at = RANK.indexOf(kind);
  return at < 0 ? RANK.length : at;
};

/** What a feature is called: its name, else its id. */
export const labelOf = ({ id, properties }: MapFeature): string => properties.name ?? id;

const fold = (text: string): string =>
  text.trim().toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replaceAll("_", " ");
