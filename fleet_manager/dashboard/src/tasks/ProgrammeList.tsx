/** Patrol programmes: what is promised, what was measured, and how many robots are on patrol. */
import { Badge, Text } from "@mantine/core";
import type { ProgrammeStanding } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectProgrammes, useLive } from "../live/LiveProvider";

const COLOURS: Record<ProgrammeStanding["status"], string> = {
  waiting: "gray",
  running: "blue",
  paused: "orange",
  over: "gray",
};

/** Minutes of seconds; a dash where nothing is known. */
function minutes(seconds: number | null): string {
  return seconds === null ? "–" : (seconds / 60).toFixed(0);
}

export function ProgrammeList() {
  const { t, word } = useI18n();
  const programmes = useLive(selectProgrammes);
  if (programmes.size === 0) return null;
  return (
    <ul className="rows boxed" data-testid="programmes" aria-label={t("programmes.title")}>
      {[...programmes.values()].map((each) => (
        <li key={each.id} className="row" data-testid={`programme-${each.id}`}>
          <Text component="div" size="sm" fw={600}>
            {each.name}{" "}
            <Badge color={COLOURS[each.status]} variant="light" className="status">
              {word("programmeStatus", each.status)}
            </Badge>
          </Text>
          <Text size="xs" c={each.broken > 0 ? "red" : "dimmed"}>
            {t("programmes.standing", {
              promised: minutes(each.promised_s),
              worst: minutes(each.measured_s),
              now: minutes(each.idle_s),
              robots: each.robots,
              planned: each.robots_planned,
            })}
          </Text>
        </li>
      ))}
    </ul>
  );
}
