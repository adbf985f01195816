/** Open incidents, most severe and newest first; new ones are spoken to screen readers. */
import { ActionIcon, Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { moveIncident } from "../api/commands";
import type { Incident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectIncidents, useFleetNow, useLive } from "../live/LiveProvider";
import { Icon } from "../ui/icons";
import { useNaming } from "../tasks/names";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";
import { openIncidents } from "./open";
import { SeverityBadge } from "./SeverityBadge";

interface Props {
  /** Bring its place into the middle of the map. */
  onShow: (incident: Incident) => void;
  /** Show all of it. */
  onOpen: (incident: Incident) => void;
}

function Row({ incident, onShow, onOpen }: Props & { incident: Incident }) {
  const { t, ago } = useI18n();
  const naming = useNaming();
  const nowS = useFleetNow(5_000);
  const { may } = usePerson();
  const notices = useNotices();
  const acknowledge = useMutation({
    mutationFn: () => moveIncident(incident.id, "acknowledge"),
    onError: notices.failed,
  });
  return (
    <li className="incident" data-testid={`incident-${incident.id}`} data-severity={incident.severity}>
      <div className="incident-text">
        <button type="button" className="link-title" data-testid={`open-${incident.id}`} onClick={() => onOpen(incident)}>
          {incident.title}
        </button>
        <Text size="xs" c="dimmed">
          <SeverityBadge severity={incident.severity} />{" "}
          {[incident.place && naming(incident.place), ago(Math.max(0, nowS - incident.raised_s))].filter(Boolean).join(" · ")}
        </Text>
      </div>
      {incident.acknowledged_by ? (
        <Text size="xs" c="dimmed">
          {t("incidents.acknowledged", { name: incident.acknowledged_by })}
        </Text>
      ) : (
        <Button
          size="compact-xs"
          variant="default"
          disabled={!may("incidents:handle")}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate()}
        >
          {t("incidents.acknowledge")}
        </Button>
      )}
      {incident.x_m !== null && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("incidents.show", { title: incident.title })}
          onClick={() => onShow(incident)}
        >
          <Icon name="map" />
        </ActionIcon>
      )}
    </li>
  );
}

export function IncidentStrip(props: Props) {
  const { t, word } = useI18n();
  const incidents = useLive(selectIncidents);
  const open = useMemo(() => openIncidents(incidents.values()), [incidents]);
  const worst = open.find(({ severity, acknowledged_by }) => severity >= 2 && !acknowledged_by);
  return (
    <section aria-label={t("incidents.title")} data-testid="incidents">
      <VisuallyHidden aria-live="assertive" role="alert">
        {worst &&
          t("incidents.alarm", { severity: word("severity", worst.severity), title: worst.title })}
      </VisuallyHidden>
      {open.length > 0 && (
        <div className="incidents">
          <Group gap={6} px="sm" pt={6} className="incidents-title">
            <Icon name="alarm" size={16} />
            <Text size="sm" fw={700}>
              {t("incidents.title")} ({open.length})
            </Text>
          </Group>
          <ul className="rows">
            {open.map((incident) => (
              <Row key={incident.id} incident={incident} {...props} />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
