/** What the colours and lines of the map mean. */
import { Text } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { KIND_COLOURS, PALETTES, type Scheme } from "./palette";

function Entry({ swatch, children }: { swatch: CSSProperties; children: ReactNode }) {
  return (
    <li className="legend-entry">
      <span className="swatch" style={swatch} />
      {children}
    </li>
  );
}

export function Legend({ scheme }: { scheme: Scheme }) {
  const { t, word } = useI18n();
  const palette = PALETTES[scheme];
  const area = (colour: string): CSSProperties => ({
    background: `${colour}55`,
    border: `2px solid ${colour}`,
  });
  return (
    <div>
      <Text size="sm" fw={700} mt={4}>
        {t("legend.robots")}
      </Text>
      <ul className="legend">
        {Object.entries(KIND_COLOURS).map(([kind, colour]) => (
          <Entry key={kind} swatch={{ background: colour, borderRadius: "50%", width: 14 }}>
            {word("kind", kind)}
          </Entry>
        ))}
        <Entry swatch={{ height: 0, borderTop: `3px solid ${palette.route}` }}>
          {t("legend.released")}
        </Entry>
        <Entry swatch={{ height: 0, borderTop: `3px dashed ${palette.route}` }}>
          {t("legend.planned")}
        </Entry>
        <Entry swatch={area(palette.clean)}>{t("legend.clean")}</Entry>
        <Entry swatch={area(palette.dirty)}>{t("legend.dirty")}</Entry>
        <Entry swatch={{ ...area(palette.watch), borderStyle: "dashed" }}>{t("legend.watch")}</Entry>
        <Entry swatch={area(palette.closed)}>{t("legend.closed")}</Entry>
        <Entry swatch={area(palette.keepClear)}>{t("legend.keepClear")}</Entry>
      </ul>
    </div>
  );
}
