/** What can be chosen from the campus map for a task, ready for search fields. */
import type { CampusDocument } from "../api/types";

export interface Choice {
  value: string;
  label: string;
}

export interface PlaceChoices {
  named: Choice[];
  bays: Choice[];
}

const byLabel = (one: Choice, other: Choice) =>
  one.label.localeCompare(other.label, undefined, { numeric: true });

/** Where a robot may stay for a moment: named places first, then other bays. */
export function placeChoices(campus: CampusDocument): PlaceChoices {
  const choices: PlaceChoices = { named: [], bays: [] };
  for (const { id, properties } of campus.features) {
    if (properties.feature !== "waypoint" || properties.role !== "bay") continue;
    if (properties.name) choices.named.push({ value: id, label: properties.name });
    else choices.bays.push({ value: id, label: id });
  }
  choices.named.sort(byLabel);
  choices.bays.sort(byLabel);
  return choices;
}

/** Zones that are cleaned. */
export function zoneChoices(campus: CampusDocument): Choice[] {
  return campus.features
    .filter(({ properties }) => properties.feature === "zone" && properties.purpose === "clean")
    .map(({ id, properties }) => ({ value: id, label: properties.name ?? id }))
    .sort(byLabel);
}

/** Assets by kind. */
export function assetChoices(campus: CampusDocument): ReadonlyMap<string, Choice[]> {
  const byKind = new Map<string, Choice[]>();
  for (const { id, properties } of campus.features) {
    if (properties.feature !== "asset") continue;
    const kind = properties.kind ?? "";
    const choice = { value: id, label: properties.name ?? id };
    byKind.set(kind, [...(byKind.get(kind) ?? []), choice]);
  }
  for (const choices of byKind.values()) choices.sort(byLabel);
  return byKind;
}
