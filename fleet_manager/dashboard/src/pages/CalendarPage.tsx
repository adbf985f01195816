/** The calendar: what is planned and what ran, in the campus' time zone. */
import { Button, Group, Loader, SegmentedControl, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { campusQuery } from "../api/queries";
import { calendarQuery, changeSchedule, schedulesQuery, type Occurrence, type Schedule } from "../calendar/calendar";
import { Grid } from "../calendar/Grid";
import { OccurrenceDialog } from "../calendar/OccurrenceDialog";
import { ScheduleList } from "../calendar/ScheduleList";
import { addDays, mondayOf, unixOf, wallOf, type Wall } from "../calendar/time";
import { useI18n } from "../i18n/I18nProvider";
import { PHONE } from "../layout/media";
import { useFleetNow } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { ProblemAlert, useNotices } from "../ui/problems";

type View = "day" | "week";
const DAYS = { day: 1, week: 7 } as const;

export default function CalendarPage() {
  const { t } = useI18n();
  const campus = useQuery(campusQuery);
  if (campus.isPending) return <Loader m="md" aria-label={t("app.loading")} />;
  if (campus.isError) return <ProblemAlert error={campus.error} onRetry={() => void campus.refetch()} />;
  return <CalendarOf timezone={campus.data.campus?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone} />;
}

function CalendarOf({ timezone }: { timezone: string }) {
  const { t, dayName } = useI18n();
  const { may } = usePerson();
  const phone = useMediaQuery(PHONE) ?? false;
  const nowS = useFleetNow(15_000);
  const today = wallOf(nowS, timezone).day;
  const [chosenView, setView] = useState<View | null>(null);
  const view = chosenView ?? (phone ? "day" : "week");
  const [chosenDay, setDay] = useState<string | null>(null);
  const day = chosenDay ?? today;
  const days = useMemo(() => {
    const first = view === "week" ? mondayOf(day) : day;
    return Array.from({ length: DAYS[view] }, (_, index) => addDays(first, index));
  }, [view, day]);
  const fromS = unixOf({ day: days[0] ?? day, minutes: 0 }, timezone);
  const untilS = unixOf({ day: addDays(days.at(-1) ?? day, 1), minutes: 0 }, timezone);
  const calendar = useQuery(calendarQuery(fromS, untilS));
  const schedules = useQuery(schedulesQuery);
  const [opened, setOpened] = useState<{ occurrence: Occurrence; to: Wall | null } | null>(null);
  const { change, busy } = useScheduleChange(() => setOpened(null));
  const mayPlan = may("schedules:plan");

  return (
    <div className="page calendar-page">
      <Group justify="space-between" mb="xs">
        <h1 className="page-title">{t("nav.calendar")}</h1>
        <Group gap="xs">
          <Button.Group>
            <Button size="xs" variant="default" aria-label={t("calendar.earlier")} data-testid="calendar-earlier" onClick={() => setDay(addDays(day, -DAYS[view]))}>
              ‹
            </Button>
            <Button size="xs" variant="default" data-testid="calendar-today" onClick={() => setDay(null)}>
              {t("calendar.today")}
            </Button>
            <Button size="xs" variant="default" aria-label={t("calendar.later")} data-testid="calendar-later" onClick={() => setDay(addDays(day, DAYS[view]))}>
              ›
            </Button>
          </Button.Group>
          <SegmentedControl
            size="xs"
            aria-label={t("calendar.view")}
            data={[
              { value: "day", label: t("calendar.day") },
              { value: "week", label: t("calendar.week") },
            ]}
            value={view}
            onChange={(value) => setView(value as View)}
          />
        </Group>
      </Group>
      <Text size="xs" c="dimmed" mb="xs">
        {t("calendar.timezone", { timezone })} {mayPlan && !phone && t("calendar.drag")}
      </Text>
      {calendar.isPending && <Loader m="md" aria-label={t("app.loading")} />}
      {calendar.isError && <ProblemAlert error={calendar.error} onRetry={() => void calendar.refetch()} />}
      {calendar.data && (
        <>
          <Grid
            calendar={calendar.data}
            days={days}
            nowS={nowS}
            movable={mayPlan && !phone}
            onOpen={(occurrence) => setOpened({ occurrence, to: null })}
            onMove={(occurrence, to) => setOpened({ occurrence, to })}
          />
          {calendar.data.occurrences.length === 0 && (
            <Text className="empty" c="dimmed">
              {t("calendar.nothing", { from: dayName(days[0] ?? day), until: dayName(days.at(-1) ?? day) })}
            </Text>
          )}
          {!calendar.data.complete && (
            <Text size="sm" c="orange.9">
              {t("calendar.incomplete")}
            </Text>
          )}
        </>
      )}
      {schedules.isError && <ProblemAlert error={schedules.error} onRetry={() => void schedules.refetch()} />}
      {schedules.data && <ScheduleList schedules={schedules.data} mayPlan={mayPlan} busy={busy} onChange={change} />}
      {opened && (
        <OccurrenceDialog
          {...opened}
          schedule={schedules.data?.find(({ id }) => id === opened.occurrence.schedule)}
          timezone={timezone}
          mayPlan={mayPlan}
          busy={busy}
          onChange={change}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  );
}

/** Changes schedules; refusals are shown. */
function useScheduleChange(onDone: () => void) {
  const { t } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: ({ schedule, change }: { schedule: Schedule; change: Partial<Schedule> }) => changeSchedule(schedule, change),
    onSuccess: ({ name }) => {
      notices.done(t("calendar.changed", { name }));
      onDone();
    },
    onError: notices.failed,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["calendar"] });
      void queries.invalidateQueries({ queryKey: schedulesQuery.queryKey });
    },
  });
  return {
    busy: changing.isPending,
    change: (schedule: Schedule, change: Partial<Schedule>) => changing.mutate({ schedule, change }),
  };
}
