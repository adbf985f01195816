/** The inspection ledger, response times, and what robots did with their time and energy. */
import { Badge, Table, Text } from "@mantine/core";
import { useI18n } from "../i18n/I18nProvider";
import { SeverityBadge } from "../incidents/SeverityBadge";
import { STATUSES, type InspectionReport, type ResponseReport, type RobotUsed, type Spread, type UtilisationReport } from "./reports";

const STANDING = { in_time: "teal", overdue: "red", never: "orange" } as const;

export function Inspections({ report }: { report: InspectionReport }) {
  const { t, word, time } = useI18n();
  const worst = { overdue: 0, never: 1, in_time: 2 } as const;
  return (
    <>
      <h2 className="part-title">{t("reports.inspections.looks")}</h2>
      {report.inspections.length === 0 && <Text c="dimmed" size="sm">{t("reports.inspections.none")}</Text>}
      <div className="wide">
        <Table withTableBorder data-testid="inspection-looks">
          <Table.Thead>
            <Table.Tr>
              {(["reports.time", "feature.asset", "reports.result", "incident.robot", "incident.task", "reports.evidence"] as const).map((key) => (
                <Table.Th key={key}>{t(key)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.inspections.map(({ asset, name, time_s: at, result, robot, task, evidence }) => (
              <Table.Tr key={`${asset} ${at}`}>
                <Table.Td>{time(at)}</Table.Td>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{word("inspection", result)}</Table.Td>
                <Table.Td>{robot}</Table.Td>
                <Table.Td>{task}</Table.Td>
                <Table.Td className="evidence">{Object.entries(evidence).map(([key, value]) => `${key}: ${String(value)}`).join(", ")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <h2 className="part-title">{t("reports.inspections.due")}</h2>
      <div className="wide">
        <Table withTableBorder data-testid="inspection-due">
          <Table.Thead>
            <Table.Tr>
              {(["feature.asset", "fact.kind", "fact.inspected", "fact.due"] as const).map((key) => (
                <Table.Th key={key}>{t(key)}</Table.Th>
              ))}
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...report.assets].sort((one, other) => worst[one.standing] - worst[other.standing] || (one.due_s ?? 0) - (other.due_s ?? 0)).map((asset) => (
              <Table.Tr key={asset.asset}>
                <Table.Th scope="row">{asset.name}</Table.Th>
                <Table.Td>{word("assetKind", asset.kind)}</Table.Td>
                <Table.Td>{asset.last_inspected_s === null ? t("common.none") : time(asset.last_inspected_s)}</Table.Td>
                <Table.Td>{asset.due_s === null ? t("common.none") : time(asset.due_s)}</Table.Td>
                <Table.Td>
                  <Badge className="status" variant="light" color={STANDING[asset.standing]}>
                    {t(`reports.due.${asset.standing}`)}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function useSpread(): (spread: Spread) => string {
  const { t, duration } = useI18n();
  return ({ count, median_s: median, p90_s: p90, worst_s: worst }) =>
    count === 0 || median === null || p90 === null || worst === null
      ? t("common.none")
      : t("reports.spread", { median: duration(median), p90: duration(p90), worst: duration(worst) });
}

export function Responses({ report }: { report: ResponseReport }) {
  const { t, word, time, number, duration } = useI18n();
  const spread = useSpread();
  const after = (seconds: number | null) => (seconds === null ? t("common.none") : duration(seconds));
  return (
    <>
      <h2 className="part-title">{t("reports.responses.severities")}</h2>
      <Text size="xs" c="dimmed">
        {t("reports.responses.how")}
      </Text>
      <div className="wide">
        <Table withTableBorder data-testid="response-severities">
          <Table.Thead>
            <Table.Tr>
              {(["incident.raise.severity", "reports.count", "reports.falseAlarms", "incidentStatus.acknowledged", "incidentStatus.resolved"] as const).map((key) => (
                <Table.Th key={key}>{t(key)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.severities.map((each) => (
              <Table.Tr key={each.severity}>
                <Table.Th scope="row">
                  <SeverityBadge severity={each.severity} />
                </Table.Th>
                <Table.Td className="figures">{number(each.count)}</Table.Td>
                <Table.Td className="figures">{number(each.false_alarms)}</Table.Td>
                <Table.Td>{spread(each.acknowledged)}</Table.Td>
                <Table.Td>{spread(each.closed)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Text size="sm" mt="xs">
        {t("reports.responses.arrival", { spread: spread(report.arrival) })}
      </Text>
      <h2 className="part-title">{t("nav.incidents")}</h2>
      {report.incidents.length === 0 && <Text c="dimmed" size="sm">{t("reports.responses.none")}</Text>}
      <div className="wide">
        <Table withTableBorder>
          <Table.Tbody>
            {report.incidents.map((each) => (
              <Table.Tr key={each.incident}>
                <Table.Td>{time(each.raised_s)}</Table.Td>
                <Table.Td>
                  <SeverityBadge severity={each.severity} />
                </Table.Td>
                <Table.Th scope="row">{each.title}</Table.Th>
                <Table.Td>{word("incidentStatus", each.status)}</Table.Td>
                <Table.Td>{t("reports.responses.acknowledged", { duration: after(each.acknowledged_after_s) })}</Table.Td>
                <Table.Td>{t("reports.responses.closed", { duration: after(each.closed_after_s) })}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function Shares({ robot }: { robot: RobotUsed }) {
  const { t, word, percent } = useI18n();
  const whole = STATUSES.reduce((sum, status) => sum + robot[`${status}_s`], 0) || 1;
  const shares = STATUSES.map((status) => ({ status, share: robot[`${status}_s`] / whole })).filter(({ share }) => share > 0.0005);
  const name = (status: (typeof STATUSES)[number]) => (status === "unknown" ? t("reports.unknown") : word("robotStatus", status));
  return (
    <div className="shares" role="img" aria-label={shares.map(({ status, share }) => `${name(status)} ${percent(share)}`).join(", ")}>
      {shares.map(({ status, share }) => (
        <span key={status} data-status={status} style={{ width: `${share * 100}%` }} title={`${name(status)} ${percent(share)}`} />
      ))}
    </div>
  );
}

export function Utilisation({ report }: { report: UtilisationReport }) {
  const { t, word, number, percent } = useI18n();
  return (
    <>
      <h2 className="part-title">{t("reports.utilisation.title")}</h2>
      <div className="share-legend">
        {STATUSES.map((status) => (
          <span key={status}>
            <i data-status={status} /> {status === "unknown" ? t("reports.unknown") : word("robotStatus", status)}
          </span>
        ))}
      </div>
      <div className="wide">
        <Table withTableBorder data-testid="utilisation">
          <Table.Thead>
            <Table.Tr>
              {(["incident.robot", "reports.time", "reports.atWork", "reports.tasks", "reports.driven", "reports.drawn", "reports.charged"] as const).map((key) => (
                <Table.Th key={key}>{t(key)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.robots.map((robot) => {
              const whole = STATUSES.reduce((sum, status) => sum + robot[`${status}_s`], 0) || 1;
              return (
                <Table.Tr key={robot.robot}>
                  <Table.Th scope="row">{robot.robot}</Table.Th>
                  <Table.Td miw={160}>
                    <Shares robot={robot} />
                  </Table.Td>
                  <Table.Td className="figures">{percent(Math.min(1, robot.with_task_s / whole))}</Table.Td>
                  <Table.Td className="figures">{number(robot.tasks_completed)}</Table.Td>
                  <Table.Td className="figures">{number(robot.distance_m / 1000, 2)} km</Table.Td>
                  <Table.Td className="figures">{number(robot.drawn_wh)} Wh</Table.Td>
                  <Table.Td className="figures">{number(robot.charged_wh)} Wh</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
