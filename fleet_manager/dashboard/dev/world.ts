/**
 * A tiny fleet for working on the pages without a fleet manager: robots wander along the map's
 * lanes, tasks progress with time. It shows what the API looks like, not how robots behave.
 */
import { readFileSync } from "node:fs";
import { Passages } from "./passages.ts";
import type {
  CampusDocument,
  Closure,
  ClosureChange,
  Incident,
  LiveRow,
  NewClosure,
  NewObstacle,
  WaitedAt,
  Restrictions,
  Robot,
  RobotStatus,
  Route,
  TaskRequest,
  TaskState,
  TaskSummary,
  Validation,
  WeatherState,
} from "../src/api/types.ts";

const KINDS = ["security", "cleaning", "safety"] as const;
const SKILL: Record<string, string> = { patrol: "security", clean: "cleaning", inspect: "safety" };
const TASK_SECONDS = 60;

interface MockRobot extends Robot {
  x_m: number;
  y_m: number;
  /** Waypoints still to be driven to. */
  way: string[];
}

export class World {
  readonly campus: CampusDocument;
  readonly robots = new Map<string, MockRobot>();
  readonly tasks = new Map<string, TaskState>();
  readonly incidents = new Map<string, Incident>();
  readonly zones = new Map<string, number | null>();
  readonly closures = new Map<string, Closure>();
  readonly passages: Passages;
  weather: WeatherState = { conditions: [], since_s: 0, by: "", station: "", rules: [] };
  /** Requests by idempotency key, answered once. */
  readonly answered = new Map<string, TaskState>();
  #next: Map<string, string[]>;
  #points: Map<string, number[]>;
  #count = 0;

  constructor(mapPath: string) {
    this.campus = JSON.parse(readFileSync(mapPath, "utf-8")) as CampusDocument;
    this.passages = new Passages(this.campus);
    this.#points = new Map();
    this.#next = new Map();
    for (const { id, geometry, properties } of this.campus.features) {
      if (geometry.type === "Point" && properties.feature === "waypoint") {
        this.#points.set(id, geometry.coordinates);
      }
      if (properties.feature === "lane" && properties.from && properties.to) {
        this.#link(properties.from, properties.to);
        if (properties["direction"] !== "forward") this.#link(properties.to, properties.from);
      }
      if (properties.feature === "zone" && properties.purpose === "clean") {
        this.zones.set(id, ((this.zones.size * 37) % 100) / 100);
      }
    }
    const docks = this.campus.features.filter(({ properties }) => properties.role === "dock");
    for (let index = 0; index < 12; index += 1) {
      const kind = KINDS[index % 3] ?? "security";
      const home = docks[index % docks.length]?.id ?? "";
      this.#addRobot(`${kind}_${Math.floor(index / 3) + 1}`, kind, home, index);
    }
  }

  #link(from: string, to: string): void {
    this.#next.set(from, [...(this.#next.get(from) ?? []), to]);
  }

  #addRobot(name: string, kind: string, home: string, index: number): void {
    const [x = 0, y = 0] = this.#points.get(home) ?? [];
    this.robots.set(name, {
      name,
      kind,
      status: "idle",
      x_m: x,
      y_m: y,
      yaw_rad: 0,
      level: "ground",
      speed_mps: 0,
      battery: 0.95 - 0.06 * index,
      charging: false,
      task_id: null,
      order_id: null,
      order_update_id: null,
      last_node_id: home,
      last_seen_s: Date.now() / 1000,
      age_s: 0,
      operating_mode: "automatic",
      paused: false,
      emergency_stop: { latched: false },
      obstacle_stop: false,
      localized: true,
      errors: [],
      footprint_radius_m: 0.45,
      skills: [],
      home,
      distance_m: 1000 * index,
      way: [],
    });
  }

  dispatch(wish: TaskRequest, nowS: number): TaskState {
    this.#count += 1;
    const id = `${wish.category}-${this.#count}`;
    const state: TaskState = {
      booking: {
        id,
        unix_millis_request_time: nowS * 1000,
        priority: wish.priority ?? null,
        requester: wish.requester ?? null,
      },
      category: wish.category,
      detail: wish.description,
      status: "queued",
      progress: 0,
      reason: "Waits for a free robot.",
      unix_millis_start_time: null,
      unix_millis_finish_time: null,
    };
    this.tasks.set(id, state);
    return state;
  }

  /** Close lanes from now on; what a zone means is left to the fleet manager. */
  close(wish: NewClosure, nowS: number): Closure {
    const closure: Closure = {
      id: `closure-${this.closures.size + 1}`, status: "active", lanes: wish.lanes ?? [], zones: wish.zones ?? [],
      passages: wish.passages ?? [], kinds: wish.kinds ?? null, speed_limit_mps: wish.speed_limit_mps ?? null,
      reason: wish.reason ?? "", by: wish.by ?? "", created_s: nowS, since_s: nowS, changes_s: null, from_s: null,
      until_s: null, rrule: null, timezone: null, start: null, until: null, duration_s: null, ended_by: "",
      affected_lanes: wish.lanes ?? [],
    };
    this.closures.set(closure.id, closure);
    return closure;
  }

  /** Something stands on the lanes; the mock fleet drives on all the same. */
  block({ x_m, y_m, level, radius_m, what, stays_s, by }: NewObstacle, nowS: number): Closure {
    const closure = this.close({ reason: what, by }, nowS);
    const obstacle = { x_m, y_m, level, radius_m, what, seen_s: nowS };
    const blocked = { ...closure, obstacle, until_s: nowS + stays_s, changes_s: nowS + stays_s };
    this.closures.set(closure.id, blocked);
    return blocked;
  }

  /** Where robots are said to have waited: at some waypoints of the map, the longer the more hours. */
  waiting(hours: number): WaitedAt[] {
    const bays = this.campus.features.filter(({ properties }) => properties.feature === "waypoint").slice(0, 5);
    return bays.map(({ id, geometry }, index) => {
      const [x_m = 0, y_m = 0] = geometry.coordinates as number[];
      const waited_s = (3600 * hours) / 4 ** index;
      return { waypoint: String(id), x_m, y_m, level: "ground", waited_s, robots: 2, behind: { security_1: waited_s } };
    });
  }

  /** Have a closure end at another time, or for another reason; null: there is none of that id. */
  change(id: string, { until_s, reason }: ClosureChange): Closure | null {
    const before = this.closures.get(id);
    if (!before) return null;
    const times = until_s === undefined ? {} : { until_s, changes_s: until_s };
    const closure = { ...before, ...times, ...(reason === undefined ? {} : { reason }) };
    this.closures.set(id, closure);
    return closure;
  }

  /** What closures of lanes, and passages that are out of order, mean for each kind of robot. */
  restrictions(): Record<string, Restrictions> {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.#restrictionsOf(kind)]));
  }

  #restrictionsOf(kind: string): Restrictions {
    const [limits, why]: [Record<string, number>, Record<string, string>] = [{}, {}];
    for (const closure of this.closures.values()) {
      if (closure.status !== "active" || (closure.kinds && !closure.kinds.includes(kind))) continue;
      for (const lane of closure.lanes) {
        if (closure.speed_limit_mps === null) why[lane] = closure.reason || closure.id;
        else limits[lane] = Math.min(closure.speed_limit_mps, limits[lane] ?? Infinity);
      }
    }
    for (const { id, state, reason } of this.passages.all.values()) {
      if (state === "out_of_order") for (const lane of this.#lanesThrough(id)) why[lane] = reason;
    }
    return { closed: Object.keys(why).sort(), limits, zones: [], why };
  }

  /** Lanes that begin or end in a passage. */
  #lanesThrough(passage: string): string[] {
    const { features } = this.campus;
    const inside = new Set(features.filter(({ properties }) => properties["passage"] === passage).map(({ id }) => id));
    return features
      .filter(({ properties: { from = "", to = "" } }) => inside.has(from) || inside.has(to))
      .map(({ id }) => id);
  }

  reopen(id: string, nowS: number): boolean {
    const closure = this.closures.get(id);
    if (closure) this.closures.set(id, { ...closure, status: "removed", since_s: nowS });
    return closure !== undefined;
  }

  /** A report with one finding, about a waypoint of the map. */
  report(): Validation {
    const [subject = "", [x_m = 0, y_m = 0] = []] = [...this.#points][0] ?? [];
    const finding = {
      check: "spare_bay", severity: "warning" as const, subject, level: "ground", x_m, y_m,
      problem: `${subject} is far from the next bay`, remedy: "Add a bay nearby.",
    };
    return { version: "mock", findings: [finding], count: 1, took_s: 0.1 };
  }

  cancel(id: string, nowS: number): boolean {
    const task = this.tasks.get(id);
    if (!task) return false;
    this.#end(task, "canceled", nowS);
    return true;
  }

  #end(task: TaskState, status: "completed" | "canceled", nowS: number): void {
    task.status = status;
    task.reason = null;
    task.unix_millis_finish_time = nowS * 1000;
    const robot = this.robots.get(task.assigned_to?.name ?? "");
    if (robot?.task_id === task.booking.id) robot.task_id = null;
  }

  /** Let `dtS` seconds pass. */
  step(nowS: number, dtS: number): void {
    this.#assign(nowS);
    this.passages.step(nowS, dtS);
    for (const robot of this.robots.values()) {
      if (robot.status === "offline") continue;
      robot.last_seen_s = nowS;
      const halted = robot.paused || robot.emergency_stop?.latched;
      robot.status = robot.task_id ? "working" : robot.charging ? "charging" : "idle";
      robot.speed_mps = robot.task_id && !halted ? 1.4 : 0;
      this.#drive(robot, robot.speed_mps * dtS);
      const task = this.tasks.get(robot.task_id ?? "");
      if (!task || halted) continue;
      task.progress = Math.min(1, task.progress + dtS / TASK_SECONDS);
      const zone = (task.detail as { zone?: string }).zone;
      if (zone) this.zones.set(zone, Math.max(task.progress, this.zones.get(zone) ?? 0));
      if (task.progress >= 1) this.#end(task, "completed", nowS);
    }
  }

  #assign(nowS: number): void {
    for (const task of this.tasks.values()) {
      if (task.status !== "queued") continue;
      const free = [...this.robots.values()].find(
        ({ kind, status, task_id }) =>
          kind === SKILL[task.category] && status !== "offline" && task_id === null,
      );
      if (!free) continue;
      free.task_id = task.booking.id;
      free.charging = false;
      task.assigned_to = { group: free.kind, name: free.name };
      task.status = "underway";
      task.reason = null;
      task.unix_millis_start_time = nowS * 1000;
    }
  }

  #drive(robot: MockRobot, metres: number): void {
    let left = metres;
    while (left > 0) {
      while (robot.way.length < 14) {
        const from = robot.way.at(-1) ?? robot.last_node_id ?? "";
        const before = robot.way.at(-2) ?? "";
        const ways = this.#next.get(from) ?? [];
        const onward = ways.filter((id) => id !== before && (this.#next.get(id)?.length ?? 0) > 0);
        const choice = onward.length > 0 ? onward : ways;
        const next = choice[(robot.way.length + robot.name.length) % choice.length];
        if (!next) return;
        robot.way.push(next);
      }
      const target = robot.way[0] ?? "";
      const [x = 0, y = 0] = this.#points.get(target) ?? [];
      const distance = Math.hypot(x - robot.x_m, y - robot.y_m);
      if (distance > 0.01) robot.yaw_rad = Math.atan2(y - robot.y_m, x - robot.x_m);
      const share = Math.min(1, left / Math.max(distance, 1e-6));
      robot.x_m += share * (x - robot.x_m);
      robot.y_m += share * (y - robot.y_m);
      robot.distance_m += share * distance;
      left -= distance;
      if (share < 1) return;
      robot.last_node_id = target;
      robot.way.shift();
    }
  }

  route(robot: MockRobot): Route | null {
    if (!robot.task_id) return null;
    const point = (id: string) => (this.#points.get(id) ?? [0, 0]) as [number, number];
    const points = robot.way.map(point);
    return { base: [[robot.x_m, robot.y_m], ...points.slice(0, 7)], horizon: points.slice(7) };
  }

  row(robot: MockRobot): LiveRow {
    const flags =
      (robot.paused ? 1 : 0) +
      (robot.emergency_stop?.latched ? 2 : 0) +
      (robot.obstacle_stop ? 4 : 0) +
      (robot.errors.length > 0 ? 16 : 0) +
      (robot.charging ? 32 : 0);
    const { name, x_m, y_m, yaw_rad, level, status, battery, speed_mps, task_id, last_seen_s } = robot;
    return [name, x_m, y_m, yaw_rad, level, status, battery, speed_mps, task_id, last_seen_s, flags];
  }

  summary(task: TaskState): TaskSummary {
    const seconds = (millis: number | null | undefined) => (millis ? millis / 1000 : null);
    const about = Object.values(task.detail as Record<string, unknown>)
      .filter((value) => typeof value !== "number")
      .flat();
    return {
      id: task.booking.id,
      category: task.category,
      status: task.status,
      robot: task.assigned_to?.name ?? null,
      progress: task.progress,
      title: about.join(", "),
      reason: task.reason ?? null,
      requested_s: seconds(task.booking.unix_millis_request_time),
      started_s: seconds(task.unix_millis_start_time),
      finished_s: seconds(task.unix_millis_finish_time),
    };
  }

  setStatus(name: string, status: RobotStatus): void {
    const robot = this.robots.get(name);
    if (robot) robot.status = status;
  }
}
