/** What the map holds, in numbers. */
import { Text } from "@mantine/core";
import { useMemo } from "react";
import { useI18n } from "../i18n/I18nProvider";
import type { CampusModel } from "../map/campusModel";
import { COUNTED, factsOfMap } from "./mapFacts";

export function Facts({ model, note }: { model: CampusModel; note: string }) {
  const { t, number } = useI18n();
  const facts = useMemo(() => factsOfMap(model), [model]);
  const rows = [
    ...(facts.areaKm2 === null ? [] : [{ label: t("facts.area"), value: `${number(facts.areaKm2, 2)} km²` }]),
    { label: t("facts.levels"), value: number(facts.levels) },
    { label: t("facts.multiStorey"), value: number(facts.multiStorey) },
    { label: t("facts.laneKm"), value: `${number(facts.laneKm, 1)} km` },
    { label: t("facts.docks"), value: number(facts.docks) },
    { label: t("facts.bays"), value: number(facts.bays) },
    ...COUNTED.map((kind) => ({ label: t(`facts.${kind}`), value: number(facts.counts.get(kind) ?? 0) })),
  ];
  return (
    <>
      <dl className="map-facts" data-testid="map-facts">
        {rows.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
      {note && (
        <Text size="xs" c="dimmed" px="sm" pb="xs">
          {note}
        </Text>
      )}
    </>
  );
}
