/** Obstacles as the pages need them: what the form holds, and what is asked for. */
import type { NewObstacle } from "../api/types";

/** Where somebody has clicked, metres. */
export interface Spot {
  xy: readonly number[];
  level: string;
}

export interface ObstacleWish {
  what: string;
  radiusM: number;
  minutes: number;
}

export const EMPTY_OBSTACLE: ObstacleWish = { what: "", radiusM: 1, minutes: 30 };

/** How long it may be said to stay, minutes. */
export const STAYS_MINUTES = [5, 15, 30, 60, 240, 1440] as const;
export const LEAST_RADIUS_M = 0.1;
export const MOST_RADIUS_M = 25;

/** The request of a wish; places to the centimetre. */
export function obstacleOf({ xy, level }: Spot, { what, radiusM, minutes }: ObstacleWish, by: string): NewObstacle {
  const cm = (value = 0) => Math.round(value * 100) / 100;
  return {
    x_m: cm(xy[0]),
    y_m: cm(xy[1]),
    level,
    radius_m: Math.min(MOST_RADIUS_M, Math.max(LEAST_RADIUS_M, radiusM)),
    what: what.trim(),
    stays_s: minutes * 60,
    by,
  };
}
