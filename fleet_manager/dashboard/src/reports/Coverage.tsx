/** Where robots were, as squares over the campus, and which zones were cleaned. */
import { NativeSelect, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { CampusModel } from "../map/campusModel";
import { useI18n } from "../i18n/I18nProvider";
import type { CoverageReport } from "./reports";

const SHADES = [0.25, 0.45, 0.65, 0.85, 1] as const;

function pathOf(rings: readonly number[][][]): string {
  return rings.map((ring) => `M${ring.map(([x = 0, y = 0]) => `${x} ${-y}`).join("L")}Z`).join("");
}

export function Coverage({ report, model }: { report: CoverageReport; model: CampusModel }) {
  const { t, number, time, percent } = useI18n();
  const [chosen, setLevel] = useState(model.ground);
  const here = report.levels.find(({ level }) => level === chosen)?.cells ?? [];
  const most = Math.max(1, ...here.map(([, , points]) => points));
  const [west, south, east, north] = model.extent;
  const shade = (points: number) => SHADES[Math.min(SHADES.length - 1, Math.floor((Math.log1p(points) / Math.log1p(most)) * SHADES.length))];
  return (
    <>
      <h2 className="part-title">{t("reports.coverage.map")}</h2>
      {model.levels.length > 1 && (
        <NativeSelect
          size="xs"
          w={200}
          className="no-print"
          label={t("fact.level")}
          data={model.levels.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={(event) => setLevel(event.currentTarget.value)}
        />
      )}
      <svg
        className="heat-map"
        data-testid="coverage-map"
        data-cells={here.length}
        role="img"
        aria-label={t("reports.coverage.label", { count: here.length, size: report.cell_m })}
        viewBox={`${west} ${-north} ${east - west} ${north - south}`}
      >
        {model.features.map(({ id, kind, geometry, levels }) =>
          (kind === "building" || kind === "boundary") && geometry.type === "Polygon" && levels.includes(chosen) ? (
            <path key={id} className={`heat-${kind}`} d={pathOf(geometry.coordinates)} fillRule="evenodd" />
          ) : null,
        )}
        {here.map(([column, row, points, robots, last]) => (
          <rect
            key={`${column} ${row}`}
            x={column * report.cell_m}
            y={-(row + 1) * report.cell_m}
            width={report.cell_m}
            height={report.cell_m}
            fill="#d6336c"
            fillOpacity={shade(points)}
          >
            <title>{t("reports.coverage.cell", { points, robots, time: time(last) })}</title>
          </rect>
        ))}
      </svg>
      <Text size="xs" c="dimmed">
        {t(here.length === 0 ? "reports.coverage.none" : "reports.coverage.how", { size: report.cell_m } as never)}
      </Text>
      <h2 className="part-title">{t("reports.coverage.zones")}</h2>
      <div className="wide">
        <Table withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("feature.zone")}</Table.Th>
              <Table.Th>{t("fact.area")}</Table.Th>
              <Table.Th>{t("reports.sweeps")}</Table.Th>
              <Table.Th>{t("reports.swept")}</Table.Th>
              <Table.Th>{t("reports.last")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.zones.map(({ zone, name, area_m2: area, sweeps, swept_m2: swept, last_s: last }) => (
              <Table.Tr key={zone}>
                <Table.Th scope="row">{name || zone}</Table.Th>
                <Table.Td className="figures">{number(area)} m²</Table.Td>
                <Table.Td className="figures">{number(sweeps)}</Table.Td>
                <Table.Td className="figures">
                  {number(swept)} m² ({percent(area > 0 ? swept / area : 0)})
                </Table.Td>
                <Table.Td>{last === null ? t("common.none") : time(last)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
