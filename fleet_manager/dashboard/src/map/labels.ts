/** Names on the map: which are worth showing, and where each has room. Free of any canvas. */
import type { CampusModel, MapFeature, Xy } from "./campusModel";
import { middleOf } from "./campusModel";
import { layerOf, type Layers } from "./layers";
import { signSize } from "./paint/points";

export type LabelStyle = "part" | "building" | "place" | "zone" | "sign";

export interface Label {
  readonly id: string;
  readonly text: string;
  readonly style: LabelStyle;
  /** Where it belongs, metres. */
  readonly at: Xy;
  /** Its middle, CSS pixels below that point. */
  readonly downPx: number;
}

/** How wide a text is in a style, CSS pixels. */
export type Measure = (text: string, style: LabelStyle) => number;

export const LABEL_HEIGHT_PX: Record<LabelStyle, number> = { part: 26, building: 15, place: 14, zone: 13, sign: 13 };

/** Metres a pixel below which names of a kind are shown; what comes first has the first choice of room. */
const RULES: readonly { style: LabelStyle; below: number; above?: number; downPx: number; kinds: readonly MapFeature["kind"][] }[] = [
  { style: "part", below: 9, above: 0.7, downPx: 0, kinds: ["part"] },
  { style: "building", below: 2.6, downPx: 0, kinds: ["building"] },
  { style: "place", below: 0.9, downPx: 12, kinds: ["waypoint", "muster_point"] },
  { style: "zone", below: 0.33, downPx: 0, kinds: ["zone"] },
  { style: "sign", below: 0.16, downPx: 14, kinds: ["lift", "entrance", "door", "crossing", "camera", "station"] },
  { style: "sign", below: 0.09, downPx: 14, kinds: ["asset"] },
];

/** The names that may be shown on a level at a resolution, most important first. */
export function candidates(model: CampusModel, level: string, layers: Layers, resolution: number): Label[] {
  if (!layers.has("names")) return [];
  const found: Label[] = [];
  for (const { style, below, above = 0, downPx, kinds } of RULES) {
    if (resolution >= below || resolution < above) continue;
    const features = kinds.flatMap((kind) => model.within(level, kind, model.extent));
    if (style === "building") features.sort((one, other) => sizeOf(other) - sizeOf(one));
    for (const feature of features) {
      const { name } = feature.properties;
      const layer = layerOf(feature.properties);
      if (!name || (layer && !layers.has(layer))) continue;
      if ((style === "place" || style === "sign") && !isSeen(feature, resolution)) continue;
      found.push({ id: feature.id, text: name, style, at: middleOfSign(feature), downPx });
    }
  }
  return found;
}

const sizeOf = ({ extent }: MapFeature): number => (extent[2] - extent[0]) * (extent[3] - extent[1]);

/** A name without its sign would be a riddle; doors and crossings are drawn as what they are. */
const isSeen = (feature: MapFeature, resolution: number): boolean =>
  feature.kind === "door" || feature.kind === "crossing" || signSize(feature, resolution) !== null;

function middleOfSign(feature: MapFeature): Xy {
  if (feature.geometry.type !== "Point") return middleOf(feature);
  const [x = 0, y = 0] = feature.geometry.coordinates;
  return [x, y];
}

/**
 * The labels that find room beside each other.
 *
 * The choice depends on the resolution alone, not on what is in view, so that names stay while the
 * map is moved.
 */
export function placed(labels: readonly Label[], resolution: number, measure: Measure, gapPx = 3): Label[] {
  const taken = new Map<string, [number, number, number, number][]>();
  const cell = 128;
  const kept: Label[] = [];
  for (const label of labels) {
    const half = measure(label.text, label.style) / 2 + gapPx;
    const halfHeight = LABEL_HEIGHT_PX[label.style] / 2;
    const x = label.at[0] / resolution;
    const y = -label.at[1] / resolution + label.downPx;
    const box: [number, number, number, number] = [x - half, y - halfHeight, x + half, y + halfHeight];
    const cells: string[] = [];
    for (let column = Math.floor(box[0] / cell); column <= Math.floor(box[2] / cell); column += 1) {
      for (let row = Math.floor(box[1] / cell); row <= Math.floor(box[3] / cell); row += 1) {
        cells.push(`${column}/${row}`);
      }
    }
    const hit = cells.some((key) =>
      taken.get(key)?.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]),
    );
    if (hit) continue;
    for (const key of cells) taken.set(key, [...(taken.get(key) ?? []), box]);
    kept.push(label);
  }
  return kept;
}
