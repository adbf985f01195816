/** Which robots' names have room beside each other on the map. */

/** A robot on the screen, CSS pixels. */
export interface Named {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Of its name. */
  readonly widthPx: number;
  readonly selected: boolean;
}

export const RADIUS_PX = 10;
const NAME_HEIGHT_PX = 14;

/** Discs shrink when the campus is seen from far; metres a pixel. */
export function scaleAt(resolution: number): number {
  return Math.min(1.25, Math.max(0.7, 0.62 / Math.sqrt(resolution + 0.05)));
}

/** How far below a robot the middle of its name lies, CSS pixels. */
export const nameDownPx = (scale: number): number => (RADIUS_PX + 9) * scale;

type Box = readonly [number, number, number, number];
const touch = (one: Box, other: Box): boolean =>
  one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

/** The robots whose names hide neither a robot nor another name; that of the selected one is always shown. */
export function namesWithRoom(robots: readonly Named[], scale: number): ReadonlySet<string> {
  const radius = (RADIUS_PX + 1) * scale;
  const discs = robots.map(({ name, x, y }) => ({ name, box: [x - radius, y - radius, x + radius, y + radius] as Box }));
  const kept: Box[] = [];
  const names = new Set<string>();
  for (const { name, x, y, widthPx, selected } of [...robots].sort((one, other) => Number(other.selected) - Number(one.selected))) {
    const middle = y + nameDownPx(scale);
    const box: Box = [x - widthPx / 2, middle - NAME_HEIGHT_PX / 2, x + widthPx / 2, middle + NAME_HEIGHT_PX / 2];
    const hides = discs.some((disc) => disc.name !== name && touch(disc.box, box)) || kept.some((other) => touch(other, box));
    if (hides && !selected) continue;
    kept.push(box);
    names.add(name);
  }
  return names;
}
