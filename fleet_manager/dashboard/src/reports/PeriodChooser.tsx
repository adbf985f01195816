/** Choosing a period: a few that are usual, or any. */
import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { wallOf, written } from "../calendar/time";
import { useI18n } from "../i18n/I18nProvider";
import { PRESETS, presetPeriod, typedPeriod, type Period, type Preset } from "./period";

interface Props {
  period: Period;
  preset: Preset | "any";
  timezone: string;
  nowS: number;
  onChange: (period: Period, preset: Preset | "any") => void;
}

export function PeriodChooser({ period, preset, timezone, nowS, onChange }: Props) {
  const { t } = useI18n();
  const asText = (unixS: number) => written(wallOf(unixS, timezone)).slice(0, 16);
  const [typed, setTyped] = useState({ from: asText(period.fromS), until: asText(period.toS) });
  const type = (next: typeof typed) => {
    setTyped(next);
    const read = typedPeriod(next.from, next.until, timezone);
    if (read) onChange(read, "any");
  };
  const wrong = preset === "any" && typedPeriod(typed.from, typed.until, timezone) === null;
  return (
    <Group gap="xs" align="flex-end" className="no-print">
      <NativeSelect
        size="xs"
        data-testid="period"
        label={t("period.label")}
        data={[...PRESETS, "any" as const].map((value) => ({ value, label: t(`period.${value}`) }))}
        value={preset}
        onChange={(event) => {
          const next = event.currentTarget.value as Preset | "any";
          if (next !== "any") onChange(presetPeriod(next, nowS, timezone), next);
          else {
            setTyped({ from: asText(period.fromS), until: asText(period.toS) });
            onChange(period, "any");
          }
        }}
      />
      {preset === "any" && (
        <>
          <TextInput
            size="xs"
            type="datetime-local"
            data-testid="period-from"
            label={t("period.from")}
            value={typed.from}
            error={wrong ? t("period.wrong") : null}
            onChange={(event) => type({ ...typed, from: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            type="datetime-local"
            data-testid="period-until"
            label={t("period.until")}
            value={typed.until}
            onChange={(event) => type({ ...typed, until: event.currentTarget.value })}
          />
        </>
      )}
    </Group>
  );
}
