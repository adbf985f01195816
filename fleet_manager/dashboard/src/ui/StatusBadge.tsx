/** States as coloured words. */
import { Badge } from "@mantine/core";
import type { TaskStatus } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import type { Condition } from "../map/robotLook";

const CONDITION_COLOURS: Record<Condition, string> = {
  stopped: "red",
  error: "red",
  offline: "gray",
  uninitialized: "gray",
  lost: "orange",
  paused: "orange",
  obstacle: "orange",
  charging: "green",
  working: "blue",
  idle: "gray",
};

export function ConditionBadge({ condition }: { condition: Condition }) {
  const { word } = useI18n();
  const strong = condition === "stopped" || condition === "error";
  return (
    <Badge
      color={CONDITION_COLOURS[condition]}
      variant={strong ? "filled" : "light"}
      className="status"
    >
      {word("robotStatus", condition)}
    </Badge>
  );
}

const TASK_COLOURS: Record<TaskStatus, string> = {
  queued: "gray",
  standby: "gray",
  underway: "blue",
  delayed: "orange",
  blocked: "orange",
  completed: "green",
  failed: "red",
  canceled: "gray",
  killed: "red",
  skipped: "gray",
};

export function TaskStatusBadge({ status }: { status: TaskStatus }) {
  const { word } = useI18n();
  return (
    <Badge
      color={TASK_COLOURS[status] ?? "gray"}
      variant={status === "failed" || status === "killed" ? "filled" : "light"}
      className="status"
    >
      {word("taskStatus", status)}
    </Badge>
  );
}
