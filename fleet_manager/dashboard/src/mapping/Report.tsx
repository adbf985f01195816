/** What validation says of the map in use, grouped by check; a click shows where. */
import { Alert, Badge, Group, Loader, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { validationQuery } from "../api/queries";
import type { Finding } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import type { CampusModel } from "../map/campusModel";
import { ProblemAlert } from "../ui/problems";
import { factsOfMap } from "./mapFacts";
import { groupsOf, type FindingGroup } from "./findings";

/** So many of a group are listed at first. */
const SHOWN = 20;

interface Props {
  model: CampusModel;
  chosen: Finding | null;
  onChoose: (finding: Finding) => void;
}

export function Report({ model, chosen, onChoose }: Props) {
  const { t, number } = useI18n();
  const report = useQuery(validationQuery);
  if (report.isPending) {
    return (
      <Group p="md" gap="sm">
        <Loader size="sm" aria-label={t("report.checking")} />
        <Text size="sm">{t("report.checking")}</Text>
      </Group>
    );
  }
  if (report.isError) return <ProblemAlert error={report.error} onRetry={() => void report.refetch()} />;
  const { findings, version, took_s: tookS, count } = report.data;
  const what = {
    version, seconds: number(tookS, 1),
    features: number(model.features.length),
    area: number(factsOfMap(model).areaKm2 ?? 0, 2),
  };
  return (
    <div data-testid="report" data-findings={count} data-version={version}>
      {count === 0 ? (
        <Alert color="teal" title={t("report.fine")} data-testid="report-fine">
          {t("report.fine.text", what)}
        </Alert>
      ) : (
        <Text size="sm" p="xs">
          {t("report.summary", { count, ...what })}
        </Text>
      )}
      <Findings findings={findings} chosen={chosen} onChoose={onChoose} />
    </div>
  );
}

interface FindingsProps {
  findings: readonly Finding[];
  chosen?: Finding | null;
  onChoose?: (finding: Finding) => void;
}

/** Findings of any map, also of one that is not in use. */
export function Findings({ findings, chosen = null, onChoose }: FindingsProps) {
  const groups = useMemo(() => groupsOf(findings), [findings]);
  return (
    <>
      {groups.map((group) => (
        <CheckGroup key={group.check} group={group} chosen={chosen} {...(onChoose ? { onChoose } : {})} />
      ))}
    </>
  );
}

function CheckGroup({ group, chosen = null, onChoose }: { group: FindingGroup } & Omit<FindingsProps, "findings">) {
  const { t, word } = useI18n();
  const [all, setAll] = useState(false);
  const shown = all ? group.findings : group.findings.slice(0, SHOWN);
  return (
    <section className="finding-group" data-testid={`check-${group.check}`}>
      <Group gap={8} className="list-title">
        <Text component="h3" fw={700} size="sm" m={0}>
          {word("check", group.check)}
        </Text>
        <Badge size="sm" className="status" variant="filled" autoContrast color={group.severity === "error" ? "red.8" : "yellow"}>
          {t(`finding.${group.severity}`)} · {group.findings.length}
        </Badge>
      </Group>
      <ul className="rows">
        {shown.map((finding, index) => (
          <li key={`${finding.subject} ${index}`}>
            <UnstyledButton
              className="row"
              data-testid="finding"
              aria-pressed={finding === chosen}
              disabled={!onChoose}
              onClick={() => onChoose?.(finding)}
            >
              <Text size="sm">{finding.problem}</Text>
              <Text size="xs" c="dimmed">
                {finding.subject} · {t("problem.remedy", { remedy: finding.remedy })}
              </Text>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {group.findings.length > shown.length && (
        <button type="button" className="link more" onClick={() => setAll(true)}>
          {t("report.more", { count: group.findings.length - shown.length })}
        </button>
      )}
    </section>
  );
}
