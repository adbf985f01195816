/**
 * The fleet manager's API as docs/api.md describes it.
 *
 * Lengths are metres in the campus frame (x east, y north), angles radians counter-clockwise from
 * east, `*_s` Unix seconds and `unix_millis_*` Unix milliseconds of the fleet's clock, batteries and
 * fractions 0 to 1.
 */
import type { RobotStop } from "../emergency/stops";
import type { Obstacle, Route } from "./traffic";

export type { NewObstacle, Obstacle, Route, TrafficExplanation, WaitedAt } from "./traffic";

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
  timeline: IncidentEntry[];
  /** How many pictures there are; the last ones, oldest first. */
  pictures: number;
  closure_id: string | null;
  /** Of what cameras saw; null or 0 where it is none of theirs. */
  score: number | null;
  stddev_m: number | null;
  seen_s: number | null;
  sightings: number;
  sources: string[];
}

/** One step in the life of an incident. */
export interface IncidentEntry {
  time_s: number;
  status: string;
  by: string;
  note: string;
}

export interface NewIncident {
  kind: string;
  title: string;
  severity: number;
  place?: string;
  note?: string;
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

/** Features of the campus map; docs/map-format.md. */
export type FeatureKind =
  | "boundary"
  | "part"
  | "ground"
  | "building"
  | "wall"
  | "obstacle"
  | "keep_clear"
  | "waypoint"
  | "lane"
  | "door"
  | "lift"
  | "crossing"
  | "entrance"
  | "zone"
  | "sector"
  | "asset"
  | "camera"
  | "station"
  | "muster_point";

/** Properties of a feature of the campus map; docs/map-format.md. */
export interface CampusProperties {
  feature: FeatureKind;
  name?: string;
  level?: string;
  levels?: string[];
  role?: "junction" | "bay" | "dock" | "crossing" | "bridge" | "door" | "lift" | "ramp";
  purpose?: "clean" | "watch" | "closed";
  kind?: string;
  cover?: string;
  structure?: string | null;
  direction?: "both" | "forward";
  indoor?: boolean;
  height_m?: number;
  width_m?: number;
  speed_limit_mps?: number;
  resource?: string | null;
  from?: string;
  to?: string;
  building?: string | null;
  access?: string;
  heading_deg?: number;
  field_of_view_deg?: number;
  range_m?: number;
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

export interface CampusLevel {
  id: string;
  name: string;
  elevation_m?: number;
}

export interface CampusDocument {
  type: "FeatureCollection";
  campus: { id: string; name: string; timezone: string; levels?: CampusLevel[]; note?: string };
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

export type ClosureStatus = "scheduled" | "active" | "ended" | "removed";

/** Lanes, zones and passages that are closed, or slowed where a speed is given. */
export interface Closure {
  id: string;
  status: ClosureStatus;
  lanes: string[];
  zones: string[];
  passages: string[];
  kinds: string[] | null;
  speed_limit_mps: number | null;
  reason: string;
  by: string;
  created_s: number;
  since_s: number;
  changes_s: number | null;
  from_s: number | null;
  until_s: number | null;
  rrule: string | null;
  timezone: string | null;
  start: string | null;
  until: string | null;
  duration_s: number | null;
  ended_by: string;
  affected_lanes: string[];
  /** Because of which it is; none where it was decided. */
  obstacle?: Obstacle | null;
}

/** What is asked of `POST /closures`; without times from now on, until it is removed. */
export interface NewClosure {
  lanes?: string[];
  zones?: string[];
  passages?: string[];
  kinds?: string[];
  speed_limit_mps?: number;
  reason?: string;
  by?: string;
  from_s?: number;
  until_s?: number;
}

/** What is asked of `PATCH /closures/{id}`; what is left out stays, `until_s` null: until it is opened. */
export interface ClosureChange {
  until_s?: number | null;
  reason?: string;
  by?: string;
}

export type PassageStatus = "unknown" | "closed" | "opening" | "open" | "closing" | "moving" | "out_of_order";

/** How far a robot has come with a passage that it asked for. */
export type SessionStatus = "waiting" | "requested" | "open" | "riding" | "failed";

/** A door, lift or signalled crossing: how it is, whom it serves, who waits for it. */
export interface Passage {
  id: string;
  name: string;
  kind: "door" | "lift" | "crossing";
  building: string | null;
  levels: string[];
  state: PassageStatus;
  /** Where it is by its last word; null until it was heard. */
  level: string | null;
  /** Whom it serves; null, like the session and its level, while nobody uses it. */
  robot: string | null;
  session: SessionStatus | null;
  asked_level: string | null;
  /** Robots, the next first. */
  waiting: string[];
  /** Of the session's status, or since when it is out of order. */
  since_s: number | null;
  /** Why it is out of order; else empty. */
  reason: string;
}

export type Weather = "rain" | "ice" | "wind" | "heat";

export interface WeatherState {
  conditions: Weather[];
  since_s: number;
  by: string;
  station: string;
  rules: {
    id: string;
    weather: Weather;
    active: boolean;
    kinds: string[] | null;
    speed_limit_mps: number | null;
    lanes: number;
  }[];
}

/** What closures and weather mean for a kind of robot now. */
export interface Restrictions {
  closed: string[];
  limits: Record<string, number>;
  zones: string[];
  why: Record<string, string>;
}

/** One thing that is wrong with a map. */
export interface Finding {
  check: string;
  severity: "error" | "warning";
  subject: string;
  problem: string;
  remedy: string;
  level?: string | null;
  x_m?: number | null;
  y_m?: number | null;
}

export interface Validation {
  version: string;
  findings: Finding[];
  /** How many were found; more than there are in `findings` when they are very many. */
  count: number;
  took_s: number;
}

export interface MapVersion {
  number: number;
  version: string;
  by: string;
  time_s: number;
  note: string;
  parent: string;
  source: string;
  in_use: boolean;
}

export interface PublishedMap {
  version: string;
  published: boolean;
  number: number | null;
  findings: Finding[];
}

/** How a patrol programme stands to its promise; times in seconds, null before anything is known. */
export interface ProgrammeStanding {
  id: string;
  name: string;
  status: "waiting" | "running" | "paused" | "over";
  promised_s: number | null;
  planned_s: number | null;
  measured_s: number | null;
  idle_s: number | null;
  broken: number;
  robots: number;
  robots_planned: number;
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
  closures: Closure[];
  passages: Passage[];
  programmes: ProgrammeStanding[];
  weather: WeatherState;
  map_version: string;
  stops: RobotStop[];
  zone_stops: string[];
  removed_tasks: string[];
  removed_programmes: string[];
}

export type LiveFrame =
  | ({ type: "snapshot"; seq: number } & Partial<LiveContent>)
  | ({ type: "delta"; seq: number } & Partial<LiveContent>);
