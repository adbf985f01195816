/** The heat map's own panel: over how many hours, what the discs mean, where robots waited longest. */
import { Button, Group, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import type { WaitedAt } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import type { CampusModel } from "../map/campusModel";
import { labelOf } from "../map/search";
import { LEGEND_MINUTES, waitingColour, waitingRadiusPx } from "../map/waitingScale";

export const WAITING_HOURS = [1, 6, 24] as const;
const MOST_LISTED = 3;
const MOST_NAMED = 2;
const SIZE_PX = 60;

interface Props {
  waits: readonly WaitedAt[];
  hours: number;
  onHours: (hours: number) => void;
  model: CampusModel;
  onShow: (place: WaitedAt) => void;
}

export function WaitingPanel({ waits, hours, onHours, model, onShow }: Props) {
  const { t, number } = useI18n();
  const placeOf = (waypoint: string) => {
    const feature = model.get(waypoint);
    return feature ? labelOf(feature) : waypoint;
  };
  const minutesOf = (seconds: number) => number(seconds / 60, seconds < 600 ? 1 : 0);
  return (
    <Paper component="section" className="waiting-panel" data-testid="waiting" aria-label={t("waiting.title")} shadow="md" p="xs" withBorder>
      <Stack gap={6}>
        <Group justify="space-between" gap={8} wrap="nowrap">
          <Text size="sm" fw={700}>
            {t("waiting.title")}
          </Text>
          <SegmentedControl
            size="xs"
            aria-label={t("waiting.hours")}
            data-testid="waiting-hours"
            data={WAITING_HOURS.map((value) => ({ value: String(value), label: t("waiting.hoursOf", { hours: value }) }))}
            value={String(hours)}
            onChange={(value) => onHours(Number(value))}
          />
        </Group>
        <div className="waiting-legend" role="img" aria-label={t("waiting.legend")} title={t("waiting.legend")}>
          {LEGEND_MINUTES.map((minutes) => (
            <span key={minutes}>
              <svg className="map-heat" width={SIZE_PX} height={SIZE_PX - 6} aria-hidden="true">
                <circle cx={SIZE_PX / 2} cy={SIZE_PX / 2 - 3} r={waitingRadiusPx(minutes * 60)} fill={waitingColour(minutes * 60)} />
              </svg>
              {t("waiting.minutes", { minutes })}
            </span>
          ))}
        </div>
        {waits.length === 0 ? (
          <Text size="xs" c="dimmed">
            {t("waiting.none")}
          </Text>
        ) : (
          <Stack gap={2} role="group" aria-label={t("waiting.longest")}>
            {waits.slice(0, MOST_LISTED).map((each) => (
              <Button key={each.waypoint} size="compact-xs" variant="subtle" justify="flex-start" className="waiting-place" onClick={() => onShow(each)}>
                {t("waiting.at", {
                  place: placeOf(each.waypoint),
                  minutes: minutesOf(each.waited_s),
                  robots: each.robots,
                  behind: Object.keys(each.behind).slice(0, MOST_NAMED).join(", ") || "–",
                })}
              </Button>
            ))}
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}
