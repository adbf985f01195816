/** Draws how doors, lifts and crossings are now: a sign above each, told apart by its shape too. */
import { SIGN_HALF_PX, SIGN_UP_PX, isShownAt, type PassageLook, type PassageShape } from "../passageShapes";
import type { Palette } from "../palette";
import type { Context, Pen } from "./pen";

/** The symbols as SVG paths about an origin, y down, 10 pixels wide: stroked. */
export const PASSAGE_SYMBOLS: Record<PassageLook, string> = {
  // Two leaves apart.
  open: "M-4 -4V4 M4 -4V4",
  changing: "M-1.6 -3.6L-4.4 0L-1.6 3.6 M1.6 -3.6L4.4 0L1.6 3.6",
  moving: "M-3 -1.6L0 -4.4L3 -1.6 M-3 1.6L0 4.4L3 1.6",
  closed: "M-4 0H4",
  broken: "M-3.4 -3.4L3.4 3.4 M3.4 -3.4L-3.4 3.4",
};

export function passageColour(look: PassageLook, palette: Palette): string {
  const colours: Record<PassageLook, string> = {
    open: palette.passageOpen,
    changing: palette.passageMoving,
    moving: palette.passageMoving,
    closed: palette.passage,
    broken: palette.closed,
  };
  return colours[look];
}

export function paintPassages(pen: Pen, passages: readonly PassageShape[]): void {
  for (const passage of passages) {
    if (!isShownAt(passage, pen.resolution)) continue;
    pen.atPixel(passage.at, (context) => drawPassage(context, passage, pen.scene.palette));
  }
}

/** Filled while a robot has it or it is out of order, else an outline; the number of those who wait at its corner. */
function drawPassage(context: Context, { look, level, held, waiting }: PassageShape, palette: Palette): void {
  const colour = passageColour(look, palette);
  const isFilled = held || look === "broken";
  const half = level ? SIGN_HALF_PX.wide : SIGN_HALF_PX.narrow;
  context.setLineDash([]);
  context.lineCap = "round";
  context.lineJoin = "round";
  stem(context, colour);
  context.translate(0, -SIGN_UP_PX);
  context.beginPath();
  context.roundRect(-half, -SIGN_HALF_PX.height, 2 * half, 2 * SIGN_HALF_PX.height, 4);
  context.fillStyle = isFilled ? colour : palette.robotEdge;
  context.fill();
  context.strokeStyle = isFilled ? palette.robotEdge : colour;
  context.lineWidth = 1.6;
  context.stroke();
  const ink = isFilled ? palette.robotEdge : colour;
  if (level) text(context, level, 7, 0.5, 10, ink);
  if (waiting > 0) count(context, waiting, half, palette);
  context.translate(level ? -9 : 0, 0);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.stroke(symbol(look));
}

const symbols = new Map<PassageLook, Path2D>();

function symbol(look: PassageLook): Path2D {
  const known = symbols.get(look) ?? new Path2D(PASSAGE_SYMBOLS[look]);
  symbols.set(look, known);
  return known;
}

/** From the sign down to what it is about. */
function stem(context: Context, colour: string): void {
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(0, SIGN_HALF_PX.height - SIGN_UP_PX);
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.stroke();
}

function count(context: Context, waiting: number, half: number, palette: Palette): void {
  context.beginPath();
  context.arc(half, -SIGN_HALF_PX.height + 1, 5.5, 0, 2 * Math.PI);
  context.fillStyle = palette.text;
  context.fill();
  text(context, String(waiting), half, -SIGN_HALF_PX.height + 1.5, 9, palette.robotEdge);
}

function text(context: Context, what: string, x: number, y: number, sizePx: number, colour: string): void {
  context.fillStyle = colour;
  context.font = `700 ${sizePx}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(what, x, y);
}
