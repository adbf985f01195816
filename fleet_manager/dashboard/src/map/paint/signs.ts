/** The small signs of the map: what each stands for, and its drawing in CSS pixels about an origin. */
import type { MapFeature } from "../campusModel";
import type { Palette } from "../palette";
import type { Context } from "./pen";

const FONT = "system-ui, sans-serif";

export const ASSET_LOOKS: Record<string, { colour: string; sign: string }> = {
  extinguisher: { colour: "#c92a2a", sign: "E" },
  hydrant: { colour: "#1864ab", sign: "H" },
  exit: { colour: "#2b8a3e", sign: "X" },
  aed: { colour: "#087f5b", sign: "♥" },
  electrical_panel: { colour: "#b35c00", sign: "⚡" },
};
const OTHER_ASSET = { colour: "#5f3dc4", sign: "•" };

/** How large a sign is: the farther away, the smaller; null: not drawn. */
export type SignSize = "full" | "small" | null;

export function sizeAt(resolution: number, full: number, small: number): SignSize {
  if (resolution < full) return "full";
  return resolution < small ? "small" : null;
}

export function drawAsset(pen: Context, { properties }: MapFeature, size: SignSize, palette: Palette): void {
  const { colour, sign } = ASSET_LOOKS[properties.kind ?? ""] ?? OTHER_ASSET;
  const half = size === "full" ? 6.5 : 2.5;
  square(pen, half, colour, palette.robotEdge, size === "full" ? 1.5 : 0.8);
  if (size === "full") letter(pen, sign, 10);
}

export function drawCamera(pen: Context, { properties }: MapFeature, size: SignSize, palette: Palette): void {
  const radius = size === "full" ? 6 : 3;
  disc(pen, radius, palette.camera, palette.robotEdge);
  if (size !== "full") return;
  const angle = (-(properties.heading_deg ?? 0) * Math.PI) / 180;
  pen.save();
  pen.rotate(angle);
  pen.fillStyle = palette.robotEdge;
  pen.beginPath();
  pen.moveTo(4, 0);
  pen.lineTo(-2.4, 3);
  pen.lineTo(-2.4, -3);
  pen.closePath();
  pen.fill();
  pen.restore();
}

export function drawStation(pen: Context, { properties }: MapFeature, size: SignSize, palette: Palette): void {
  const half = size === "full" ? 6.5 : 3;
  hexagon(pen, half + 0.8, palette.station, palette.robotEdge);
  const measures = properties["measures"];
  if (size === "full") letter(pen, Array.isArray(measures) && measures.includes("heat") ? "°" : "≈", 12, palette.robotEdge);
}

export function drawMuster(pen: Context, size: SignSize, palette: Palette): void {
  const half = size === "full" ? 8 : 4;
  square(pen, half, palette.muster, palette.robotEdge, 1.5);
  if (size === "full") arrowsInward(pen, half, palette.robotEdge);
}

export function drawLift(pen: Context, palette: Palette): void {
  square(pen, 7, palette.passage, palette.robotEdge, 1.2);
  letter(pen, "⇅", 11, palette.robotEdge);
}

export function drawEntrance(pen: Context, palette: Palette): void {
  pen.beginPath();
  pen.moveTo(0, -5);
  pen.lineTo(4.6, 3.6);
  pen.lineTo(-4.6, 3.6);
  pen.closePath();
  filled(pen, palette.passage, palette.robotEdge, 1.2);
}

export function drawDock(pen: Context, size: SignSize, palette: Palette): void {
  disc(pen, size === "full" ? 6 : 2.6, palette.dock, palette.robotEdge);
  if (size !== "full") return;
  pen.fillStyle = palette.robotEdge;
  pen.beginPath();
  [[1, -4.2], [-2.6, 0.7], [-0.2, 0.7], [-1, 4.2], [2.6, -0.9], [0.2, -0.9]].forEach(([x = 0, y = 0], index) =>
    index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y),
  );
  pen.closePath();
  pen.fill();
}

/** A bay: an open ring; a named place, which people know, is filled. */
export function drawBay(pen: Context, named: boolean, size: SignSize, palette: Palette): void {
  if (named) disc(pen, size === "full" ? 4.2 : 2.6, palette.bay, palette.robotEdge);
  else disc(pen, size === "full" ? 3.4 : 2, palette.robotEdge, palette.bay);
}

function filled(pen: Context, colour: string, edge: string, width: number): void {
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = edge;
  pen.lineWidth = width;
  pen.stroke();
}

function square(pen: Context, half: number, colour: string, edge: string, width: number): void {
  pen.beginPath();
  pen.rect(-half, -half, 2 * half, 2 * half);
  filled(pen, colour, edge, width);
}

function disc(pen: Context, radius: number, colour: string, edge: string): void {
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
  filled(pen, colour, edge, 1.2);
}

function hexagon(pen: Context, radius: number, colour: string, edge: string): void {
  pen.beginPath();
  for (let corner = 0; corner < 6; corner += 1) {
    const angle = (corner * Math.PI) / 3;
    pen.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  pen.closePath();
  filled(pen, colour, edge, 1.2);
}

/** The sign of assembly points: arrows from the corners to the middle. */
function arrowsInward(pen: Context, half: number, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const [x, y] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
    pen.moveTo(x * (half - 2.4), y * (half - 2.4));
    pen.lineTo(x * 1.8, y * 1.8);
    pen.moveTo(x * 4.6, y * 1.6);
    pen.lineTo(x * 1.6, y * 1.6);
    pen.lineTo(x * 1.6, y * 4.6);
  }
  pen.stroke();
}

function letter(pen: Context, text: string, sizePx: number, colour = "#ffffff"): void {
  pen.fillStyle = colour;
  pen.font = `700 ${sizePx}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, 0, 0.5);
}
