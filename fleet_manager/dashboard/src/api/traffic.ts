/** Who drives where and waits for whom, and what stands on the lanes; lengths and times as in `types.ts`. */

export interface Route {
  base: [number, number][];
  horizon: [number, number][];
  /** Robots that it waits behind at the end of its base; none while it drives or works. */
  waits_for?: string[];
}

/** How long robots have waited at a waypoint behind others. */
export interface WaitedAt {
  waypoint: string;
  x_m: number;
  y_m: number;
  level: string;
  waited_s: number;
  robots: number;
  /** Seconds by robot that was waited for. */
  behind: Record<string, number>;
}

/** Why a robot is where it is. */
export interface TrafficExplanation {
  robot: string;
  sentences: string[];
  chain: { robot: string; what: string; behind: string }[];
  after: { waypoint: string; robot: string }[];
}

/** Something that stands on the lanes, as a disc. */
export interface Obstacle {
  x_m: number;
  y_m: number;
  level: string;
  radius_m: number;
  what: string;
  /** When it was reported last. */
  seen_s: number | null;
}

export interface NewObstacle {
  x_m: number;
  y_m: number;
  level: string;
  radius_m: number;
  what: string;
  stays_s: number;
  by: string;
}
