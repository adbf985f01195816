/** How bad an incident is, as a coloured word. */
import { Badge } from "@mantine/core";
import type { Incident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";

const COLOURS = ["blue", "yellow", "#b83a08", "red.9"] as const;

export function SeverityBadge({ severity }: { severity: Incident["severity"] }) {
  const { word } = useI18n();
  return (
    <Badge size="sm" color={COLOURS[severity]} variant="filled" autoContrast className="status">
      {word("severity", severity)}
    </Badge>
  );
}
