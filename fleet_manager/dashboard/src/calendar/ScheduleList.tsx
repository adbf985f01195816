/** All schedules: when each comes next, what it leaves out, and whether it runs at all. */
import { Badge, Button, Group, Switch, Text } from "@mantine/core";
import { useI18n } from "../i18n/I18nProvider";
import { movesWith, type Schedule } from "./calendar";

interface Props {
  schedules: readonly Schedule[];
  mayPlan: boolean;
  busy: boolean;
  onChange: (schedule: Schedule, change: Partial<Schedule>) => void;
}

export function ScheduleList({ schedules, mayPlan, busy, onChange }: Props) {
  const { t, word, time } = useI18n();
  return (
    <section aria-label={t("calendar.schedules")}>
      <h2 className="part-title">{t("calendar.schedules")}</h2>
      <ul className="rows boxed">
        {schedules.map((schedule) => {
          const { id, name, rrule, exceptions, moves, enabled, next_run_s: next, request } = schedule;
          const skipped = moves.filter(({ to }) => to === null);
          return (
            <li key={id} className="row admin-row" data-testid={`schedule-${id}`}>
              <div className="admin-what">
                <Text size="sm" fw={600}>
                  {name}
                </Text>
                <Text size="xs" c="dimmed">
                  {[
                    word("category", request.category),
                    next === null ? t("calendar.never") : t("calendar.next", { time: time(next) }),
                    rrule,
                    exceptions.length > 0 && t("calendar.exceptions", { days: exceptions.join(", ") }),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </Text>
                {skipped.length > 0 && (
                  <Group gap={6} mt={4}>
                    {skipped.map(({ at }) => (
                      <Badge key={at} variant="light" color="gray" className="status">
                        {t("calendar.skipped", { time: at.replace("T", " ").slice(0, 16) })}
                        {mayPlan && (
                          <Button
                            size="compact-xs"
                            variant="transparent"
                            disabled={busy}
                            onClick={() => onChange(schedule, { moves: movesWith(schedule, at, undefined) })}
                          >
                            {t("calendar.undoMove")}
                          </Button>
                        )}
                      </Badge>
                    ))}
                  </Group>
                )}
              </div>
              <Switch
                size="sm"
                data-testid={`enabled-${id}`}
                label={t("calendar.enabled")}
                aria-label={`${t("calendar.enabled")}: ${name}`}
                checked={enabled}
                disabled={!mayPlan || busy}
                onChange={(event) => onChange(schedule, { enabled: event.currentTarget.checked })}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
