/** OpenLayers styles of the campus: one function a class of feature of docs/map-format.md. */
import type { FeatureLike } from "ol/Feature";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { CampusProperties } from "../api/types";
import { hatch } from "./hatch";
import { mix, type Palette } from "./palette";

const FONT = "system-ui, sans-serif";
/** Metres a pixel above which places and assets are only specks. */
const DETAIL_RESOLUTION = 0.42;
const NAMES_RESOLUTION = 0.75;

const withAlpha = (hex: string, alpha: number): string =>
  hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

export function labelText(
  text: string,
  palette: Palette,
  options: { size?: number; weight?: number; offsetY?: number; colour?: string; overflow?: boolean },
): Text {
  const { size = 11, weight = 500, offsetY = 0, colour = palette.text, overflow = false } = options;
  return new Text({
    text,
    font: `${weight} ${size}px ${FONT}`,
    offsetY,
    overflow,
    fill: new Fill({ color: colour }),
    stroke: new Stroke({ color: palette.halo, width: 3 }),
  });
}

/** What an obstacle is made of; the map format does not say, but ids usually do. */
export function obstacleMaterial(id: string): "water" | "trees" | "wall" {
  if (/canal|pond|lake|river|water|fountain/i.test(id)) return "water";
  if (/grove|tree|bed|hedge|lawn|green|garden|wood/i.test(id)) return "trees";
  return "wall";
}

export function groundStyle(feature: FeatureLike, palette: Palette): Style {
  if (feature.get("feature") === "boundary") {
    return new Style({
      fill: new Fill({ color: palette.land }),
      stroke: new Stroke({ color: palette.landEdge, width: 2 }),
      zIndex: 0,
    });
  }
  const material = obstacleMaterial(String(feature.getId()));
  return new Style({ fill: new Fill({ color: palette[material] }), zIndex: 1 });
}

export function buildingStyle(feature: FeatureLike, resolution: number, palette: Palette): Style {
  const name = feature.get("name") as string | undefined;
  const style = new Style({
    fill: new Fill({ color: palette.building }),
    stroke: new Stroke({ color: palette.buildingEdge, width: 1.5 }),
  });
  if (name && resolution < 1.6) {
    style.setText(labelText(name, palette, { size: resolution > 0.9 ? 10 : 12, weight: 650, overflow: true }));
  }
  return style;
}

/** A road's surface: as wide as it is and a little more, so that carriageways join. */
export function roadStyles(feature: FeatureLike, resolution: number, palette: Palette): Style[] {
  const lane = feature.getProperties() as CampusProperties;
  const widthPx = Math.max(2, ((lane.width_m ?? 2) + 1) / resolution);
  const bridge = typeof lane.resource === "string" && lane.resource.startsWith("bridge");
  const narrow = (lane.width_m ?? 2) < 2.5;
  const colour = bridge ? palette.bridge : narrow ? palette.path : palette.road;
  return [
    new Style({
      stroke: new Stroke({ color: palette.roadEdge, width: widthPx + 2, lineCap: "round" }),
      zIndex: bridge ? 2 : 0,
    }),
    new Style({
      stroke: new Stroke({ color: colour, width: widthPx, lineCap: "round" }),
      zIndex: bridge ? 3 : 1,
    }),
  ];
}

export function laneStyle(resolution: number, palette: Palette): Style {
  return new Style({
    stroke: new Stroke({
      color: withAlpha(palette.lane, resolution > 1 ? 0.35 : 0.6),
      width: resolution < 0.2 ? 1.5 : 0.8,
    }),
  });
}

/** Tint of a zone: from dirty to clean, by its clean fraction (0 to 1) where it is known. */
export function zoneColour(
  purpose: string | undefined,
  cleanFraction: number | null | undefined,
  palette: Palette,
): string {
  if (purpose === "closed") return palette.closed;
  if (purpose === "watch") return palette.watch;
  if (cleanFraction === null || cleanFraction === undefined) return palette.unknown;
  return mix(palette.dirty, palette.clean, cleanFraction);
}

export function zoneStyle(
  feature: FeatureLike,
  resolution: number,
  palette: Palette,
  cleanFraction: number | null | undefined,
): Style {
  const purpose = feature.get("purpose") as string | undefined;
  const colour = zoneColour(purpose, cleanFraction, palette);
  const fill =
    purpose === "closed" ? hatch(withAlpha(colour, 0.55)) : withAlpha(colour, purpose === "watch" ? 0.1 : 0.28);
  const style = new Style({
    fill: new Fill({ color: fill }),
    stroke: new Stroke({
      color: withAlpha(colour, 0.8),
      width: 1.3,
      ...(purpose === "watch" ? { lineDash: [5, 4] } : {}),
    }),
  });
  const name = feature.get("name") as string | undefined;
  if (name && resolution < DETAIL_RESOLUTION) {
    style.setText(labelText(name, palette, { size: 11, overflow: true, colour: palette.text }));
  }
  return style;
}

export function keepClearStyle(palette: Palette): Style {
  return new Style({
    fill: new Fill({ color: hatch(withAlpha(palette.keepClear, 0.5)) }),
    stroke: new Stroke({ color: withAlpha(palette.keepClear, 0.7), width: 1 }),
  });
}

const ASSET_LOOKS: Record<string, { colour: string; points: number; sign: string }> = {
  extinguisher: { colour: "#c92a2a", points: 4, sign: "E" },
  hydrant: { colour: "#1864ab", points: 4, sign: "H" },
  exit: { colour: "#2b8a3e", points: 4, sign: "X" },
  aed: { colour: "#087f5b", points: 4, sign: "♥" },
  electrical_panel: { colour: "#b35c00", points: 4, sign: "⚡" },
};

export function assetStyle(feature: FeatureLike, resolution: number, palette: Palette): Style {
  const look = ASSET_LOOKS[String(feature.get("kind"))] ?? { colour: "#5f3dc4", points: 4, sign: "•" };
  const near = resolution < DETAIL_RESOLUTION;
  const style = new Style({
    image: new RegularShape({
      points: look.points,
      angle: Math.PI / 4,
      radius: near ? 8.5 : resolution > 0.9 ? 2.8 : 4.2,
      fill: new Fill({ color: look.colour }),
      stroke: new Stroke({ color: palette.robotEdge, width: near ? 1.5 : 0.8 }),
      declutterMode: "none",
    }),
  });
  if (near) {
    style.setText(
      new Text({
        text: look.sign,
        font: `700 10px ${FONT}`,
        fill: new Fill({ color: "#ffffff" }),
        declutterMode: "none",
      }),
    );
  }
  return style;
}

export function placeStyle(feature: FeatureLike, resolution: number, palette: Palette): Style[] {
  const { role, name } = feature.getProperties() as CampusProperties;
  if (role !== "bay" && role !== "dock") return [];
  const near = resolution < DETAIL_RESOLUTION;
  if (!name && role === "bay" && resolution > 0.3) return [];
  const colour = role === "dock" ? palette.dock : palette.bay;
  const style = new Style({
    image: new CircleStyle({
      radius: name ? (resolution > 0.9 ? 2.6 : 4) : near ? 3 : 2,
      fill: new Fill({ color: name ? colour : withAlpha(colour, 0.35) }),
      stroke: new Stroke({ color: name ? palette.robotEdge : colour, width: 1.2 }),
      declutterMode: "none",
    }),
    zIndex: name ? 2 : 1,
  });
  if (name && resolution < NAMES_RESOLUTION) {
    style.setText(labelText(name, palette, { offsetY: -11, size: 11 }));
  }
  return [style];
}
