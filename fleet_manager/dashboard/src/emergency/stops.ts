/** Emergency stops as the live feed tells them, and what they come to. */

export interface RobotStop {
  robot: string;
  /** `told` until the robot reports that it stands, `releasing` until it reports that it is free. */
  status: "told" | "confirmed" | "releasing";
  since_s: number;
  by: string;
  reason: string;
  zones: string[];
  confirmed_s: number | null;
  released_by: string;
}

export interface Standing {
  /** Who has stopped, each once. */
  by: string[];
  /** Of the last stop. */
  reason: string;
  /** Robots that were told and have not said that they stand. */
  silent: string[];
  /** Robots that are released and have not said so. */
  released: string[];
  stopped: number;
  standing: number;
}

export function standingOf(stops: readonly RobotStop[]): Standing {
  const held = stops.filter(({ status }) => status !== "releasing");
  const last = [...stops].sort((one, other) => other.since_s - one.since_s)[0];
  return {
    by: [...new Set(stops.map(({ by }) => by).filter(Boolean))],
    reason: last?.reason ?? "",
    silent: held.filter(({ status }) => status === "told").map(({ robot }) => robot),
    released: stops.filter(({ status }) => status === "releasing").map(({ robot }) => robot),
    stopped: held.length,
    standing: held.filter(({ status }) => status === "confirmed").length,
  };
}
