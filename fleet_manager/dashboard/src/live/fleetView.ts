/** What the live feed has told so far: snapshot and deltas folded into one immutable view. */
import type {
  Closure,
  Incident,
  LiveFrame,
  LiveRow,
  Passage,
  ProgrammeStanding,
  RobotStatus,
  Route,
  TaskSummary,
  WeatherState,
} from "../api/types";
import type { RobotStop } from "../emergency/stops";

/** Bits of a live row's flags. */
export const FLAG = {
  paused: 1,
  emergencyStop: 2,
  obstacleStop: 4,
  notLocalized: 8,
  errors: 16,
  charging: 32,
} as const;

/** A robot as the live feed shows it. Metres, radians, m/s, battery 0 to 1, Unix seconds. */
export interface LiveRobot {
  readonly name: string;
  /** Null, like the other parts of the pose and the battery, until it was heard. */
  readonly xM: number | null;
  readonly yM: number | null;
  readonly yawRad: number | null;
  readonly level: string | null;
  readonly status: RobotStatus;
  readonly battery: number | null;
  readonly speedMps: number;
  readonly taskId: string | null;
  readonly lastSeenS: number | null;
  readonly flags: number;
}

export interface FleetView {
  /** Sequence number of the last frame, 0 before the first. */
  readonly seq: number;
  /** The fleet's clock at the last frame, Unix seconds. */
  readonly nowS: number;
  /** Simulated seconds a second; 1 on real robots. */
  readonly speed: number;
  /** When the last frame arrived, milliseconds of this computer's monotonic clock. */
  readonly receivedMs: number;
  readonly robots: ReadonlyMap<string, LiveRobot>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly tasks: ReadonlyMap<string, TaskSummary>;
  readonly incidents: ReadonlyMap<string, Incident>;
  /** Clean fraction by zone, 0 to 1; null where nobody knows. */
  readonly zones: ReadonlyMap<string, number | null>;
  /** In force, to come, and lately over. */
  readonly closures: ReadonlyMap<string, Closure>;
  /** Doors, lifts and crossings, by id. */
  readonly passages: ReadonlyMap<string, Passage>;
  /** Patrol programmes, by id. */
  readonly programmes: ReadonlyMap<string, ProgrammeStanding>;
  /** Null until it was told. */
  readonly weather: WeatherState | null;
  /** Emergency stops that are not over. */
  readonly stops: readonly RobotStop[];
  /** Ids of zones in emergency stop. */
  readonly zoneStops: readonly string[];
  /** Version of the map in use; empty until it was told. */
  readonly mapVersion: string;
}

export const EMPTY_VIEW: FleetView = {
  seq: 0,
  nowS: 0,
  speed: 1,
  receivedMs: 0,
  robots: new Map(),
  routes: new Map(),
  tasks: new Map(),
  incidents: new Map(),
  zones: new Map(),
  closures: new Map(),
  passages: new Map(),
  programmes: new Map(),
  weather: null,
  stops: [],
  zoneStops: [],
  mapVersion: "",
};

/** A frame is missing between the view and the one that came: only a snapshot helps. */
export const GAP = "gap";

export function has(robot: LiveRobot, flag: number): boolean {
  return (robot.flags & flag) !== 0;
}

function robotOf(row: LiveRow): LiveRobot {
  const [name, xM, yM, yawRad, level, status, battery, speedMps, taskId, lastSeenS, flags] = row;
  return { name, xM, yM, yawRad, level, status, battery, speedMps, taskId, lastSeenS, flags };
}

function withEntries<Value>(
  known: ReadonlyMap<string, Value>,
  entries: Iterable<readonly [string, Value | null]>,
  removed: Iterable<string> = [],
): ReadonlyMap<string, Value> {
  let next: Map<string, Value> | null = null;
  for (const [key, value] of entries) {
    next ??= new Map(known);
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  for (const key of removed) {
    next ??= new Map(known);
    next.delete(key);
  }
  return next ?? known;
}

/** Zones whose fraction is null stay in the map as null, so they cannot go through `withEntries`. */
function withZones(
  known: ReadonlyMap<string, number | null>,
  zones: { id: string; clean_fraction: number | null }[],
): ReadonlyMap<string, number | null> {
  if (zones.length === 0) return known;
  const next = new Map(known);
  for (const zone of zones) next.set(zone.id, zone.clean_fraction);
  return next;
}

/**
 * The view after a frame.
 *
 * Parts that a delta does not touch keep their identity, so that what is drawn from them rests.
 *
 * @param receivedMs - when the frame came, monotonic milliseconds.
 * @returns the new view, or `GAP` for a delta that does not follow the view's frame.
 */
export function applyFrame(
  view: FleetView,
  frame: LiveFrame,
  receivedMs: number,
): FleetView | typeof GAP {
  if (frame.type === "delta" && (view.seq === 0 || frame.seq !== view.seq + 1)) return GAP;
  const from = frame.type === "snapshot" ? EMPTY_VIEW : view;
  return {
    seq: frame.seq,
    nowS: frame.now_s ?? view.nowS,
    speed: frame.speed ?? view.speed,
    receivedMs,
    robots: withEntries(
      from.robots,
      (frame.robots ?? []).map((row) => [row[0], robotOf(row)] as const),
    ),
    routes: withEntries(from.routes, Object.entries(frame.routes ?? {})),
    tasks: withEntries(
      from.tasks,
      (frame.tasks ?? []).map((task) => [task.id, task] as const),
      frame.removed_tasks ?? [],
    ),
    incidents: withEntries(
      from.incidents,
      (frame.incidents ?? []).map((incident) => [incident.id, incident] as const),
    ),
    zones: withZones(from.zones, frame.zones ?? []),
    closures: withEntries(
      from.closures,
      (frame.closures ?? []).map((closure) => [closure.id, closure] as const),
    ),
    passages: withEntries(
      from.passages,
      (frame.passages ?? []).map((passage) => [passage.id, passage] as const),
    ),
    programmes: withEntries(
      from.programmes,
      (frame.programmes ?? []).map((programme) => [programme.id, programme] as const),
      frame.removed_programmes ?? [],
    ),
    weather: frame.weather ?? from.weather,
    stops: frame.stops ?? from.stops,
    zoneStops: frame.zone_stops ?? from.zoneStops,
    mapVersion: frame.map_version ?? from.mapVersion,
  };
}

/**
 * The fleet's clock now, Unix seconds: the last frame's time, run on at the fleet's speed.
 *
 * @param atMs - monotonic milliseconds of this computer.
 */
export function fleetNowS(view: FleetView, atMs: number): number {
  if (view.seq === 0) return Date.now() / 1000;
  return view.nowS + (Math.max(0, atMs - view.receivedMs) / 1000) * view.speed;
}
