/** How a robot is drawn: what its kind, status and flags mean for colour, mark and strength. */
import { FLAG, has, type LiveRobot } from "../live/fleetView";
import { kindColour } from "./palette";

/** What matters most about a robot, worst first; names are those of the catalogue. */
export type Condition =
  | "stopped"
  | "error"
  | "offline"
  | "uninitialized"
  | "lost"
  | "paused"
  | "obstacle"
  | "charging"
  | "working"
  | "idle";

export interface RobotLook {
  fill: string;
  /** Ring around the disc; null for none. */
  ring: string | null;
  /** A sign that says the same without colour; empty for none. */
  mark: string;
  opacity: number;
}

/** The one condition to show where there is room for one. */
export function conditionOf(robot: LiveRobot): Condition {
  if (has(robot, FLAG.emergencyStop)) return "stopped";
  if (robot.status === "offline" || robot.status === "uninitialized") return robot.status;
  if (robot.status === "error") return "error";
  if (has(robot, FLAG.notLocalized)) return "lost";
  if (has(robot, FLAG.paused)) return "paused";
  if (has(robot, FLAG.obstacleStop)) return "obstacle";
  if (has(robot, FLAG.charging) || robot.status === "charging") return "charging";
  return robot.status;
}

const RINGS: Record<Condition, { ring: string | null; mark: string }> = {
  stopped: { ring: "#e03131", mark: "■" },
  error: { ring: "#e03131", mark: "!" },
  offline: { ring: "#868e96", mark: "?" },
  uninitialized: { ring: "#868e96", mark: "…" },
  lost: { ring: "#f08c00", mark: "?" },
  paused: { ring: "#f08c00", mark: "‖" },
  obstacle: { ring: "#f08c00", mark: "!" },
  charging: { ring: "#2f9e44", mark: "+" },
  working: { ring: null, mark: "" },
  idle: { ring: null, mark: "" },
};

/** The look of a robot; a silent one is greyed but stays. */
export function robotLook(robot: LiveRobot, kind: string | undefined): RobotLook {
  const condition = conditionOf(robot);
  const away = condition === "offline" || condition === "uninitialized";
  const { ring, mark } = RINGS[condition];
  const troubled = !mark && has(robot, FLAG.errors);
  return {
    ring: troubled ? "#f08c00" : ring,
    mark: troubled ? "!" : mark,
    fill: away ? "#868e96" : kindColour(kind),
    opacity: away ? 0.65 : 1,
  };
}
