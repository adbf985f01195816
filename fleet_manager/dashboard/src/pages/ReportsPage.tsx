/** Reports on any period: on the screen, printed, or as a table for a spreadsheet. */
import { Anchor, Button, Group, Loader, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useI18n } from "../i18n/I18nProvider";
import { selectClockKnown, useFleetNow, useLive } from "../live/LiveProvider";
import type { CampusModel } from "../map/campusModel";
import { useCampusModel } from "../map/useCampus";
import { Coverage } from "../reports/Coverage";
import { Inspections, Responses, Utilisation } from "../reports/Others";
import { Patrols } from "../reports/Patrols";
import { PeriodChooser } from "../reports/PeriodChooser";
import { presetPeriod, type Period, type Preset } from "../reports/period";
import { REPORTS, reportPath, reportQuery, type ReportName } from "../reports/reports";
import { ProblemAlert } from "../ui/problems";

/** A report, or why there is none. */
function Shown<Report>({ query, children }: { query: UseQueryResult<Report>; children: (report: Report) => ReactNode }) {
  const { t } = useI18n();
  if (query.isPending) return <Loader m="md" aria-label={t("app.loading")} />;
  if (query.isError) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  return <div aria-busy={query.isPlaceholderData}>{children(query.data)}</div>;
}

interface Props {
  period: Period;
  timezone: string;
  model: CampusModel;
}

function PatrolTab({ period, timezone }: Props) {
  return <Shown query={useQuery(reportQuery("patrols", period))}>{(report) => <Patrols report={report} timezone={timezone} />}</Shown>;
}

function CoverageTab({ period, model }: Props) {
  return <Shown query={useQuery(reportQuery("coverage", period))}>{(report) => <Coverage report={report} model={model} />}</Shown>;
}

function InspectionTab({ period }: Props) {
  return <Shown query={useQuery(reportQuery("inspections", period))}>{(report) => <Inspections report={report} />}</Shown>;
}

function ResponseTab({ period }: Props) {
  return <Shown query={useQuery(reportQuery("responses", period))}>{(report) => <Responses report={report} />}</Shown>;
}

function UtilisationTab({ period }: Props) {
  return <Shown query={useQuery(reportQuery("utilisation", period))}>{(report) => <Utilisation report={report} />}</Shown>;
}

const TABS = { patrols: PatrolTab, coverage: CoverageTab, inspections: InspectionTab, responses: ResponseTab, utilisation: UtilisationTab };

export default function ReportsPage() {
  const { t } = useI18n();
  const { query, model } = useCampusModel();
  const clockKnown = useLive(selectClockKnown);
  if (query.isError && !model) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  if (!model || !query.data || !clockKnown) return <Loader m="md" aria-label={t("app.loading")} />;
  return <ReportsOf model={model} timezone={query.data.campus.timezone || "UTC"} name={query.data.campus.name} />;
}

function ReportsOf({ model, timezone, name }: { model: CampusModel; timezone: string; name: string }) {
  const { t, time } = useI18n();
  const nowS = useFleetNow(60_000);
  const [{ period, preset }, setPeriod] = useState<{ period: Period; preset: Preset | "any" }>(() => ({ period: presetPeriod("day", nowS, timezone), preset: "day" }));
  const [tab, setTab] = useState<ReportName>("patrols");
  const Tab = TABS[tab];
  return (
    <div className="page report-page">
      <Group justify="space-between" align="flex-end" mb="xs">
        <h1 className="page-title">{t("nav.reports")}</h1>
        <Group gap="xs" align="flex-end">
          <PeriodChooser period={period} preset={preset} timezone={timezone} nowS={nowS} onChange={(next, how) => setPeriod({ period: next, preset: how })} />
          <Button size="xs" variant="default" className="no-print" data-testid="report-print" onClick={() => window.print()}>
            {t("reports.print")}
          </Button>
          <Anchor className="no-print" size="sm" href={reportPath(tab, period, true)} download data-testid="report-csv">
            {t("reports.csv")}
          </Anchor>
        </Group>
      </Group>
      <Text size="sm" data-testid="report-period">
        {t("reports.on", { name, from: time(period.fromS), until: time(period.toS), timezone })}
      </Text>
      <Tabs value={tab} onChange={(value) => value && setTab(value as ReportName)} keepMounted={false} mt="xs">
        <Tabs.List className="no-print">
          {REPORTS.map((each) => (
            <Tabs.Tab key={each} value={each} data-testid={`report-${each}`}>
              {t(`reports.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Tab period={period} timezone={timezone} model={model} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
