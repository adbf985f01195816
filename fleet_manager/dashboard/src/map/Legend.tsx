/** What the colours, lines and signs of the map mean. */
import { Text } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { PASSAGE_SYMBOLS, passageColour } from "./paint/passages";
import { ASSET_LOOKS } from "./paint/signs";
import type { PassageLook } from "./passageShapes";
import { KIND_COLOURS, PALETTES, type Scheme } from "./palette";

function Entry({ swatch, sign = "", children }: { swatch: CSSProperties; sign?: ReactNode; children: ReactNode }) {
  return (
    <li className="legend-entry">
      <span className="swatch" style={swatch} aria-hidden="true">
        {sign}
      </span>
      {children}
    </li>
  );
}

const area = (colour: string): CSSProperties => ({ background: `${colour}55`, border: `2px solid ${colour}` });
const hatched = (colour: string): CSSProperties => ({
  background: `repeating-linear-gradient(45deg, ${colour}99 0 2px, transparent 2px 5px)`,
  border: `2px solid ${colour}`,
});
const line = (colour: string, style: "solid" | "dashed"): CSSProperties => ({ height: 0, borderTop: `3px ${style} ${colour}` });
const sign = (colour: string, round = false): CSSProperties => ({
  background: colour, width: 16, height: 16, borderRadius: round ? "50%" : 2, color: "#fff",
  fontSize: 10, fontWeight: 700, display: "grid", placeItems: "center",
});

/** The sign of a passage; filled as while a robot has it. */
function PassageEntry({ look, colour, paper, held = false, children }: { look: PassageLook; colour: string; paper: string; held?: boolean; children: ReactNode }) {
  const swatch = { width: 16, height: 16, borderRadius: 4, border: `2px solid ${colour}`, background: held ? colour : paper, boxSizing: "border-box" } as const;
  return (
    <Entry
      swatch={swatch}
      sign={
        <svg width="12" height="12" viewBox="-6 -6 12 12" style={{ display: "block" }}>
          <path d={PASSAGE_SYMBOLS[look]} fill="none" stroke={held ? paper : colour} strokeWidth="2" strokeLinecap="round" />
        </svg>
      }
    >
      {children}
    </Entry>
  );
}

const PASSAGE_LOOKS = ["open", "changing", "moving", "closed", "broken"] as const;

export function Legend({ scheme }: { scheme: Scheme }) {
  const { t, word } = useI18n();
  const palette = PALETTES[scheme];
  return (
    <div>
      <Text size="sm" fw={700} mt={4}>
        {t("map.legend.title")}
      </Text>
      <ul className="legend">
        {Object.entries(KIND_COLOURS).map(([kind, colour]) => (
          <Entry key={kind} swatch={sign(colour, true)}>
            {t("legend.robot", { kind: word("kind", kind) })}
          </Entry>
        ))}
        <Entry swatch={line(palette.route, "solid")}>{t("legend.released")}</Entry>
        <Entry swatch={line(palette.route, "dashed")}>{t("legend.planned")}</Entry>
        <Entry swatch={{}} sign={<svg width="22" height="14" style={{ display: "block" }}><path className="legend-waits" d="M2 7H19M13 2L19 7L13 12" /></svg>}>{t("legend.waits")}</Entry>
        <Entry swatch={{}} sign={<svg width="22" height="14" style={{ display: "block" }}><circle className="legend-obstacle" cx="11" cy="7" r="5" /></svg>}>{t("legend.obstacle")}</Entry>
        <Entry swatch={hatched(palette.closed)}>{t("legend.closed")}</Entry>
        <Entry swatch={{ border: `2px dashed ${palette.closed}` }}>{t("legend.scheduled")}</Entry>
        <Entry swatch={hatched(palette.slow)}>{t("legend.slow")}</Entry>
        <Entry swatch={hatched(palette.weather)}>{t("legend.weather")}</Entry>
        <Entry swatch={area(palette.clean)}>{t("legend.clean")}</Entry>
        <Entry swatch={area(palette.dirty)}>{t("legend.dirty")}</Entry>
        <Entry swatch={{ ...area(palette.watch), borderStyle: "dashed" }}>{t("legend.watch")}</Entry>
        <Entry swatch={hatched(palette.keepClear)}>{t("legend.keepClear")}</Entry>
        <Entry swatch={{ background: palette.bridge, border: `2px solid ${palette.bridgeEdge}` }}>{t("legend.bridge")}</Entry>
        <Entry swatch={{ background: palette.ramp, border: `1px solid ${palette.roadEdge}` }}>{t("legend.ramp")}</Entry>
        <Entry swatch={sign(palette.dock, true)}>{t("legend.dock")}</Entry>
        <Entry swatch={{ ...sign(palette.robotEdge, true), border: `2px solid ${palette.bay}` }}>{t("legend.bay")}</Entry>
        {Object.entries(ASSET_LOOKS).map(([kind, { colour, sign: letter }]) => (
          <Entry key={kind} swatch={sign(colour)} sign={letter}>
            {word("assetKind", kind)}
          </Entry>
        ))}
        <Entry swatch={sign(palette.camera, true)}>{t("legend.camera")}</Entry>
        <Entry swatch={sign(palette.station)} sign="≈">{t("legend.station")}</Entry>
        <Entry swatch={sign(palette.muster)}>{t("legend.muster")}</Entry>
        <Entry swatch={sign(palette.passage)} sign="⇅">{t("legend.lift")}</Entry>
        <Entry swatch={line(palette.passage, "solid")}>{t("legend.door")}</Entry>
        {PASSAGE_LOOKS.map((look) => (
          <PassageEntry key={look} look={look} colour={passageColour(look, palette)} paper={palette.robotEdge} held={look === "broken"}>
            {t(`legend.passage.${look}`)}
          </PassageEntry>
        ))}
        <PassageEntry look="open" colour={passageColour("open", palette)} paper={palette.robotEdge} held>
          {t("legend.passage.held")}
        </PassageEntry>
      </ul>
    </div>
  );
}
