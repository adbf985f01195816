/** The names of the map, drawn over routes and under robots; each is painted once and then moved. */
import type { FrameState } from "ol/Map";
import ViewHint from "ol/ViewHint";
import Layer from "ol/layer/Layer";
import { LABEL_HEIGHT_PX, candidates, placed, type Label, type LabelStyle } from "./labels";
import type { Scene } from "./paint/pen";
import type { Palette } from "./palette";

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
  widthPx: number;
  heightPx: number;
}

export class LabelLayer extends Layer {
  #scene: Scene | null = null;
  #labels: readonly Label[] = [];
  #placedFor: readonly unknown[] = [];
  #sprites = new Map<string, Sprite>();
  #widths = new Map<string, number>();
  readonly #ruler = document.createElement("canvas").getContext("2d");

  constructor() {
    super({});
  }

  setScene(scene: Scene): void {
    if (scene.palette !== this.#scene?.palette) this.#sprites.clear();
    this.#scene = scene;
    this.changed();
  }

  override render(frameState: FrameState | null, target: HTMLElement | null): HTMLElement | null {
    const canvas = target?.firstElementChild;
    const pen = canvas instanceof HTMLCanvasElement ? canvas.getContext("2d") : null;
    if (!frameState || !pen || !target || !this.#scene) return null;
    this.rendered = true;
    const { viewState, size, pixelRatio, viewHints } = frameState;
    const zooming = (viewHints[ViewHint.ANIMATING] ?? 0) > 0 && this.#labels.length > 0;
    if (!zooming) this.#place(viewState.resolution);
    const [x = 0, y = 0] = viewState.center;
    const scale = pixelRatio / viewState.resolution;
    const [width = 0, height = 0] = size.map((side) => side * pixelRatio);
    // The same rounding as the tiles beneath, so that names do not tremble against them.
    const west = Math.round(x * scale - width / 2);
    const north = Math.round(-y * scale - height / 2);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (const label of this.#labels) {
      const middle = Math.round(label.at[0] * scale) - west;
      const top = Math.round(-label.at[1] * scale + label.downPx * pixelRatio) - north;
      if (middle < -200 * pixelRatio || top < -30 || middle > width + 200 * pixelRatio || top > height + 30) continue;
      const { picture } = this.#sprite(label, this.#scene.palette, pixelRatio);
      pen.drawImage(picture, middle - (picture.width >> 1), top - (picture.height >> 1));
    }
    return target;
  }

  #place(resolution: number): void {
    const scene = this.#scene;
    if (!scene) return;
    const wanted = [scene.model, scene.level, scene.layers, resolution];
    if (wanted.every((part, index) => part === this.#placedFor[index])) return;
    this.#placedFor = wanted;
    const all = candidates(scene.model, scene.level, scene.layers, resolution);
    this.#labels = placed(all, resolution, (text, style) => this.#width(text, style));
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

  #sprite({ text, style }: Label, palette: Palette, pixelRatio: number): Sprite {
    const key = `${pixelRatio} ${style} ${text}`;
    const known = this.#sprites.get(key);
    if (known) return known;
    if (this.#sprites.size > MOST_SPRITES) this.#sprites.clear();
    const widthPx = Math.ceil(this.#width(text, style)) + 2 * HALO_PX;
    const heightPx = LABEL_HEIGHT_PX[style] + 2 * HALO_PX;
    const picture = document.createElement("canvas");
    picture.width = Math.ceil(widthPx * pixelRatio);
    picture.height = Math.ceil(heightPx * pixelRatio);
    const pen = picture.getContext("2d");
    if (pen) {
      pen.scale(pixelRatio, pixelRatio);
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
