/** One incident: what it is, where, what cameras saw, what was done, and what can be done now. */
import { Badge, Button, Group, Loader, Text } from "@mantine/core";
import { Suspense, lazy, useMemo, useState } from "react";
import type { Incident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { useFleetNow } from "../live/LiveProvider";
import type { Focus } from "../map/LiveMap";
import { useNaming } from "../tasks/names";
import { usePerson } from "../ui/Person";
import { isOpen } from "./open";
import { Pictures } from "./Pictures";
import { SeverityBadge } from "./SeverityBadge";
import { StepDialog, type AskedStep } from "./StepDialog";
import { useIncidentCommands } from "./useIncidents";

const LiveMap = lazy(() => import("../map/LiveMap"));
const NOTHING: readonly string[] = [];
const nowhere = () => {};

function Steps({ incident, names }: { incident: Incident; names: readonly string[] }) {
  const { t } = useI18n();
  const { may } = usePerson();
  const commands = useIncidentCommands();
  const [asked, setAsked] = useState<AskedStep | null>(null);
  if (!isOpen(incident) || !may("incidents:handle")) return null;
  const button = (step: AskedStep, words: "incident.assign" | "incident.resolve" | "incident.false") => (
    <Button size="sm" variant="default" data-testid={`incident-${step}`} onClick={() => setAsked(step)}>
      {t(words)}
    </Button>
  );
  return (
    <Group gap="xs" my="sm">
      {incident.status === "raised" && (
        <Button
          size="sm"
          data-testid="incident-acknowledge"
          loading={commands.busy}
          onClick={() => void commands.move(incident, "acknowledge")}
        >
          {t("incident.take")}
        </Button>
      )}
      {button("assign", "incident.assign")}
      {button("resolve", "incident.resolve")}
      {button("false_alarm", "incident.false")}
      {asked && <StepDialog incident={incident} step={asked} commands={commands} names={names} onClose={() => setAsked(null)} />}
    </Group>
  );
}

function Facts({ incident, onRobot }: { incident: Incident; onRobot: (robot: string) => void }) {
  const { t, time, percent, number } = useI18n();
  const { place, level, robot, task_id: task, stddev_m: stddev, score, seen_s: seen } = incident;
  const naming = useNaming();
  const where = [place && naming(place), level, stddev ? t("incident.within", { metres: number(2 * stddev, 1) }) : null].filter(Boolean).join(" · ");
  const facts: [Parameters<typeof t>[0], React.ReactNode][] = [
    ["incident.place", where],
    ["incident.robot", robot && <button type="button" className="link" onClick={() => onRobot(robot)}>{robot}</button>],
    ["incident.task", task],
    ["incident.looks", incident.assigned_to ?? incident.acknowledged_by],
    ["incident.sources", incident.sources.join(", ")],
    ["incident.sightings", incident.sightings > 0 ? number(incident.sightings) : null],
    ["incident.sure", score ? percent(score) : null],
    ["incident.seen", seen === null ? null : time(seen)],
  ];
  return (
    <dl className="facts">
      {facts.map(([key, value]) =>
        value ? (
          <div className="fact" key={key}>
            <dt>{t(key as "incident.place")}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

function Timeline({ incident }: { incident: Incident }) {
  const { t, word, time } = useI18n();
  const noted = incident.timeline.some(({ note }) => note === incident.note);
  return (
    <section aria-label={t("incident.timeline")}>
      <h3 className="part-title">{t("incident.timeline")}</h3>
      <ol className="timeline" data-testid="incident-timeline">
        {incident.timeline.map(({ time_s, status, by, note }, index) => (
          <li key={index}>
            <Text size="sm">
              <strong>{status === "raised" ? t("incident.raised") : word("incidentStatus", status)}</strong>
              {by && ` · ${by}`}
            </Text>
            <Text size="xs" c="dimmed">
              {time(time_s)}
            </Text>
            {(note || (index === 0 && !noted && incident.note)) && <Text size="sm">{note || incident.note}</Text>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Place({ incident }: { incident: Incident }) {
  const { t } = useI18n();
  const { x_m: x, y_m: y, level, severity } = incident;
  const focus = useMemo<Focus | null>(() => (x === null || y === null ? null : { point: [x, y], level }), [x, y, level]);
  const marks = useMemo(
    () => (x === null || y === null ? [] : [{ xy: [x, y] as [number, number], level, severity: severity >= 2 ? ("error" as const) : ("warning" as const) }]),
    [x, y, level, severity],
  );
  if (!focus) return null;
  return (
    <div className="place-map" data-testid="incident-map">
      <Suspense fallback={<Loader m="md" aria-label={t("map.loading")} />}>
        <LiveMap
          small
          selected={null}
          onSelect={nowhere}
          feature={null}
          onFeature={nowhere}
          pickKind={null}
          onPick={nowhere}
          highlighted={NOTHING}
          focus={focus}
          marks={marks}
        />
      </Suspense>
    </div>
  );
}

interface Props {
  incident: Incident;
  names: readonly string[];
  onRobot: (robot: string) => void;
}

export function IncidentDetails({ incident, names, onRobot }: Props) {
  const { word, ago } = useI18n();
  const nowS = useFleetNow(5_000);
  return (
    <article className="incident-details" data-testid="incident-details" data-status={incident.status}>
      <Group gap={8}>
        <SeverityBadge severity={incident.severity} />
        <Badge className="status" size="sm" variant="light" color={isOpen(incident) ? "orange" : "teal"}>
          {word("incidentStatus", incident.status)}
        </Badge>
        <Text size="xs" c="dimmed">
          {[word("incidentKind", incident.kind), incident.id, ago(Math.max(0, nowS - incident.raised_s))].join(" · ")}
        </Text>
      </Group>
      <h2 className="details-title">{incident.title}</h2>
      <Steps incident={incident} names={names} />
      <div className="incident-columns">
        <div>
          <Place incident={incident} />
          <Facts incident={incident} onRobot={onRobot} />
        </div>
        <div>
          {incident.pictures > 0 && <Pictures id={incident.id} count={incident.pictures} />}
          <Timeline incident={incident} />
        </div>
      </div>
    </article>
  );
}
