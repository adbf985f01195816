/** Live tasks as rows: what, how far, who, and why it waits. */
import { Group, Progress, Text } from "@mantine/core";
import { memo, useMemo } from "react";
import type { TaskSummary } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectTasks, useFleetNow, useLiveAtRest } from "../live/LiveProvider";
import { TaskStatusBadge } from "../ui/StatusBadge";
import { CancelButton } from "./CancelButton";
import { useNaming } from "./names";
import { inOrder, isActive } from "./order";

const FINISHED_SHOWN = 15;

interface RowProps {
  task: TaskSummary;
  age: string;
  onRobot: (name: string) => void;
}

const TaskRow = memo(function TaskRow({ task, age, onRobot }: RowProps) {
  const { t, word, percent } = useI18n();
  const naming = useNaming();
  const active = isActive(task.status);
  return (
    <li
      className="row"
      data-testid={`task-row-${task.id}`}
      data-status={task.status}
      data-category={task.category}
    >
      <Group justify="space-between" wrap="nowrap" gap={8} align="flex-start">
        <Text size="sm" fw={600} lineClamp={2}>
          {word("category", task.category)}
          <Text span size="sm" fw={400}>
            {" "}
            {naming(task.title)}
          </Text>
        </Text>
        <TaskStatusBadge status={task.status} />
      </Group>
      {active && (
        <Progress
          aria-label={t("task.progress", { id: task.id, percent: percent(task.progress) })}
          value={task.progress * 100}
          size="sm"
          transitionDuration={0}
          my={5}
          color={task.status === "blocked" || task.status === "delayed" ? "orange" : "blue"}
        />
      )}
      <Group justify="space-between" wrap="nowrap" gap={8}>
        <Text size="xs" c="dimmed" truncate>
          {task.robot ? (
            <button type="button" className="link" onClick={() => onRobot(task.robot ?? "")}>
              {task.robot}
            </button>
          ) : (
            t("task.unassigned")
          )}
          {active && ` · ${percent(task.progress)}`}
          {` · ${age}`}
        </Text>
        {active && <CancelButton taskId={task.id} />}
      </Group>
      {task.reason && (
        <Text size="xs" className={task.status === "failed" ? "reason failed" : "reason"}>
          {task.reason}
        </Text>
      )}
    </li>
  );
});

export function TaskList({ onRobot }: { onRobot: (name: string) => void }) {
  const { t, ago } = useI18n();
  const tasks = useLiveAtRest(selectTasks);
  const nowS = useFleetNow(5_000);
  const shown = useMemo(() => {
    const sorted = inOrder(tasks.values());
    const active = sorted.filter(({ status }) => isActive(status));
    return [...active, ...sorted.slice(active.length, active.length + FINISHED_SHOWN)];
  }, [tasks]);
  if (shown.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        {t("tasks.none")}
      </Text>
    );
  }
  const ageOf = (task: TaskSummary) => {
    const since = task.finished_s ?? task.started_s ?? task.requested_s;
    return since === null ? t("common.none") : ago(Math.max(0, nowS - since));
  };
  return (
    <ul className="rows">
      {shown.map((task) => (
        <TaskRow key={task.id} task={task} age={ageOf(task)} onRobot={onRobot} />
      ))}
    </ul>
  );
}
