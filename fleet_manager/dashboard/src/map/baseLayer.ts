/**
 * The campus as one OpenLayers layer: painted once into tiles, which panning only moves.
 *
 * docs/decisions/0009-drawing-the-map.md tells what was measured.
 */
import type { FrameState } from "ol/Map";
import ViewHint from "ol/ViewHint";
import Layer from "ol/layer/Layer";
import { compose, create, toString } from "ol/transform";
import type { Extent } from "./campusModel";
import { paintScene } from "./paint/scene";
import type { Scene } from "./paint/pen";
import { TILE_PX, TileStore, extentOfTile, tilesOver, type TileAddress } from "./tiles";

/** Time for painting in one frame: little while the map moves, so that it moves smoothly. */
const MOVING_BUDGET_MS = 4;
const STILL_BUDGET_MS = 20;
const MOST_WHILE_MOVING = 2;
const MOST_TILES = 300;
/** Longer side of the picture of the whole campus that stands in for tiles to come. */
const OVERVIEW_PX = 1000;
const PREFETCH_AFTER_MS = 120;
const PREFETCH_BUDGET_MS = 8;

type Picture = HTMLCanvasElement;

/** Pixels of the canvas: where the view's upper left corner lies in metres, and their scale. */
interface Frame {
  pen: CanvasRenderingContext2D;
  extent: Extent;
  resolution: number;
  pixelRatio: number;
}

export class BaseLayer extends Layer {
  readonly #container = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #tiles = new TileStore<Picture>(MOST_TILES);
  #scene: Scene | null = null;
  #overview: { picture: Picture; extent: Extent } | null = null;
  #overviewStale = true;
  /** The resolution that tiles are painted at: that of the view when it last stood still. */
  #settled: number | null = null;
  #pixelRatio = 1;
  #prefetch: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super({});
    this.#container.className = this.getClassName();
    Object.assign(this.#container.style, { position: "absolute", width: "100%", height: "100%" });
    Object.assign(this.#canvas.style, { position: "absolute", left: "0", transformOrigin: "top left" });
    this.#container.append(this.#canvas);
  }

  /** Tiles that are kept, for tests and measurements. */
  get tileCount(): number {
    return this.#tiles.size;
  }

  /** Show a scene; what was painted stays on view until its place is painted anew. */
  setScene(scene: Scene): void {
    const before = this.#scene;
    this.#scene = scene;
    this.#overviewStale = true;
    if (before?.model !== scene.model || before.level !== scene.level) {
      this.#tiles.clear();
      this.#overview = null;
    } else {
      this.#tiles.outdate();
    }
    this.changed();
  }

  /** Take over a scene that differs inside the given extents only. */
  touchScene(scene: Scene, extents: readonly Extent[]): void {
    this.#scene = scene;
    if (extents.length === 0) return;
    this.#overviewStale = true;
    for (const extent of extents) this.#tiles.outdate(extent);
    this.changed();
  }

  override render(frameState: FrameState | null, _target: HTMLElement | null): HTMLElement | null {
    const pen = this.#canvas.getContext("2d");
    if (!frameState || !pen || !this.#scene) return null;
    this.rendered = true;
    clearTimeout(this.#prefetch);
    this.#fitCanvas(frameState);
    const { resolution } = frameState.viewState;
    const { pixelRatio } = frameState;
    const frame: Frame = { pen, extent: extentOfFrame(frameState), resolution, pixelRatio };
    if (pixelRatio !== this.#pixelRatio) this.#tiles.clear();
    this.#pixelRatio = pixelRatio;
    const moving = isMoving(frameState);
    if (!moving || this.#settled === null) this.#settled = resolution;

    const wanted = tilesOver(frame.extent, this.#settled);
    const complete = this.#paintMissing(wanted, moving);
    this.#draw(frame, wanted);
    if (!complete && (!moving || this.#settled === resolution)) frameState.animate = true;
    if (complete && !moving) this.#prefetchAround(frame.extent, this.#settled);
    return this.#container;
  }

  override disposeInternal(): void {
    clearTimeout(this.#prefetch);
    this.#tiles.clear();
    super.disposeInternal();
  }

  #fitCanvas({ size, pixelRatio }: FrameState): void {
    const width = Math.round((size[0] ?? 0) * pixelRatio);
    const height = Math.round((size[1] ?? 0) * pixelRatio);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    // As OpenLayers' own layers have it, so that those above draw into the same canvas.
    const transform = compose(
      create(), (size[0] ?? 0) / 2, (size[1] ?? 0) / 2, 1 / pixelRatio, 1 / pixelRatio, 0, -width / 2, -height / 2,
    );
    const text = toString(transform);
    if (this.#canvas.style.transform !== text) this.#canvas.style.transform = text;
  }

  /** Paint what is missing or out of date, as far as there is time; true when nothing is left. */
  #paintMissing(wanted: readonly TileAddress[], moving: boolean): boolean {
    if (!this.#overview || (this.#overviewStale && !moving)) this.#paintOverview();
    const began = performance.now();
    let painted = 0;
    for (const address of wanted) {
      const tile = this.#tiles.get(address);
      if (tile && !tile.stale) continue;
      const spent = performance.now() - began;
      if (moving && (painted >= MOST_WHILE_MOVING || spent > MOVING_BUDGET_MS)) return false;
      if (!moving && painted > 0 && spent > STILL_BUDGET_MS) return false;
      this.#paint(address);
      painted += 1;
    }
    return true;
  }

  #paint(address: TileAddress): void {
    if (!this.#scene) return;
    const side = Math.round(TILE_PX * this.#pixelRatio);
    const picture = this.#tiles.get(address)?.picture ?? newPicture(side, side);
    const pen = picture.getContext("2d");
    if (!pen) return;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = this.#scene.palette.around;
    pen.fillRect(0, 0, side, side);
    paintScene(pen, this.#scene, extentOfTile(address), address.resolution, this.#pixelRatio);
    this.#tiles.put(address, picture);
  }

  #paintOverview(): void {
    if (!this.#scene) return;
    const [west, south, east, north] = this.#scene.model.extent;
    const resolution = Math.max(east - west, north - south) / OVERVIEW_PX;
    const picture =
      this.#overview?.picture ??
      newPicture(Math.ceil((east - west) / resolution) + 8, Math.ceil((north - south) / resolution) + 8);
    const extent: Extent = [
      west - 4 * resolution,
      north + 4 * resolution - picture.height * resolution,
      west - 4 * resolution + picture.width * resolution,
      north + 4 * resolution,
    ];
    const pen = picture.getContext("2d");
    if (!pen) return;
    pen.fillStyle = this.#scene.palette.around;
    pen.fillRect(0, 0, picture.width, picture.height);
    paintScene(pen, this.#scene, extent, resolution, 1);
    this.#overview = { picture, extent };
    this.#overviewStale = false;
  }

  #draw(frame: Frame, wanted: readonly TileAddress[]): void {
    const { pen, extent, resolution, pixelRatio } = frame;
    const scale = pixelRatio / resolution;
    const place = (picture: Picture, [west, south, east, north]: Extent) => {
      const left = Math.round((west - extent[0]) * scale);
      const top = Math.round((extent[3] - north) * scale);
      const width = Math.round((east - extent[0]) * scale) - left;
      const height = Math.round((extent[3] - south) * scale) - top;
      pen.drawImage(picture, left, top, width, height);
    };
    pen.setTransform(1, 0, 0, 1, 0, 0);
    const tiles = wanted.map((address) => this.#tiles.get(address));
    if (tiles.some((tile) => !tile) || this.#settled !== resolution) {
      pen.fillStyle = this.#scene?.palette.around ?? "#ffffff";
      pen.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
      if (this.#overview) place(this.#overview.picture, this.#overview.extent);
      for (const tile of this.#tiles.standIns(extent, this.#settled ?? resolution)) place(tile.picture, tile.extent);
    }
    if (this.#settled === resolution) {
      this.#drawAligned(frame, tiles);
    } else {
      for (const tile of tiles) if (tile) place(tile.picture, tile.extent);
    }
  }

  /** Tiles at their own resolution go pixel on pixel, side by side. */
  #drawAligned({ pen, extent, resolution, pixelRatio }: Frame, tiles: readonly (ReturnType<TileStore<Picture>["get"]>)[]): void {
    const side = Math.round(TILE_PX * pixelRatio);
    const west = Math.round((extent[0] / resolution) * pixelRatio);
    const north = Math.round((-extent[3] / resolution) * pixelRatio);
    const exact = side === TILE_PX * pixelRatio;
    for (const tile of tiles) {
      if (!tile) continue;
      const left = Math.round(tile.column * TILE_PX * pixelRatio) - west;
      const top = Math.round(tile.row * TILE_PX * pixelRatio) - north;
      if (exact) pen.drawImage(tile.picture, left, top);
      else pen.drawImage(tile.picture, left, top, side + 1, side + 1);
    }
  }

  /** While nothing else is to be done, paint one ring of tiles around the view. */
  #prefetchAround(extent: Extent, resolution: number): void {
    const step = () => {
      const began = performance.now();
      for (const address of tilesOver(extent, resolution, 1)) {
        const tile = this.#tiles.get(address);
        if (tile && !tile.stale) continue;
        if (performance.now() - began > PREFETCH_BUDGET_MS) {
          this.#prefetch = setTimeout(step, 0);
          return;
        }
        this.#paint(address);
      }
    };
    this.#prefetch = setTimeout(step, PREFETCH_AFTER_MS);
  }
}

/** Whether the view is being dragged, or is on its way somewhere. */
function isMoving({ viewHints }: FrameState): boolean {
  return (viewHints[ViewHint.ANIMATING] ?? 0) + (viewHints[ViewHint.INTERACTING] ?? 0) > 0;
}

function newPicture(width: number, height: number): Picture {
  const picture = document.createElement("canvas");
  picture.width = width;
  picture.height = height;
  return picture;
}

function extentOfFrame({ viewState, size }: FrameState): Extent {
  const [x = 0, y = 0] = viewState.center;
  const halfWidth = ((size[0] ?? 0) / 2) * viewState.resolution;
  const halfHeight = ((size[1] ?? 0) / 2) * viewState.resolution;
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}
