/** Incidents as a list to choose from: the open ones worst first, or all, newest first. */
import { Button, Group, Loader, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import type { Incident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { useFleetNow } from "../live/LiveProvider";
import { useNaming } from "../tasks/names";
import { ProblemAlert } from "../ui/problems";
import { isOpen, openIncidents } from "./open";
import { SeverityBadge } from "./SeverityBadge";
import type { useIncidents } from "./useIncidents";

const SERIOUS = 2;
/** From then on it is said that nobody has taken it. */
const WAITED_S = 60;

function Row({ incident, chosen, onChoose }: { incident: Incident; chosen: boolean; onChoose: () => void }) {
  const { t, word, ago, duration } = useI18n();
  const naming = useNaming();
  const nowS = useFleetNow(5_000);
  const ageS = Math.max(0, nowS - incident.raised_s);
  const waits = incident.status === "raised" && incident.severity >= SERIOUS && ageS >= WAITED_S;
  const who = incident.assigned_to ?? incident.acknowledged_by;
  return (
    <li>
      <button
        type="button"
        className="row"
        aria-pressed={chosen}
        data-testid={`incident-row-${incident.id}`}
        data-status={incident.status}
        onClick={onChoose}
      >
        <Group gap={8} wrap="nowrap" align="flex-start">
          <SeverityBadge severity={incident.severity} />
          <div className="incident-text">
            <Text size="sm" fw={isOpen(incident) ? 650 : 400} truncate>
              {incident.title}
            </Text>
            <Text size="xs" c="dimmed">
              {[word("incidentStatus", incident.status), who, incident.place && naming(incident.place), ago(ageS)].filter(Boolean).join(" · ")}
            </Text>
            {waits && (
              <Text size="xs" className="reason failed">
                {t("incident.waited", { duration: duration(ageS) })}
              </Text>
            )}
          </div>
        </Group>
      </button>
    </li>
  );
}

interface Props {
  incidents: ReturnType<typeof useIncidents>;
  chosen: string | null;
  onChoose: (id: string) => void;
}

export function IncidentList({ incidents: { all, past }, chosen, onChoose }: Props) {
  const { t } = useI18n();
  const [which, setWhich] = useState<"open" | "all">("open");
  const open = openIncidents(all);
  const shown = which === "open" ? open : all;
  return (
    <>
      <SegmentedControl
        fullWidth
        size="xs"
        m="sm"
        aria-label={t("nav.incidents")}
        data-testid="incident-which"
        data={[
          { value: "open", label: t("incident.list.open", { count: open.length }) },
          { value: "all", label: t("incident.list.all") },
        ]}
        value={which}
        onChange={(value) => setWhich(value as "open" | "all")}
      />
      {past.isPending && all.length === 0 && <Loader m="md" aria-label={t("app.loading")} />}
      {past.isError && <ProblemAlert error={past.error} onRetry={() => void past.refetch()} />}
      {past.isSuccess && shown.length === 0 && (
        <div className="empty" data-testid="incidents-none">
          <Text fw={600}>{t("incident.none")}</Text>
          <Text size="sm" c="dimmed">
            {t("incident.none.text")}
          </Text>
        </div>
      )}
      <ul className="rows">
        {shown.map((each) => (
          <Row key={each.id} incident={each} chosen={each.id === chosen} onChoose={() => onChoose(each.id)} />
        ))}
      </ul>
      {which === "all" && past.hasNextPage && (
        <Button size="xs" variant="default" m="sm" loading={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
          {t("incident.more")}
        </Button>
      )}
    </>
  );
}
