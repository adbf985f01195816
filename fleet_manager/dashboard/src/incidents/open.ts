/** Which incidents still need somebody, and in which order they are shown. */
import type { Incident } from "../api/types";

export function isOpen(incident: Incident): boolean {
  return incident.status !== "resolved" && incident.status !== "false_alarm";
}

/** Open incidents, most severe first, then newest first. */
export function openIncidents(incidents: Iterable<Incident>): Incident[] {
  return [...incidents]
    .filter(isOpen)
    .sort((one, other) => other.severity - one.severity || other.raised_s - one.raised_s);
}
