/** What people want to know of a feature of the map, by its kind, ready for a list. */
import type { I18n } from "../i18n/I18nProvider";
import type { MessageKey } from "../i18n/catalogue";
import { areaOf, lengthOf, type CampusModel, type MapFeature } from "../map/campusModel";
import { labelOf } from "../map/search";

/** Labels of facts: messages that need no values. */
export type FactLabel = Exclude<Extract<MessageKey, `fact.${string}`>, "fact.every">;

export interface Fact {
  label: FactLabel;
  value: string;
  /** Another feature of the map that the value names. */
  feature?: string;
}

type Words = Pick<I18n, "t" | "word" | "number" | "duration" | "percent">;

const DEGREES = 180 / Math.PI;

/** The facts of a feature that the map itself tells. */
export function factsOf(feature: MapFeature, model: CampusModel, words: Words): Fact[] {
  const facts: Fact[] = [];
  const { properties } = feature;
  const add = (label: FactLabel, value: string | null | undefined) => {
    if (value !== null && value !== undefined && value !== "") facts.push({ label, value });
  };
  const link = (label: FactLabel, id: unknown) => {
    if (typeof id !== "string" || !id) return;
    const other = model.get(id);
    facts.push({ label, value: other ? labelOf(other) : id, ...(other ? { feature: id } : {}) });
  };
  if (model.levels.length > 1) add("fact.level", levelNames(feature, model));
  if (feature.kind !== "building") link("fact.building", properties.building);
  lanes(feature, words, add, link);
  areas(feature, words, add);
  things(feature, words, add);
  if (feature.kind === "asset" || feature.kind === "zone" || feature.kind === "entrance") {
    link("fact.access", properties.access);
  }
  link("fact.door", properties["door"]);
  if (feature.kind === "waypoint") link("fact.passage", properties["passage"]);
  return facts;
}

function levelNames({ levels }: MapFeature, model: CampusModel): string {
  const names = new Map(model.levels.map(({ id, name }) => [id, name]));
  return levels.length > model.levels.length - 1 && levels.length > 4
    ? ""
    : levels.map((level) => names.get(level) ?? level).join(", ");
}

type Add = (label: FactLabel, value: string | null | undefined) => void;
type Link = (label: FactLabel, id: unknown) => void;

function lanes({ kind, properties, geometry }: MapFeature, { t, word, number }: Words, add: Add, link: Link): void {
  if (kind !== "lane" || geometry.type !== "LineString") return;
  add("fact.direction", t(properties.direction === "forward" ? "fact.oneWay" : "fact.bothWays"));
  add("fact.length", `${number(lengthOf(geometry.coordinates), 1)} m`);
  add("fact.width", metres(properties.width_m, number));
  add("fact.speedLimit", properties.speed_limit_mps === undefined ? null : `${number(properties.speed_limit_mps, 1)} m/s`);
  add("fact.surface", typeof properties["surface"] === "string" ? word("surface", properties["surface"]) : null);
  const slope = properties["slope"];
  if (typeof slope === "number" && slope !== 0) add("fact.slope", `${number(slope * 100, 1)} %`);
  if (properties.structure) add("fact.structure", word("structure", properties.structure));
  const kinds = properties["kinds"];
  if (Array.isArray(kinds)) add("fact.kinds", kinds.map((each) => word("kind", String(each))).join(", "));
  link("fact.from", properties.from);
  link("fact.to", properties.to);
}

function areas({ kind, properties, geometry }: MapFeature, { word, number, t, duration }: Words, add: Add): void {
  if (kind === "zone") add("fact.purpose", word("purpose", properties.purpose ?? ""));
  if (geometry.type === "Polygon" && kind !== "lift") {
    add("fact.area", `${number(areaOf(geometry.coordinates))} m²`);
  }
  if (kind === "building") add("fact.height", metres(properties.height_m, number));
  if (kind === "obstacle") add("fact.kind", word("obstacle", properties.kind ?? "other"));
  const idleness = properties["max_idleness_s"];
  if (kind === "sector" && typeof idleness === "number") add("fact.idleness", t("fact.every", { duration: duration(idleness) }));
  const opening = properties["opening_s"];
  if (kind === "door" || kind === "crossing") {
    add("fact.opening", typeof opening === "number" ? duration(opening) : null);
  }
}

function things({ kind, properties }: MapFeature, { word, number, duration }: Words, add: Add): void {
  if (kind === "waypoint") add("fact.kind", word("role", properties.role ?? "junction"));
  if (kind === "asset") {
    add("fact.kind", word("asset", properties.kind ?? ""));
    const days = properties["due_interval_days"];
    if (typeof days === "number") add("fact.interval", duration(days * 86_400));
  }
  if (kind === "camera") {
    add("fact.range", metres(properties.range_m, number));
    add("fact.view", properties.field_of_view_deg === undefined ? null : `${number(properties.field_of_view_deg)}°`);
    add("fact.facing", compass(properties.heading_deg));
  }
  const measures = properties["measures"];
  if (Array.isArray(measures)) add("fact.measures", measures.map((each) => word("measure", String(each))).join(", "));
  const capacity = properties["capacity"];
  if (kind === "muster_point" && typeof capacity === "number") add("fact.capacity", number(capacity));
  const speed = properties["speed_mps"];
  if (kind === "lift" && typeof speed === "number") add("fact.liftSpeed", `${number(speed, 1)} m/s`);
}

function metres(value: number | undefined, number: Words["number"]): string | null {
  return value === undefined ? null : `${number(value, 1)} m`;
}

const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;

/** A heading counter-clockwise from east as a point of the compass (of the map, whose y is north). */
export function compass(headingDeg: number | undefined): string | null {
  if (headingDeg === undefined) return null;
  const clockwise = Math.atan2(Math.cos(headingDeg / DEGREES), Math.sin(headingDeg / DEGREES)) * DEGREES;
  return POINTS[Math.round(((clockwise + 360) % 360) / 45) % 8] ?? null;
}
