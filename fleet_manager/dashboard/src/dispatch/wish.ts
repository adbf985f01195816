/** What a person fills in to ask for a task, and the request it becomes. */
import type { TaskRequest } from "../api/types";
import type { PickKind } from "../map/CampusMap";

export const WISH_CATEGORIES = ["patrol", "clean", "inspect"] as const;
export type WishCategory = (typeof WISH_CATEGORIES)[number];

/** Choices of all categories live side by side, so that changing one's mind loses nothing. */
export interface Wish {
  category: WishCategory;
  /** Waypoint ids in the order of the patrol. */
  places: string[];
  rounds: number;
  zone: string | null;
  assets: string[];
  urgent: boolean;
}

export const EMPTY_WISH: Wish = {
  category: "patrol",
  places: [],
  rounds: 1,
  zone: null,
  assets: [],
  urgent: false,
};

export const PICK_KIND: Record<WishCategory, PickKind> = {
  patrol: "places",
  clean: "zone",
  inspect: "assets",
};

export type Missing = "dispatch.needPlaces" | "dispatch.needZone" | "dispatch.needAssets";

/** What is still to be chosen; null when the wish is complete. */
export function missingOf(wish: Wish): Missing | null {
  if (wish.category === "patrol") return wish.places.length > 0 ? null : "dispatch.needPlaces";
  if (wish.category === "clean") return wish.zone ? null : "dispatch.needZone";
  return wish.assets.length > 0 ? null : "dispatch.needAssets";
}

/** The request of a complete wish. @throws Error for one that is not. */
export function requestOf(wish: Wish, requester: string): TaskRequest {
  const extra = {
    ...(wish.urgent ? { priority: { type: "binary", value: 1 } as const } : {}),
    ...(requester ? { requester } : {}),
  };
  if (missingOf(wish)) throw new Error(`the wish is not complete: ${missingOf(wish)}`);
  if (wish.category === "patrol") {
    const description = { places: wish.places, rounds: wish.rounds };
    return { category: "patrol", description, ...extra };
  }
  if (wish.category === "clean") {
    return { category: "clean", description: { zone: wish.zone ?? "" }, ...extra };
  }
  return { category: "inspect", description: { assets: wish.assets }, ...extra };
}

/** What is chosen for the current category: ids of places, the zone or assets. */
export function chosenOf(wish: Wish): string[] {
  if (wish.category === "patrol") return wish.places;
  if (wish.category === "clean") return wish.zone ? [wish.zone] : [];
  return wish.assets;
}

const toggled = (ids: string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((known) => known !== id) : [...ids, id];

/** The wish after a click on something on the map: chosen, or no longer. */
export function picked(wish: Wish, kind: PickKind, id: string): Wish {
  if (kind === "places") return { ...wish, places: toggled(wish.places, id) };
  if (kind === "assets") return { ...wish, assets: toggled(wish.assets, id) };
  return { ...wish, zone: wish.zone === id ? null : id };
}
