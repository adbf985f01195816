/** One occurrence: what became of it, or when it is to come instead. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { TaskStatusBadge } from "../ui/StatusBadge";
import { movesWith, type Occurrence, type Schedule } from "./calendar";
import { shiftedRule } from "./rule";
import { readWall, unixOf, wallOf, written, type Wall } from "./time";

interface Props {
  occurrence: Occurrence;
  schedule: Schedule | undefined;
  /** Time zone of the calendar. */
  timezone: string;
  /** To where it was dragged, in the calendar's time zone. */
  to: Wall | null;
  mayPlan: boolean;
  busy: boolean;
  /** Change its schedule. */
  onChange: (schedule: Schedule, change: Partial<Schedule>) => void;
  onClose: () => void;
}

export function OccurrenceDialog({ onClose, ...rest }: Props) {
  const { t } = useI18n();
  return (
    <Modal opened onClose={onClose} centered title={rest.occurrence.name} closeButtonProps={{ "aria-label": t("common.close") }}>
      <Body {...rest} onClose={onClose} />
    </Modal>
  );
}

function Body({ occurrence, schedule, timezone, to, mayPlan, busy, onChange, onClose }: Props) {
  const { t, word, time } = useI18n();
  const { due_s: dueS, at, outcome, why, task_id: task, task_status: status, moved } = occurrence;
  const [wanted, setWanted] = useState(written(to ?? wallOf(dueS, timezone)).slice(0, 16));
  const wall = readWall(wanted);
  const here = wallOf(dueS, timezone);
  const changed = wall !== null && (wall.day !== here.day || wall.minutes !== here.minutes);
  const plannable = mayPlan && at !== null && schedule !== undefined;
  // Times of a schedule are in its own time zone.
  const ofSchedule = wall && schedule ? wallOf(unixOf(wall, timezone), schedule.timezone) : null;
  const planned = at === null ? null : readWall(at);
  const rule =
    plannable && changed && ofSchedule && planned && ofSchedule.day === planned.day && !moved
      ? shiftedRule(schedule.rrule, at, ofSchedule.minutes)
      : null;
  return (
    <Stack gap="sm" data-testid="occurrence-dialog">
      <Text size="sm">
        {[word("category", occurrence.category), time(dueS), moved && at && t("calendar.movedFrom", { time: at.replace("T", " ").slice(0, 16) })]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {outcome === "passed_over" && (
        <Alert color="orange" title={t("calendar.passed_over")}>
          {why}
        </Alert>
      )}
      {outcome === "ran" && (
        <Group gap="xs">
          {status && <TaskStatusBadge status={status} />}
          <Text size="sm">{task}</Text>
        </Group>
      )}
      {schedule && (
        <Text size="xs" c="dimmed">
          {t("calendar.rule", { rule: schedule.rrule, timezone: schedule.timezone })}
        </Text>
      )}
      {plannable && (
        <>
          <TextInput
            type="datetime-local"
            data-testid="move-to"
            label={t("calendar.moveTo", { timezone })}
            value={wanted}
            step={60}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          <Group gap="xs" justify="flex-end">
            {moved && (
              <Button size="xs" variant="default" data-testid="move-undo" loading={busy} onClick={() => onChange(schedule, { moves: movesWith(schedule, at, undefined) })}>
                {t("calendar.undoMove")}
              </Button>
            )}
            <Button size="xs" variant="default" color="red" data-testid="move-skip" loading={busy} onClick={() => onChange(schedule, { moves: movesWith(schedule, at, null) })}>
              {t("calendar.skip")}
            </Button>
            {rule && (
              <Button size="xs" variant="default" data-testid="move-all" loading={busy} onClick={() => onChange(schedule, { rrule: rule })}>
                {t("calendar.moveAll")}
              </Button>
            )}
            <Button
              size="xs"
              data-testid="move-one"
              disabled={!changed || !ofSchedule}
              loading={busy}
              onClick={() => ofSchedule && onChange(schedule, { moves: movesWith(schedule, at, written(ofSchedule)) })}
            >
              {t("calendar.moveOne")}
            </Button>
          </Group>
        </>
      )}
      {!plannable && (
        <Group justify="flex-end">
          <Button size="xs" variant="default" onClick={onClose}>
            {t("common.close")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
