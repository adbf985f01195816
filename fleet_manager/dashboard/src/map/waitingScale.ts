/** How waiting is drawn: the same size and colour for the same minutes, whatever else is on the map. */
import type { WaitedAt } from "../api/types";
import { mix } from "./palette";

/** Minutes that the legend shows. */
export const LEGEND_MINUTES = [1, 10, 100] as const;
/** Shorter waits at one place are not worth a look. */
const LEAST_S = 5;
const MOST_PLACES = 300;
const SMALLEST_PX = 7;
const PX_A_DECADE = 9;
const LARGEST_PX = 34;
const SHORT = "#f2b705";
const LONG = "#d6243a";

/** Radius of the disc of so many seconds, CSS pixels: ten times the wait is one step more. */
export function waitingRadiusPx(waitedS: number): number {
  return Math.min(LARGEST_PX, SMALLEST_PX + PX_A_DECADE * Math.log10(Math.max(1, waitedS / 60)));
}

/** Its colour: yellow for a minute, red for a hundred. */
export function waitingColour(waitedS: number): string {
  return mix(SHORT, LONG, Math.log10(Math.max(1, waitedS / 60)) / 2);
}

/** What is drawn on a level, the longest waits last, so that they lie on top. */
export function waitsDrawn(waits: readonly WaitedAt[], level: string): WaitedAt[] {
  return waits
    .filter((each) => each.level === level && each.waited_s >= LEAST_S)
    .sort((one, other) => other.waited_s - one.waited_s)
    .slice(0, MOST_PLACES)
    .reverse();
}
