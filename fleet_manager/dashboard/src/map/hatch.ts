/** Diagonal hatching for areas that are closed or to be kept clear. */

const patterns = new Map<string, CanvasPattern | string>();

/** A fill of diagonal stripes; the plain colour where canvas patterns are missing. */
export function hatch(colour: string): CanvasPattern | string {
  const known = patterns.get(colour);
  if (known) return known;
  const made = draw(colour) ?? colour;
  patterns.set(colour, made);
  return made;
}

function draw(colour: string): CanvasPattern | null {
  const side = 8;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift, side);
    pen.lineTo(shift + side, 0);
  }
  pen.stroke();
  return pen.createPattern(canvas, "repeat");
}
