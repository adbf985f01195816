/** What-if over REST: asking for a comparison, following it, and what is asked. */
import { queryOptions } from "@tanstack/react-query";
import { request } from "../api/client";

export interface Measure {
  measure: string;
  label: string;
  unit: string;
  better: "lower" | "higher" | "neither";
  first: number;
  second: number;
  difference: number;
  low: number;
  high: number;
  p: number;
  verdict: string;
}

export interface Comparison {
  id: string;
  status: "queued" | "underway" | "completed" | "failed" | "canceled";
  progress: number;
  first: string;
  second: string;
  seeds: number;
  problem: { detail: string; remedy: string } | null;
  result: { days: number; method: string; measures: Measure[]; unresolved_standstills: Record<string, number> } | null;
}

const FOLLOWED_MS = 1_000;
const RESTING_MS = 15_000;
const goesOn = ({ status }: Comparison) => status === "queued" || status === "underway";

export const comparisonsQuery = queryOptions({
  queryKey: ["what-if"],
  queryFn: ({ signal }) => request<Comparison[]>("/what-if", { signal }),
  refetchInterval: ({ state }) => (state.data?.some(goesOn) ? FOLLOWED_MS : RESTING_MS),
});

export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: ["what-if", id],
    queryFn: ({ signal }) => request<Comparison>(`/what-if/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data && !goesOn(state.data) ? false : FOLLOWED_MS),
  });

export const cancelComparison = (id: string): Promise<Comparison> =>
  request(`/what-if/${encodeURIComponent(id)}`, { method: "DELETE" });

export const askComparison = (question: { first: object; second: object; seeds: number }): Promise<Comparison> =>
  request("/what-if", { method: "POST", body: question });

/** What people set; what stays null is as it is. */
export interface Wish {
  name: string;
  days: number;
  seeds: number;
  /** Robots by kind that are to be otherwise. */
  robots: Readonly<Record<string, number>>;
  incidentsPerDay: number | null;
  /** Zones, lanes and passages that are closed all the time. */
  closed: readonly string[];
  rain: boolean;
}

export const FIRST_WISH: Wish = { name: "", days: 1, seeds: 10, robots: {}, incidentsPerDay: null, closed: [], rain: false };

export type ClosedKind = "zones" | "lanes" | "passages";

/**
 * The question a wish puts.
 *
 * @param kindOf - what a closed feature is.
 * @param fleet - how many robots of each kind there are.
 */
export function questionOf(wish: Wish, kindOf: (id: string) => ClosedKind, fleet: Readonly<Record<string, number>>): { first: object; second: object; seeds: number } {
  const span = { from_h: 0, until_h: wish.days * 24 };
  const closed: Partial<Record<ClosedKind, string[]>> = {};
  for (const id of wish.closed) (closed[kindOf(id)] ??= []).push(id);
  const changed = Object.entries(wish.robots).some(([kind, count]) => fleet[kind] !== count);
  return {
    first: { days: wish.days },
    second: {
      days: wish.days,
      name: wish.name,
      ...(changed ? { robots: { ...fleet, ...wish.robots } } : {}),
      ...(wish.incidentsPerDay === null ? {} : { incidents: { per_day: wish.incidentsPerDay } }),
      ...(wish.closed.length > 0 ? { closures: [{ ...span, ...closed }] } : {}),
      ...(wish.rain ? { weather: [{ ...span, conditions: ["rain"] }] } : {}),
    },
    seeds: wish.seeds,
  };
}
