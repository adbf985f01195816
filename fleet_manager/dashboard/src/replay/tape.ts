/** A past period as it can be shown at any moment of it: where robots were and which incidents were open. */
import { request } from "../api/client";
import type { Incident, LiveRow } from "../api/types";
import type { Period } from "../reports/period";

/** time_s, x_m, y_m, yaw_rad, level, battery */
export type TrackRow = [number, number, number, number, string, number | null];

export interface LoggedEvent {
  seq: number;
  time_s: number;
  type: string;
  actor: string;
  payload: Record<string, unknown>;
}

export interface Recorded {
  from_s: number | null;
  to_s: number | null;
  tracks_from_s: number | null;
}

/** Something that happened, for the list beside the map. */
export interface Happening {
  timeS: number;
  kind: "raised" | "closed" | "stopped";
  text: string;
  incident: string | null;
}

export interface Tape {
  period: Period;
  robots: ReadonlyMap<string, readonly TrackRow[]>;
  incidents: readonly { incident: Incident; untilS: number }[];
  happenings: readonly Happening[];
}

const POINTS = 50_000;
const PAGES = 20;
/** Where nothing was noted for longer than this nobody knows where a robot was. */
const SILENT_S = 120;
/** Between points that are this far apart in time a robot stood; it left shortly before the later one. */
const STOOD_S = 5;
const CLOSES: ReadonlySet<unknown> = new Set(["resolve", "mark_false_alarm"]);
const TYPES = ["IncidentRaised", "IncidentMoved", "ZoneStopped"];

/** So much time between points that a period is not more than some pages. */
export const stepFor = (lengthS: number, robots: number): number => Math.max(1, Math.ceil((lengthS * Math.max(1, robots)) / (POINTS * 4)));

async function tracksOf({ fromS, toS }: Period, stepS: number, signal: AbortSignal): Promise<Map<string, TrackRow[]>> {
  const robots = new Map<string, TrackRow[]>();
  let from: number | null = fromS;
  for (let page = 0; from !== null && page < PAGES; page += 1) {
    const told: { robots: Record<string, TrackRow[]>; next_s: number | null } = await request(
      `/replay/tracks?from_s=${from}&to_s=${toS}&step_s=${stepS}`,
      { signal, timeoutMs: 60_000 },
    );
    for (const [robot, rows] of Object.entries(told.robots)) robots.set(robot, [...(robots.get(robot) ?? []), ...rows]);
    from = told.next_s;
  }
  return robots;
}

async function eventsOf({ fromS, toS }: Period, signal: AbortSignal): Promise<LoggedEvent[]> {
  const types = TYPES.map((type) => `&type=${type}`).join("");
  const found: LoggedEvent[] = [];
  let cursor: string | null = "";
  for (let page = 0; cursor !== null && page < PAGES; page += 1) {
    const told: { events: LoggedEvent[]; next: string | null } = await request(
      `/replay/events?from_s=${fromS}&to_s=${toS}${types}${cursor ? `&cursor=${cursor}` : ""}`,
      { signal },
    );
    found.push(...told.events);
    cursor = told.next;
  }
  return found;
}

export async function loadTape(period: Period, robots: number, signal: AbortSignal): Promise<Tape> {
  const [tracks, events] = await Promise.all([tracksOf(period, stepFor(period.toS - period.fromS, robots), signal), eventsOf(period, signal)]);
  return tapeOf(period, tracks, events);
}

export function tapeOf(period: Period, robots: ReadonlyMap<string, readonly TrackRow[]>, events: readonly LoggedEvent[]): Tape {
  const incidents = new Map<string, { incident: Incident; untilS: number }>();
  const happenings: Happening[] = [];
  for (const { type, time_s: timeS, payload } of events) {
    if (type === "IncidentRaised") {
      const incident = payload.incident as Incident;
      incidents.set(incident.id, { incident: { ...incident, status: "raised" }, untilS: Number.POSITIVE_INFINITY });
      happenings.push({ timeS, kind: "raised", text: incident.title, incident: incident.id });
    } else if (type === "IncidentMoved" && CLOSES.has(payload.trigger)) {
      const id = String(payload.incident_id);
      const known = incidents.get(id);
      if (known) incidents.set(id, { ...known, untilS: timeS });
      happenings.push({ timeS, kind: "closed", text: known?.incident.title ?? id, incident: id });
    } else if (type === "ZoneStopped") {
      happenings.push({ timeS, kind: "stopped", text: String(payload.zone), incident: null });
    }
  }
  return { period, robots, incidents: [...incidents.values()], happenings };
}

/** Index of the last row at or before a time; -1: there is none. */
function before(rows: readonly TrackRow[], timeS: number): number {
  let low = -1;
  let high = rows.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rows[middle]?.[0] ?? Infinity) <= timeS) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A robot at a moment, as the live feed would tell it; null before it was first heard. */
export function rowAt(robot: string, rows: readonly TrackRow[], timeS: number): LiveRow | null {
  const index = before(rows, timeS);
  const here = rows[index];
  if (!here) return null;
  const next = rows[index + 1];
  const [atS, x, y, yaw, level, battery] = here;
  const gapS = next ? next[0] - atS : 0;
  const silent = next ? gapS > SILENT_S : timeS - atS > SILENT_S;
  if (!next || silent || next[4] !== level) {
    return [robot, x, y, yaw, level, silent ? "offline" : "idle", battery, 0, null, atS, 0];
  }
  const startS = Math.max(atS, next[0] - STOOD_S);
  const share = timeS <= startS ? 0 : (timeS - startS) / (next[0] - startS);
  const far = Math.hypot(next[1] - x, next[2] - y);
  const turn = Math.atan2(Math.sin(next[3] - yaw), Math.cos(next[3] - yaw));
  const speed = share > 0 && far > 0.2 ? far / (next[0] - startS) : 0;
  return [
    robot, x + (next[1] - x) * share, y + (next[2] - y) * share, yaw + turn * share, level,
    speed > 0 ? "working" : "idle", battery, speed, null, timeS, 0,
  ];
}

/** What of a period can be seen at a moment. */
export function frameAt(tape: Tape, timeS: number): { robots: LiveRow[]; incidents: Incident[] } {
  const robots = [...tape.robots].flatMap(([robot, rows]) => {
    const row = rowAt(robot, rows, timeS);
    return row ? [row] : [];
  });
  const incidents = tape.incidents.filter(({ incident, untilS }) => incident.raised_s <= timeS && timeS < untilS).map(({ incident }) => incident);
  return { robots, incidents };
}
