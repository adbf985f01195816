/**
 * The fleet manager's API as docs/api.md describes it.
 *
 * Lengths are metres in the campus frame (x east, y north), angles radians counter-clockwise from
 * east, `*_s` Unix seconds and `unix_millis_*` Unix milliseconds of the fleet's clock, batteries and
 * fractions 0 to 1.
 */

export type RobotStatus = "uninitialized" | "offline" | "idle" | "working" | "charging" | "error";

export type TaskStatus =
  | "queued"
  | "standby"
  | "underway"
  | "delayed"
  | "blocked"
  | "completed"
  | "failed"
  | "canceled"
  | "killed"
  | "skipped";

export type TaskCategory =
  | "patrol"
  | "clean"
  | "spot_clean"
  | "inspect"
  | "go_to"
  | "respond"
  | "charge";

/** A problem as RFC 9457 has it, with this project's code and remedy. */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  remedy?: string;
}

export interface RobotError {
  type: string;
  level: string | number;
  description: string;
  remedy: string;
}

export interface Robot {
  name: string;
  kind: string;
  status: RobotStatus;
  /** Null, like the other parts of the pose and the battery, until it was heard. */
  x_m: number | null;
  y_m: number | null;
  yaw_rad: number | null;
  level: string | null;
  speed_mps: number;
  battery: number | null;
  charging: boolean;
  task_id: string | null;
  order_id: string | null;
  order_update_id: number | null;
  last_node_id: string | null;
  last_seen_s: number | null;
  age_s: number | null;
  operating_mode: string | null;
  paused: boolean;
  emergency_stop: { latched: boolean; by?: string | null; reason?: string | null } | null;
  obstacle_stop: boolean;
  localized: boolean;
  errors: RobotError[];
  footprint_radius_m: number;
  skills: string[];
  home: string;
  distance_m: number;
}

export type Priority =
  | { type: "binary"; value: 0 | 1 }
  | { type: "level"; value: number };

export interface PatrolDescription {
  places: string[];
  rounds: number;
}

export interface CleanDescription {
  zone: string;
}

export interface InspectDescription {
  assets: string[];
}

export type TaskRequest = (
  | { category: "patrol"; description: PatrolDescription }
  | { category: "clean"; description: CleanDescription }
  | { category: "inspect"; description: InspectDescription }
) & {
  priority?: Priority;
  labels?: string[];
  requester?: string;
  unix_millis_earliest_start_time?: number;
};

export interface TaskPhase {
  id: number;
  category?: string;
  detail?: unknown;
  unix_millis_start_time?: number | null;
  unix_millis_finish_time?: number | null;
}

export interface TaskAttempt {
  robot?: string;
  from_s?: number | null;
  to_s?: number | null;
  reason?: string | null;
}

export interface TaskState {
  booking: {
    id: string;
    unix_millis_earliest_start_time?: number | null;
    unix_millis_request_time?: number | null;
    priority?: Priority | null;
    labels?: string[] | null;
    requester?: string | null;
  };
  category: string;
  detail: unknown;
  unix_millis_start_time?: number | null;
  unix_millis_finish_time?: number | null;
  assigned_to?: { group: string; name: string } | null;
  status: TaskStatus;
  phases?: Record<string, TaskPhase>;
  completed?: number[];
  active?: number | null;
  pending?: number[];
  progress: number;
  reason?: string | null;
  attempts?: TaskAttempt[];
}

export interface TaskLog {
  task_id: string;
  log: { seq: number; unix_millis_time: number; tier: string; text: string }[];
}

export interface TaskExplanation {
  task_id: string;
  status: TaskStatus;
  reason: string | null;
  robots: { robot: string; eligible: boolean; reason: string | null; cost_s: number | null }[];
}

export interface Incident {
  id: string;
  kind: string;
  severity: 0 | 1 | 2 | 3;
  status: string;
  title: string;
  place: string | null;
  x_m: number | null;
  y_m: number | null;
  level: string | null;
  robot: string | null;
  task_id: string | null;
  raised_s: number;
  acknowledged_by: string | null;
  assigned_to: string | null;
  resolved_by: string | null;
  note: string | null;
}

export interface Asset {
  id: string;
  name: string;
  kind: string;
  access: string;
  last_inspected_s: number | null;
  last_result: string | null;
  due_s: number | null;
}

export interface DispatchAnswer {
  success: boolean;
  state: TaskState;
}

/** Properties of a feature of the campus map; docs/map-format.md. */
export interface CampusProperties {
  feature:
    | "boundary"
    | "building"
    | "obstacle"
    | "waypoint"
    | "lane"
    | "zone"
    | "asset"
    | "keep_clear";
  name?: string;
  level?: string;
  role?: "junction" | "bay" | "dock" | "crossing" | "bridge" | "door" | "lift" | "ramp";
  purpose?: "clean" | "watch" | "closed";
  kind?: string;
  width_m?: number;
  resource?: string | null;
  from?: string;
  to?: string;
  [other: string]: unknown;
}

export interface CampusFeature {
  type: "Feature";
  id: string;
  geometry:
    | { type: "Point"; coordinates: number[] }
    | { type: "LineString"; coordinates: number[][] }
    | { type: "Polygon"; coordinates: number[][][] };
  properties: CampusProperties;
}

export interface CampusDocument {
  type: "FeatureCollection";
  campus: { id: string; name: string; timezone: string };
  features: CampusFeature[];
  version?: string;
}

/** One robot of the live feed. */
export type LiveRow = [
  name: string,
  xM: number | null,
  yM: number | null,
  yawRad: number | null,
  level: string | null,
  status: RobotStatus,
  battery: number | null,
  speedMps: number,
  taskId: string | null,
  lastSeenS: number | null,
  flags: number,
];

export interface Route {
  base: [number, number][];
  horizon: [number, number][];
}

export interface TaskSummary {
  id: string;
  category: string;
  status: TaskStatus;
  robot: string | null;
  progress: number;
  title: string;
  reason: string | null;
  requested_s: number | null;
  started_s: number | null;
  finished_s: number | null;
}

interface LiveContent {
  seq: number;
  now_s: number;
  speed: number;
  robots: LiveRow[];
  routes: Record<string, Route | null>;
  tasks: TaskSummary[];
  incidents: Incident[];
  zones: { id: string; clean_fraction: number | null }[];
  removed_tasks: string[];
}

export type LiveFrame =
  | ({ type: "snapshot"; seq: number } & Partial<LiveContent>)
  | ({ type: "delta"; seq: number } & Partial<LiveContent>);
