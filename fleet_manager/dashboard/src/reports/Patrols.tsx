/** How long places went without a visit against what was promised: by sector and hour, and by place. */
import { Badge, Table, Text } from "@mantine/core";
import { clock, wallOf } from "../calendar/time";
import { useI18n } from "../i18n/I18nProvider";
import { useNaming } from "../tasks/names";
import type { Kept, PatrolReport, SectorHour } from "./reports";

/** How a promise was kept, in words for colours: the word also stands in the cell's label. */
function standing({ worst_s: worst, promise_s: promise, broken, kept }: Kept): "good" | "close" | "broken" {
  if (broken > 0 || !kept) return "broken";
  return worst > 0.8 * promise ? "close" : "good";
}

export function Patrols({ report, timezone }: { report: PatrolReport; timezone: string }) {
  const { t, number, dayName } = useI18n();
  const naming = useNaming();
  if (report.sites.length === 0) return <Text className="empty" c="dimmed">{t("reports.patrols.none")}</Text>;
  const hours = [...new Set(report.sectors.map(({ hour_s }) => hour_s))].sort((one, other) => one - other);
  const rows = new Map<string, Map<number, SectorHour>>();
  for (const each of report.sectors) {
    const key = `${each.programme}\n${each.sector ?? ""}`;
    rows.set(key, (rows.get(key) ?? new Map<number, SectorHour>()).set(each.hour_s, each));
  }
  const minutes = (seconds: number) => number(seconds / 60);
  return (
    <>
      <h2 className="part-title">{t("reports.patrols.hours")}</h2>
      <Text size="xs" c="dimmed">
        {t("reports.patrols.how")}
      </Text>
      <div className="wide" tabIndex={0} role="region" aria-label={t("reports.patrols.hours")}>
        <table className="heat" data-testid="patrol-heat">
          <thead>
            <tr>
              <th scope="col">{t("reports.sector")}</th>
              {hours.map((hour) => {
                const { day, minutes: at } = wallOf(hour, timezone);
                return (
                  <th key={hour} scope="col" title={`${dayName(day)} ${clock(at)}`}>
                    {clock(at).slice(0, 2)}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {[...rows].map(([key, byHour]) => {
              const [programme = "", sector = ""] = key.split("\n");
              return (
                <tr key={key}>
                  <th scope="row">
                    {sector ? naming(sector) : t("reports.patrols.elsewhere")} <span className="dim">{programme}</span>
                  </th>
                  {hours.map((hour) => {
                    const found = byHour.get(hour);
                    if (!found) return <td key={hour} />;
                    const state = standing(found);
                    const told = t("reports.patrols.cell", {
                      worst: minutes(found.worst_s), promise: minutes(found.promise_s), visits: found.visits, state: t(`reports.standing.${state}`),
                    });
                    return (
                      <td key={hour} data-standing={state} title={told} aria-label={told} className="figures">
                        {minutes(found.worst_s)}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <h2 className="part-title">{t("reports.patrols.sites")}</h2>
      <div className="wide">
        <Table withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("reports.place")}</Table.Th>
              <Table.Th>{t("reports.promise")}</Table.Th>
              <Table.Th>{t("reports.worst")}</Table.Th>
              <Table.Th>{t("reports.mean")}</Table.Th>
              <Table.Th>{t("reports.visits")}</Table.Th>
              <Table.Th>{t("reports.broken")}</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...report.sites].sort((one, other) => other.worst_s / other.promise_s - one.worst_s / one.promise_s).map((site) => (
              <Table.Tr key={`${site.programme} ${site.site}`} data-testid={`site-${site.site}`}>
                <Table.Th scope="row">{naming(site.site)}</Table.Th>
                <Table.Td className="figures">{minutes(site.promise_s)} min</Table.Td>
                <Table.Td className="figures">{minutes(site.worst_s)} min</Table.Td>
                <Table.Td className="figures">{minutes(site.mean_s)} min</Table.Td>
                <Table.Td className="figures">{number(site.visits)}</Table.Td>
                <Table.Td className="figures">{number(site.broken)}</Table.Td>
                <Table.Td>
                  <Badge className="status" variant="light" color={{ good: "teal", close: "yellow", broken: "red" }[standing(site)]}>
                    {t(`reports.standing.${standing(site)}`)}
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
