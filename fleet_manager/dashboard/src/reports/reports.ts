/** Reports over REST (docs/api.md); times are Unix seconds. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "../api/client";
import type { Period } from "./period";

export interface Kept {
  programme: string;
  sector: string | null;
  promise_s: number;
  worst_s: number;
  mean_s: number;
  visits: number;
  broken: number;
  kept: boolean;
}

export type SectorHour = Kept & { hour_s: number };
export type SiteKept = Kept & { site: string };

export interface PatrolReport {
  sectors: SectorHour[];
  sites: SiteKept[];
}

export interface CoverageReport {
  cell_m: number;
  /** Squares as `[column, row, points, robots, last_s]`. */
  levels: { level: string; cells: [number, number, number, number, number][] }[];
  zones: { zone: string; name: string; area_m2: number; sweeps: number; swept_m2: number; last_s: number | null }[];
}

export interface InspectionReport {
  assets: {
    asset: string;
    name: string;
    kind: string;
    due_interval_days: number;
    last_inspected_s: number | null;
    last_result: string | null;
    due_s: number | null;
    standing: "in_time" | "overdue" | "never";
  }[];
  inspections: { asset: string; name: string; time_s: number; result: string; robot: string | null; task: string; evidence: Record<string, unknown> }[];
}

export interface Spread {
  count: number;
  median_s: number | null;
  p90_s: number | null;
  worst_s: number | null;
}

export interface ResponseReport {
  incidents: {
    incident: string;
    severity: 0 | 1 | 2 | 3;
    status: string;
    title: string;
    raised_s: number;
    acknowledged_after_s: number | null;
    closed_after_s: number | null;
  }[];
  severities: { severity: 0 | 1 | 2 | 3; count: number; false_alarms: number; acknowledged: Spread; assigned: Spread; closed: Spread }[];
  arrival: Spread;
}

export const STATUSES = ["working", "charging", "idle", "error", "offline", "uninitialized", "unknown"] as const;

export type RobotUsed = Record<`${(typeof STATUSES)[number]}_s`, number> & {
  robot: string;
  kind: string;
  with_task_s: number;
  tasks_completed: number;
  distance_m: number;
  drawn_wh: number;
  charged_wh: number;
};

export interface UtilisationReport {
  robots: RobotUsed[];
}

interface Reports {
  patrols: PatrolReport;
  coverage: CoverageReport;
  inspections: InspectionReport;
  responses: ResponseReport;
  utilisation: UtilisationReport;
}

export type ReportName = keyof Reports;
export const REPORTS: readonly ReportName[] = ["patrols", "coverage", "inspections", "responses", "utilisation"];

const LONG_MS = 60_000;

/** Where a report is, as JSON, or as a table for a spreadsheet. */
export const reportPath = (name: ReportName, { fromS, toS }: Period, csv = false): string =>
  `/reports/${name}?from_s=${fromS}&to_s=${toS}${csv ? "&format=csv" : ""}`;

export const reportQuery = <Name extends ReportName>(name: Name, period: Period) =>
  queryOptions({
    queryKey: ["report", name, period.fromS, period.toS],
    queryFn: ({ signal }) => request<Reports[Name]>(reportPath(name, period), { signal, timeoutMs: LONG_MS }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
