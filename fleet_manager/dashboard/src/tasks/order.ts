/** Which tasks come first, and which are still to be worked on. */
import type { TaskStatus, TaskSummary } from "../api/types";

const RANK: Record<TaskStatus, number> = {
  blocked: 0,
  delayed: 1,
  underway: 2,
  standby: 3,
  queued: 4,
  failed: 5,
  killed: 5,
  completed: 5,
  canceled: 5,
  skipped: 5,
};

export function isActive(status: TaskStatus): boolean {
  return RANK[status] < 5;
}

/** Active tasks first, those in trouble before the others; then finished ones, newest first. */
export function inOrder(tasks: Iterable<TaskSummary>): TaskSummary[] {
  return [...tasks].sort((one, other) => {
    const rank = RANK[one.status] - RANK[other.status];
    if (rank !== 0) return rank;
    if (isActive(one.status)) return (one.requested_s ?? 0) - (other.requested_s ?? 0);
    return (other.finished_s ?? 0) - (one.finished_s ?? 0);
  });
}
