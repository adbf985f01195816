/** All tasks, also those long finished, with the reasons for what became of them. */
import { Box, Button, Group, Loader, NativeSelect, Progress, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { tasksQuery } from "../api/queries";
import type { TaskState } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectRobots, useLive } from "../live/LiveProvider";
import { CancelButton } from "../tasks/CancelButton";
import { useNaming } from "../tasks/names";
import { isActive } from "../tasks/order";
import { placesOf } from "../tasks/places";
import { ProgrammeList } from "../tasks/ProgrammeList";
import { TaskDetails } from "../tasks/TaskDetails";
import { ProblemAlert } from "../ui/problems";
import { TaskStatusBadge } from "../ui/StatusBadge";

const PAGE = 30;
const STATUSES = [
  "queued", "standby", "underway", "delayed", "blocked",
  "completed", "failed", "canceled", "killed", "skipped",
] as const;
const CATEGORIES = ["patrol", "clean", "spot_clean", "inspect", "respond", "go_to", "charge"] as const;

function TaskRow({ task }: { task: TaskState }) {
  const naming = useNaming();
  const { t, word, percent, time } = useI18n();
  const [opened, setOpened] = useState(false);
  const { booking, status, progress, reason, assigned_to: robot } = task;
  const active = isActive(status);
  const places = placesOf(task.detail).map(naming);
  const requested = booking.unix_millis_request_time;
  return (
    <li
      className="row task-wide"
      data-testid={`task-row-${booking.id}`}
      data-status={status}
      data-category={task.category}
    >
      <div className="task-line">
        <div className="task-what">
          <Text size="sm" fw={600}>
            {word("category", task.category)}{" "}
            <Text span size="sm" fw={400}>
              {places.join(", ")}
            </Text>
          </Text>
          <Text size="xs" c="dimmed">
            {[
              booking.id,
              requested ? time(requested / 1000) : null,
              booking.requester ? t("task.requester", { name: booking.requester }) : null,
              robot?.name ?? t("task.unassigned"),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          {reason && <Text size="xs" className="reason">{reason}</Text>}
        </div>
        <Group gap="xs" wrap="nowrap">
          <Progress
            aria-label={t("task.progress", { id: booking.id, percent: percent(progress) })}
            value={progress * 100}
            w={70}
            size="sm"
          />
          <TaskStatusBadge status={status} />
        </Group>
        <Group gap={6} wrap="nowrap" justify="flex-end">
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={opened}
            onClick={() => setOpened((open) => !open)}
          >
            {t("common.details")}
          </Button>
          {active && <CancelButton taskId={booking.id} />}
        </Group>
      </div>
      {opened && <TaskDetails task={task} />}
    </li>
  );
}

export default function TasksPage() {
  const { t, word } = useI18n();
  const [filter, setFilter] = useState({ status: "", category: "", robot: "" });
  const [offset, setOffset] = useState(0);
  const tasks = useQuery(tasksQuery({ ...filter, limit: PAGE, offset }));
  const robots = useLive(selectRobots);
  const narrow = (part: Partial<typeof filter>) => {
    setOffset(0);
    setFilter({ ...filter, ...part });
  };
  const any = { value: "", label: t("common.all") };
  return (
    <Box className="page">
      <Group justify="space-between" mb="md" align="flex-end">
        <Text component="h1" size="xl" fw={700}>
          {t("tasks.title")}
        </Text>
        <Group gap="xs" align="flex-end">
          <NativeSelect
            label={t("tasks.filter.status")}
            size="xs"
            data={[any, ...STATUSES.map((value) => ({ value, label: word("taskStatus", value) }))]}
            value={filter.status}
            onChange={(event) => narrow({ status: event.currentTarget.value })}
          />
          <NativeSelect
            label={t("tasks.filter.category")}
            size="xs"
            data={[any, ...CATEGORIES.map((value) => ({ value, label: word("category", value) }))]}
            value={filter.category}
            onChange={(event) => narrow({ category: event.currentTarget.value })}
          />
          <NativeSelect
            label={t("tasks.filter.robot")}
            size="xs"
            data={[any, ...[...robots.keys()].sort().map((value) => ({ value, label: value }))]}
            value={filter.robot}
            onChange={(event) => narrow({ robot: event.currentTarget.value })}
          />
        </Group>
      </Group>
      <ProgrammeList />
      {tasks.isPending && <Loader aria-label={t("app.loading")} />}
      {tasks.isError && <ProblemAlert error={tasks.error} onRetry={() => void tasks.refetch()} />}
      {tasks.data?.length === 0 && <Text c="dimmed">{t("tasks.noneFound")}</Text>}
      <ul className="rows boxed">
        {tasks.data?.map((task) => (
          <TaskRow key={task.booking.id} task={task} />
        ))}
      </ul>
      <Group mt="sm" justify="space-between">
        <Button
          variant="default"
          size="xs"
          disabled={offset === 0}
          onClick={() => setOffset(Math.max(0, offset - PAGE))}
        >
          {t("tasks.newer")}
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={(tasks.data?.length ?? 0) < PAGE}
          onClick={() => setOffset(offset + PAGE)}
        >
          {t("tasks.more")}
        </Button>
      </Group>
    </Box>
  );
}
