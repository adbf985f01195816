/** Which layers the map shows, and what its signs mean. */
import { ActionIcon, Checkbox, Popover, ScrollArea, Stack, Text } from "@mantine/core";
import { memo } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { Icon } from "../ui/icons";
import { OPTIONAL_LAYERS, type Layers, type OptionalLayer } from "./layers";
import { Legend } from "./Legend";
import type { Scheme } from "./palette";

interface Props {
  layers: Layers;
  onToggle: (layer: OptionalLayer) => void;
  scheme: Scheme;
}

export const LayerPanel = memo(function LayerPanel({ layers, onToggle, scheme }: Props) {
  const { t } = useI18n();
  return (
    <Popover position="left-start" shadow="md" withinPortal trapFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size="lg"
          data-testid="layers-open"
          aria-label={t("map.legend")}
          title={t("map.legend")}
        >
          <Icon name="layers" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ScrollArea.Autosize mah="min(70dvh, 620px)" type="auto" offsetScrollbars>
          <Stack gap={6} role="group" aria-label={t("map.layers")}>
            <Text size="sm" fw={700}>
              {t("map.layers")}
            </Text>
            {OPTIONAL_LAYERS.map((layer) => (
              <Checkbox
                key={layer}
                size="xs"
                data-testid={`layer-${layer}`}
                label={t(`layer.${layer}`)}
                checked={layers.has(layer)}
                onChange={() => onToggle(layer)}
              />
            ))}
            <Legend scheme={scheme} />
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
});
