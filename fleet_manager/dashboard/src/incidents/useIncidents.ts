/** Incidents of the present and the past in one list, and what moves them on. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { incidentsQuery } from "../api/queries";
import { moveIncident, newIdempotencyKey, raiseIncident, type IncidentStep } from "../api/commands";
import type { Incident, NewIncident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectIncidents, useLive } from "../live/LiveProvider";
import { useNotices } from "../ui/problems";
import { isOpen } from "./open";

/** All that were fetched, each as the live feed knows it where it does, newest first. */
export function useIncidents() {
  const live = useLive(selectIncidents);
  const past = useInfiniteQuery(incidentsQuery);
  const { refetch } = past;
  // One that leaves the open ones, or comes, is in the history: fetch it anew.
  const standing = [...live.values()].map(({ id, status }) => `${id} ${status}`).sort().join();
  const before = useRef(standing);
  useEffect(() => {
    if (before.current === standing) return;
    before.current = standing;
    void refetch();
  }, [standing, refetch]);
  const all = useMemo(() => {
    const byId = new Map<string, Incident>();
    for (const each of past.data?.pages.flat() ?? []) byId.set(each.id, each);
    for (const each of live.values()) byId.set(each.id, each);
    return [...byId.values()].sort((one, other) => other.raised_s - one.raised_s);
  }, [past.data, live]);
  return { all, past };
}

const STATUS_AFTER: Record<IncidentStep, string> = {
  acknowledge: "acknowledged",
  assign: "assigned",
  resolve: "resolved",
  false_alarm: "false_alarm",
};

export interface IncidentCommands {
  /** Resolve to true when the manager took it; failures are shown, never thrown. */
  move: (incident: Incident, step: IncidentStep, more?: { note?: string; assignee?: string }) => Promise<boolean>;
  report: (wish: NewIncident) => Promise<Incident | null>;
  busy: boolean;
}

export function useIncidentCommands(): IncidentCommands {
  const { t, word } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const last = useRef<{ content: string; key: string } | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: incidentsQuery.queryKey });
  const moving = useMutation({
    mutationFn: ({ incident, step, more }: { incident: Incident; step: IncidentStep; more: { note?: string; assignee?: string } }) =>
      moveIncident(incident.id, step, more),
    onSuccess: (_done, { incident, step }) => {
      notices.done(t("incident.done", { status: word("incidentStatus", STATUS_AFTER[step]), title: incident.title }));
      refresh();
    },
    onError: notices.failed,
  });
  const raising = useMutation({
    mutationFn: (wish: NewIncident) => {
      const content = JSON.stringify(wish);
      if (last.current?.content !== content) last.current = { content, key: newIdempotencyKey() };
      return raiseIncident(wish, last.current.key);
    },
    onSuccess: ({ title }) => {
      last.current = null;
      notices.done(t("incident.raise.done", { title }));
      refresh();
    },
    onError: notices.failed,
  });
  return {
    move: (incident, step, more = {}) => moving.mutateAsync({ incident, step, more }).then(() => true, () => false),
    report: (wish) => raising.mutateAsync(wish).catch(() => null),
    busy: moving.isPending || raising.isPending,
  };
}

/** Who has dealt with incidents, for suggestions. */
export function namesIn(incidents: readonly Incident[]): string[] {
  const names = incidents.flatMap(({ acknowledged_by: one, assigned_to: other }) => [one, other]);
  return [...new Set(names.filter((name): name is string => Boolean(name)))].sort();
}

/** How many are open. */
export const openCount = (incidents: Iterable<Incident>): number => [...incidents].filter(isOpen).length;
