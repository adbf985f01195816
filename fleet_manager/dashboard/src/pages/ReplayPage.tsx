/** Replay: any past period on the map. */
import { Alert, Group, Loader, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../api/client";
import { campusQuery, robotsQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";
import { selectClockKnown, useFleetNow, useLive } from "../live/LiveProvider";
import { PeriodChooser } from "../reports/PeriodChooser";
import { presetPeriod, type Period, type Preset } from "../reports/period";
import { Player } from "../replay/Player";
import { loadTape, type Recorded } from "../replay/tape";
import { ProblemAlert } from "../ui/problems";

const recordedQuery = queryOptions({
  queryKey: ["replay"],
  queryFn: ({ signal }) => request<Recorded>("/replay", { signal }),
});

const tapeQuery = (period: Period, robots: number) =>
  queryOptions({
    queryKey: ["replay", period.fromS, period.toS, robots],
    queryFn: ({ signal }) => loadTape(period, robots, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

export default function ReplayPage() {
  const { t } = useI18n();
  return useLive(selectClockKnown) ? <Replay /> : <Loader m="md" aria-label={t("app.loading")} />;
}

function Replay() {
  const { t, time } = useI18n();
  const nowS = useFleetNow(60_000);
  const campus = useQuery(campusQuery);
  const robots = useQuery(robotsQuery);
  const recorded = useQuery(recordedQuery);
  const timezone = campus.data?.campus.timezone ?? "UTC";
  const [chosen, setChosen] = useState<{ period: Period; preset: Preset | "any" } | null>(null);
  const [first] = useState(() => ({ period: presetPeriod("hour", nowS, timezone), preset: "hour" as const }));
  const { period, preset } = chosen ?? first;
  const tape = useQuery({ ...tapeQuery(period, robots.data?.length ?? 0), enabled: robots.isSuccess });
  const failed = [campus, robots, recorded, tape].find(({ isError }) => isError);
  const empty = tape.data && tape.data.robots.size === 0;
  return (
    <div className="replay-page">
      <Group justify="space-between" align="flex-end" p="sm">
        <div>
          <h1 className="page-title">{t("nav.replay")}</h1>
          {recorded.data?.tracks_from_s != null && (
            <Text size="xs" c="dimmed">
              {t("replay.kept", { time: time(recorded.data.tracks_from_s) })}
            </Text>
          )}
        </div>
        {campus.data && <PeriodChooser period={period} preset={preset} timezone={timezone} nowS={nowS} onChange={(next, how) => setChosen({ period: next, preset: how })} />}
      </Group>
      {failed && <ProblemAlert error={failed.error} onRetry={() => void failed.refetch()} />}
      {!failed && tape.isPending && (
        <Group p="md" gap="sm">
          <Loader size="sm" aria-label={t("app.loading")} />
          <Text size="sm">{t("replay.loading")}</Text>
        </Group>
      )}
      {empty && <Alert m="sm" color="gray" title={t("replay.none")} data-testid="replay-none" />}
      {tape.data && !empty && <Player tape={tape.data} timezone={timezone} />}
    </div>
  );
}
