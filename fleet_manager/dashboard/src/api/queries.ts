/** What the pages read over REST, as TanStack Query options; live state comes from `live/`. */
import {
  MutationCache, QueryCache, QueryClient, infiniteQueryOptions, keepPreviousData, queryOptions,
} from "@tanstack/react-query";
import { ProblemError, request } from "./client";
import type {
  Asset,
  CampusDocument,
  Incident,
  MapVersion,
  Restrictions,
  Robot,
  TaskExplanation,
  TaskLog,
  TaskState,
  TrafficExplanation,
  Validation,
  WaitedAt,
} from "./types";

/** The page's query client: refusals are final, a manager out of reach is tried again. */
export function newQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error) => askWhoIsIn(client, error) }),
    mutationCache: new MutationCache({ onError: (error) => askWhoIsIn(client, error) }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) =>
          failures < 3 && !(error instanceof ProblemError && error.problem.status >= 400),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}

/** A refusal for want of a session: it has ended, and the page has to show the way in. */
function askWhoIsIn(client: QueryClient, error: Error): void {
  if (error instanceof ProblemError && error.problem.status === 401) {
    void client.invalidateQueries({ queryKey: ["session"] });
  }
}

export const campusQuery = queryOptions({
  queryKey: ["map"],
  queryFn: ({ signal }) => request<CampusDocument>("/map", { signal }),
  staleTime: 5 * 60_000,
  refetchInterval: (query) => (query.state.status === "error" ? 5_000 : false),
});

/** What is wrong with the map in use; worked out by the manager once a version, so it may take seconds. */
export const validationQuery = queryOptions({
  queryKey: ["validation"],
  queryFn: ({ signal }) => request<Validation>("/map/validation", { signal, timeoutMs: 120_000 }),
  staleTime: 60_000,
});

export const mapVersionsQuery = queryOptions({
  queryKey: ["map-versions"],
  queryFn: ({ signal }) => request<MapVersion[]>("/map/versions?limit=50", { signal }),
  staleTime: 10_000,
});

export const restrictionsQuery = queryOptions({
  queryKey: ["restrictions"],
  queryFn: ({ signal }) => request<Record<string, Restrictions>>("/restrictions", { signal }),
  staleTime: 30_000,
});

export const robotsQuery = queryOptions({
  queryKey: ["robots"],
  queryFn: ({ signal }) => request<Robot[]>("/robots", { signal }),
  refetchInterval: 15_000,
});

export const robotQuery = (name: string) =>
  queryOptions({
    queryKey: ["robots", name],
    queryFn: ({ signal }) => request<Robot>(`/robots/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: 1_500,
    staleTime: 0,
  });

/** Why a robot is where it is, in words. */
export const explanationQuery = (robot: string) =>
  queryOptions({
    queryKey: ["traffic", robot],
    queryFn: ({ signal }) => request<TrafficExplanation>(`/traffic/${encodeURIComponent(robot)}`, { signal }),
    refetchInterval: 3_000,
    staleTime: 0,
  });

/** Where robots have waited behind others in the last hours. */
export const waitingQuery = (hours: number) =>
  queryOptions({
    queryKey: ["waiting", hours],
    queryFn: ({ signal }) => request<WaitedAt[]>(`/traffic/waiting?hours=${hours}`, { signal }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });

export const assetsQuery = queryOptions({
  queryKey: ["assets"],
  queryFn: ({ signal }) => request<Asset[]>("/assets", { signal }),
  staleTime: 30_000,
});

const INCIDENTS_PAGE = 50;

/** Incidents of the past and the present, newest first, page by page. */
export const incidentsQuery = infiniteQueryOptions({
  queryKey: ["incidents"],
  queryFn: ({ signal, pageParam }) =>
    request<Incident[]>(`/incidents?limit=${INCIDENTS_PAGE}&offset=${pageParam}`, { signal }),
  initialPageParam: 0,
  getNextPageParam: (last, all) => (last.length < INCIDENTS_PAGE ? undefined : all.length * INCIDENTS_PAGE),
  staleTime: 5_000,
});

export interface TaskFilter {
  status: string;
  category: string;
  robot: string;
  limit: number;
  offset: number;
}

export const tasksQuery = (filter: TaskFilter) => {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(filter)) {
    if (value !== "") parameters.set(key, String(value));
  }
  return queryOptions({
    queryKey: ["tasks", filter],
    queryFn: ({ signal }) => request<TaskState[]>(`/tasks?${parameters}`, { signal }),
    refetchInterval: 4_000,
    placeholderData: keepPreviousData,
  });
};

export const taskStateQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", id, "state"],
    queryFn: ({ signal }) =>
      request<TaskState>(`/tasks/${encodeURIComponent(id)}/state`, { signal }),
    refetchInterval: 5_000,
  });

export const taskLogQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", id, "log"],
    queryFn: ({ signal }) => request<TaskLog>(`/tasks/${encodeURIComponent(id)}/log`, { signal }),
    refetchInterval: 4_000,
  });

export const taskExplanationQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", id, "explain"],
    queryFn: ({ signal }) =>
      request<TaskExplanation>(`/tasks/${encodeURIComponent(id)}/explain`, { signal }),
    refetchInterval: 4_000,
  });
