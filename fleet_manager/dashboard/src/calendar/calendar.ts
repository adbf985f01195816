/** The calendar over REST: what is planned and what ran, schedules, and how they are changed. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "../api/client";
import type { TaskStatus } from "../api/types";

export interface Move {
  at: string;
  to: string | null;
}

export interface Schedule {
  id: string;
  name: string;
  rrule: string;
  timezone: string;
  start: string;
  until: string | null;
  exceptions: string[];
  moves: Move[];
  enabled: boolean;
  request: { category: string; description: unknown; priority?: number; labels?: string[] };
  next_run_s: number | null;
}

export interface Occurrence {
  schedule: string;
  name: string;
  category: string;
  due_s: number;
  /** Local time by the rule, in the schedule's time zone; null: of the past. */
  at: string | null;
  moved: boolean;
  outcome: "planned" | "ran" | "passed_over";
  task_id: string | null;
  task_status: TaskStatus | null;
  why: string;
}

export interface Window {
  programme: string;
  name: string;
  from_s: number;
  until_s: number;
}

export interface Calendar {
  timezone: string;
  from_s: number;
  until_s: number;
  now_s: number;
  complete: boolean;
  occurrences: Occurrence[];
  windows: Window[];
}

export const calendarQuery = (fromS: number, untilS: number) =>
  queryOptions({
    queryKey: ["calendar", fromS, untilS],
    queryFn: ({ signal }) => request<Calendar>(`/calendar?from_s=${fromS}&until_s=${untilS}`, { signal }),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: ({ signal }) => request<Schedule[]>("/schedules", { signal }),
});

/** Replace a schedule by itself with something changed. */
export function changeSchedule(schedule: Schedule, change: Partial<Schedule>): Promise<Schedule> {
  const { next_run_s: _next, ...whole } = { ...schedule, ...change };
  return request(`/schedules/${encodeURIComponent(schedule.id)}`, { method: "PUT", body: whole });
}

/** The moves of a schedule with that of one occurrence replaced; `to` undefined: as the rule has it. */
export function movesWith(schedule: Schedule, at: string, to: string | null | undefined): Move[] {
  const others = schedule.moves.filter((each) => each.at !== at);
  return to === undefined ? others : [...others, { at, to }];
}
