/** Puts occurrences of a day side by side where they would cover each other. */

/** So long an occurrence is drawn, minutes. */
export const SHOWN_MINUTES = 40;

export interface Placed<Item> {
  item: Item;
  minutes: number;
  /** Which of `lanes` columns it stands in, from 0. */
  lane: number;
  lanes: number;
}

/** @param minutesOf - when an item begins, minutes since midnight. */
export function sideBySide<Item>(items: readonly Item[], minutesOf: (item: Item) => number): Placed<Item>[] {
  const placed: Placed<Item>[] = [];
  let group: Placed<Item>[] = [];
  let ends: number[] = [];
  const close = () => {
    for (const each of group) each.lanes = ends.length;
    group = [];
    ends = [];
  };
  for (const item of [...items].sort((one, other) => minutesOf(one) - minutesOf(other))) {
    const minutes = minutesOf(item);
    if (ends.every((end) => end <= minutes)) close();
    const free = ends.findIndex((end) => end <= minutes);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = minutes + SHOWN_MINUTES;
    const one = { item, minutes, lane, lanes: 1 };
    group.push(one);
    placed.push(one);
  }
  close();
  return placed;
}
