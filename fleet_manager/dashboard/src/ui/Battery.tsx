/** A battery as a small bar with its percentage. */
import { Group, Progress, Text } from "@mantine/core";
import { useI18n } from "../i18n/I18nProvider";

function batteryColour(fraction: number): string {
  if (fraction < 0.15) return "red";
  return fraction < 0.3 ? "orange" : "teal";
}

/** @param fraction - 0 to 1; null while it is not known. */
export function Battery({
  name,
  fraction,
  charging,
}: {
  name: string;
  fraction: number | null;
  charging: boolean;
}) {
  const { t, percent } = useI18n();
  if (fraction === null) {
    return (
      <Text size="xs" miw={72} c="dimmed">
        {t("common.none")}
      </Text>
    );
  }
  const text = percent(fraction);
  return (
    <Group gap={5} wrap="nowrap" miw={72}>
      <Progress
        aria-label={t("robot.batteryOf", { name, percent: text })}
        value={fraction * 100}
        color={batteryColour(fraction)}
        w={28}
        size="md"
        transitionDuration={0}
        radius="sm"
        striped={charging}
      />
      <Text size="xs" className="figures" title={charging ? t("robot.charging") : undefined}>
        {text}
        {charging ? " ⚡" : ""}
      </Text>
    </Group>
  );
}
