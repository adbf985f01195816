/** The names of the map: placed once a resolution, each painted once and then stamped on tiles. */
import { LABEL_HEIGHT_PX, candidates, placed, type Label, type LabelStyle } from "./labels";
import type { Pen, Scene } from "./paint/pen";
import type { Palette } from "./palette";
import { PICTURE } from "./tiles";

const FAMILY = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Malgun Gothic", sans-serif';
const FONTS: Record<LabelStyle, string> = {
  part: `700 20px ${FAMILY}`,
  building: `650 11.5px ${FAMILY}`,
  place: `500 11px ${FAMILY}`,
  zone: `500 10.5px ${FAMILY}`,
  sign: `500 10.5px ${FAMILY}`,
};
const HALO_PX = 3;
const MOST_SPRITES = 1_500;

interface Sprite {
  picture: HTMLCanvasElement;
  /** CSS pixels. */
  widthPx: number;
  heightPx: number;
}

interface Shown extends Label {
  widthPx: number;
}

export class LabelBook {
  #scene: Scene | null = null;
  #labels: readonly Shown[] = [];
  #placedFor: readonly unknown[] = [];
  #pixelRatio = 1;
  #sprites = new Map<string, Sprite>();
  #widths = new Map<string, number>();
  readonly #ruler = document.createElement("canvas").getContext("2d");

  /** Choose the names of a scene at a resolution. */
  place(scene: Scene, resolution: number, pixelRatio: number): void {
    if (scene.palette !== this.#scene?.palette || pixelRatio !== this.#pixelRatio) this.#sprites.clear();
    this.#scene = scene;
    this.#pixelRatio = pixelRatio;
    const wanted = [scene.model, scene.level, scene.layers, resolution];
    if (wanted.every((part, index) => part === this.#placedFor[index])) return;
    this.#placedFor = wanted;
    const all = candidates(scene.model, scene.level, scene.layers, resolution);
    this.#labels = placed(all, resolution, (text, style) => this.#width(text, style)).map((label) => ({
      ...label,
      widthPx: this.#width(label.text, label.style) + 2 * HALO_PX,
    }));
  }

  /** Stamp the names that reach into a canvas. */
  paint({ extent, resolution, scene, atPixel }: Pen): void {
    const [west, south, east, north] = extent;
    for (const label of this.#labels) {
      const { at, widthPx, downPx } = label;
      const half = (widthPx / 2) * resolution;
      if (at[0] + half < west || at[0] - half > east) continue;
      const middle = at[1] - downPx * resolution;
      if (middle + 16 * resolution < south || middle - 16 * resolution > north) continue;
      const sprite = this.#sprite(label, scene.palette);
      // Whole pixels, so that letters stay sharp, and the same ones in two tiles side by side.
      const left = Math.floor(sprite.picture.width / 2) / this.#pixelRatio;
      const top = Math.floor(sprite.picture.height / 2) / this.#pixelRatio;
      const down = Math.round(downPx * this.#pixelRatio) / this.#pixelRatio;
      atPixel(at, (context) =>
        context.drawImage(
          sprite.picture,
          -left,
          down - top,
          sprite.picture.width / this.#pixelRatio,
          sprite.picture.height / this.#pixelRatio,
        ),
      );
    }
  }

  #width(text: string, style: LabelStyle): number {
    const key = `${style} ${text}`;
    let width = this.#widths.get(key);
    if (width === undefined && this.#ruler) {
      this.#ruler.font = FONTS[style];
      width = this.#ruler.measureText(text).width;
      this.#widths.set(key, width);
    }
    return width ?? 0;
  }

  #sprite({ text, style, widthPx: width }: Shown, palette: Palette): Sprite {
    const key = `${style} ${text}`;
    const known = this.#sprites.get(key);
    if (known) return known;
    if (this.#sprites.size > MOST_SPRITES) this.#sprites.clear();
    const widthPx = Math.ceil(width);
    const heightPx = LABEL_HEIGHT_PX[style] + 2 * HALO_PX;
    const picture = document.createElement("canvas");
    picture.width = Math.ceil(widthPx * this.#pixelRatio);
    picture.height = Math.ceil(heightPx * this.#pixelRatio);
    const pen = picture.getContext("2d", { ...PICTURE, alpha: true });
    if (pen) {
      pen.scale(this.#pixelRatio, this.#pixelRatio);
      pen.font = FONTS[style];
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      pen.lineWidth = HALO_PX;
      pen.strokeStyle = palette.halo;
      pen.strokeText(text, widthPx / 2, heightPx / 2);
      pen.fillStyle = style === "part" ? palette.part : palette.text;
      pen.fillText(text, widthPx / 2, heightPx / 2);
    }
    const sprite = { picture, widthPx, heightPx };
    this.#sprites.set(key, sprite);
    return sprite;
  }
}
