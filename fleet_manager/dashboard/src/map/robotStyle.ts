/** OpenLayers styles of robots: a disc with its heading as an arrow, its name below. */
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Palette } from "./palette";
import type { RobotLook } from "./robotLook";

const RADIUS_PX = 10;
const FONT = "600 11px system-ui, sans-serif";

/** A screen's clockwise rotation from north for a heading counter-clockwise from east. */
export function screenRotation(yawRad: number): number {
  return Math.PI / 2 - yawRad;
}

export interface RobotDrawing {
  name: string;
  look: RobotLook;
  yawRad: number;
  selected: boolean;
  /** Metres a pixel: discs shrink when the campus is seen from far. */
  resolution: number;
  /** Name of the level it is on, when that is not the one looked at; null: it is here. */
  elsewhere: string | null;
}

/** How much of a robot on another level shows through. */
const ELSEWHERE = 0.35;

function scaleAt(resolution: number): number {
  return Math.min(1.25, Math.max(0.7, 0.62 / Math.sqrt(resolution + 0.05)));
}

/** Everything drawn for one robot, bottom first. */
export function robotStyles(drawing: RobotDrawing, palette: Palette): Style[] {
  const { name, look, yawRad, selected, resolution, elsewhere } = drawing;
  const scale = scaleAt(resolution);
  const z = selected ? 20 : 10;
  const disc = new CircleStyle({
    radius: RADIUS_PX,
    fill: new Fill({ color: look.fill }),
    stroke: new Stroke({ color: look.ring ?? palette.robotEdge, width: look.ring ? 3 : 2 }),
    scale,
    // Names of others keep off it.
    declutterMode: "obstacle",
  });
  const arrow = new RegularShape({
    points: 3,
    radius: RADIUS_PX * 0.68,
    fill: new Fill({ color: "#ffffff" }),
    rotation: screenRotation(yawRad),
    rotateWithView: true,
    scale: [scale * 0.85, scale * 1.1],
    declutterMode: "none",
  });
  disc.setOpacity(look.opacity * (elsewhere === null ? 1 : ELSEWHERE));
  const text = elsewhere === null ? name : `${name} · ${elsewhere}`;
  const styles = [
    new Style({ image: disc, zIndex: z }),
    new Style({ image: arrow, zIndex: z + 1 }),
    new Style({ text: label(text, scale, selected, palette), zIndex: z }),
  ];
  if (selected) {
    const halo = new CircleStyle({
      radius: RADIUS_PX + 7,
      stroke: new Stroke({ color: palette.chosen, width: 3 }),
      scale,
      declutterMode: "none",
    });
    styles.unshift(new Style({ image: halo, zIndex: z - 1 }));
  }
  if (look.mark) styles.push(new Style({ text: markText(look, scale), zIndex: z + 2 }));
  return styles;
}

function label(name: string, scale: number, selected: boolean, palette: Palette): Text {
  return new Text({
    text: name.replaceAll("_", " "),
    font: FONT,
    offsetY: (RADIUS_PX + 9) * scale,
    fill: new Fill({ color: palette.text }),
    stroke: new Stroke({ color: palette.halo, width: 3 }),
    declutterMode: selected ? "obstacle" : "declutter",
  });
}

function markText(look: RobotLook, scale: number): Text {
  return new Text({
    text: look.mark,
    font: "700 10px system-ui, sans-serif",
    offsetX: RADIUS_PX * scale,
    offsetY: -RADIUS_PX * scale,
    fill: new Fill({ color: "#ffffff" }),
    backgroundFill: new Fill({ color: look.ring ?? look.fill }),
    padding: [0, 2, 0, 3],
    declutterMode: "none",
  });
}
