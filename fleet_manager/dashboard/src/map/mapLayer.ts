/**
 * The map as one OpenLayers layer: painted once into tiles, which the page moves as they are.
 *
 * Each tile is an opaque canvas in the page with all that lies on its piece of the map, so that
 * moving the view repaints nothing: docs/decisions/0009-drawing-the-map.md tells what was measured.
 */
import type { FrameState } from "ol/Map";
import ViewHint from "ol/ViewHint";
import Layer from "ol/layer/Layer";
import type { Extent } from "./campusModel";
import { LabelBook } from "./labelBook";
import { NOTHING_OVER, REACH_PX, paintOver, type Over } from "./paint/over";
import { penFor, type Scene } from "./paint/pen";
import { paintScene } from "./paint/scene";
import { PICTURE, TILE_PX, TileStore, extentOfTile, keyOf, overlap, tilesOver, type TileAddress } from "./tiles";

/** Time for painting in one frame: little while the map moves, so that it moves smoothly. */
const MOVING_BUDGET_MS = 4;
const STILL_BUDGET_MS = 20;
const MOST_TILES = 240;
/** Rings of tiles around the view that are painted ahead, and that stay in the page. */
const AHEAD = 1;
const KEPT = 2;
/** Longer side of the picture of the whole campus that stands in for tiles to come, pixels. */
const OVERVIEW_PX = 1000;
const PREFETCH_AFTER_MS = 150;
const PREFETCH_BUDGET_MS = 8;

type Picture = HTMLCanvasElement;

/** A tile in the page. */
interface Shown {
  readonly address: TileAddress;
  readonly canvas: Picture;
  /** What lies over the map has changed here since. */
  stale: boolean;
}

/** All tiles of one resolution in the page, moved and scaled together. */
class Sheet {
  readonly element = document.createElement("div");
  readonly shown = new Map<string, Shown>();
  readonly resolution: number;
  /** The tile whose corner is the element's. */
  readonly #column: number;
  readonly #row: number;
  #transform = "";

  constructor(resolution: number, centre: TileAddress) {
    this.resolution = resolution;
    this.#column = centre.column;
    this.#row = centre.row;
    this.element.className = "map-sheet";
  }

  add(address: TileAddress, canvas: Picture): Shown {
    canvas.style.left = `${(address.column - this.#column) * TILE_PX}px`;
    canvas.style.top = `${(address.row - this.#row) * TILE_PX}px`;
    this.element.append(canvas);
    const shown = { address, canvas, stale: true };
    this.shown.set(keyOf(address), shown);
    return shown;
  }

  /** Move and scale the tiles to where they belong; on whole pixels at their own resolution. */
  place(extent: Extent, resolution: number, pixelRatio: number): void {
    const scale = this.resolution / resolution;
    let left = this.#column * TILE_PX * scale - extent[0] / resolution;
    let top = this.#row * TILE_PX * scale + extent[3] / resolution;
    if (scale === 1) [left, top] = [left, top].map((px) => Math.round(px * pixelRatio) / pixelRatio) as [number, number];
    const transform = `translate(${left}px, ${top}px)${scale === 1 ? "" : ` scale(${scale})`}`;
    if (transform !== this.#transform) this.element.style.transform = transform;
    this.#transform = transform;
  }
}

export class MapLayer extends Layer {
  readonly #container = document.createElement("div");
  readonly #overview = document.createElement("canvas");
  readonly #tiles = new TileStore<Picture>(MOST_TILES);
  readonly #labels = new LabelBook();
  #scene: Scene | null = null;
  #over: Over = NOTHING_OVER;
  #overviewExtent: Extent | null = null;
  #overviewStale = true;
  /** That of the view when it last stood still, and those before it until it is complete. */
  #sheet: Sheet | null = null;
  #beneath: Sheet[] = [];
  #spare: Picture[] = [];
  #pixelRatio = 1;
  #prefetch: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super({});
    this.#container.className = "map-sheets";
    this.#overview.className = "map-overview";
    this.#container.append(this.#overview);
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
    if (before?.model !== scene.model || before.level !== scene.level) this.#forget();
    else this.#tiles.outdate();
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

  /** Show what lies over the map; `extents` are where that differs, by default everywhere. */
  setOver(over: Over, extents?: readonly Extent[]): void {
    this.#over = over;
    if (extents?.length === 0 || !this.#sheet) return;
    const reach = REACH_PX * this.#sheet.resolution;
    const wide = extents?.map(([west, south, east, north]): Extent => [west - reach, south - reach, east + reach, north + reach]);
    for (const shown of this.#sheet.shown.values()) {
      const own = extentOfTile(shown.address);
      if (!wide || wide.some((extent) => overlap(extent, own))) shown.stale = true;
    }
    this.changed();
  }

  override render(frameState: FrameState | null, _target: HTMLElement | null): HTMLElement | null {
    if (!frameState || !this.#scene) return null;
    this.rendered = true;
    clearTimeout(this.#prefetch);
    const { pixelRatio, viewState } = frameState;
    const { resolution } = viewState;
    const extent = extentOfFrame(frameState);
    if (pixelRatio !== this.#pixelRatio) this.#forget();
    this.#pixelRatio = pixelRatio;
    const moving = isMoving(frameState);
    const sheet = this.#sheetFor(resolution, extent, moving);
    const wanted = tilesOver(extent, sheet.resolution);
    const complete = this.#bringAll(sheet, wanted, moving);
    for (const each of [...this.#beneath, sheet]) each.place(extent, resolution, pixelRatio);
    this.#placeOverview(extent, resolution, complete && sheet.resolution === resolution);
    if (complete) this.#drop(this.#beneath.splice(0));
    if (!complete && (!moving || sheet.resolution === resolution)) frameState.animate = true;
    if (complete && !moving) this.#prefetchAround(sheet, extent);
    return this.#container;
  }

  override disposeInternal(): void {
    this.#forget();
    super.disposeInternal();
  }

  /** The sheet to complete: a new one when the view has come to rest at another resolution. */
  #sheetFor(resolution: number, extent: Extent, moving: boolean): Sheet {
    const known = this.#sheet;
    if (known && (moving || known.resolution === resolution)) return known;
    if (known) this.#beneath.push(known);
    if (this.#beneath.length > 2) this.#drop(this.#beneath.splice(0, 1));
    const [centre] = tilesOver(extent, resolution);
    const sheet = new Sheet(resolution, centre ?? { column: 0, row: 0, resolution });
    this.#container.append(sheet.element);
    this.#sheet = sheet;
    if (this.#scene) this.#labels.place(this.#scene, resolution, this.#pixelRatio);
    return sheet;
  }

  /** Paint what is missing or out of date, as far as there is time; true when nothing is left. */
  #bringAll(sheet: Sheet, wanted: readonly TileAddress[], moving: boolean): boolean {
    if (!this.#overviewExtent || (this.#overviewStale && !moving)) this.#paintOverview();
    if (this.#scene && !moving) this.#labels.place(this.#scene, sheet.resolution, this.#pixelRatio);
    const began = performance.now();
    let brought = 0;
    for (const address of wanted) {
      if (!this.#isWanting(sheet, address, moving)) continue;
      if (brought > 0 && performance.now() - began > (moving ? MOVING_BUDGET_MS : STILL_BUDGET_MS)) return false;
      this.#bring(sheet, address);
      brought += 1;
    }
    return true;
  }

  /** Whether a tile is to be painted; what is merely out of date waits until the map rests. */
  #isWanting(sheet: Sheet, address: TileAddress, moving: boolean): boolean {
    const shown = sheet.shown.get(keyOf(address));
    if (!shown) return true;
    return !moving && (shown.stale || (this.#tiles.get(address)?.stale ?? true));
  }

  #bring(sheet: Sheet, address: TileAddress): void {
    const side = Math.round(TILE_PX * this.#pixelRatio);
    let tile = this.#tiles.get(address);
    if (!tile || tile.stale) {
      this.#paint(address, tile?.picture ?? newPicture(side, side));
      tile = this.#tiles.get(address);
    }
    const shown =
      sheet.shown.get(keyOf(address)) ?? sheet.add(address, this.#spare.pop() ?? newPicture(side, side));
    const context = shown.canvas.getContext("2d", PICTURE);
    if (!context || !tile || !this.#scene) return;
    context.drawImage(tile.picture, 0, 0);
    const pen = penFor(context, this.#scene, extentOfTile(address), address.resolution, this.#pixelRatio);
    paintOver(pen, this.#over, this.#labels);
    context.setTransform(1, 0, 0, 1, 0, 0);
    shown.stale = false;
  }

  #paint(address: TileAddress, picture: Picture): void {
    const context = picture.getContext("2d", PICTURE);
    if (!this.#scene || !context) return;
    context.fillStyle = this.#scene.palette.around;
    context.fillRect(0, 0, picture.width, picture.height);
    paintScene(context, this.#scene, extentOfTile(address), address.resolution, this.#pixelRatio);
    this.#tiles.put(address, picture);
    const shown = this.#sheet?.shown.get(keyOf(address));
    if (shown) shown.stale = true;
  }

  #paintOverview(): void {
    const scene = this.#scene;
    const context = this.#overview.getContext("2d", PICTURE);
    if (!scene || !context) return;
    const [west, south, east, north] = scene.model.extent;
    const resolution = Math.max(east - west, north - south) / OVERVIEW_PX;
    const [width, height] = [Math.ceil((east - west) / resolution) + 8, Math.ceil((north - south) / resolution) + 8];
    Object.assign(this.#overview, { width, height });
    const left = west - 4 * resolution;
    const top = north + 4 * resolution;
    const extent: Extent = [left, top - height * resolution, left + width * resolution, top];
    context.fillStyle = scene.palette.around;
    context.fillRect(0, 0, width, height);
    paintScene(context, scene, extent, resolution, 1);
    this.#overviewExtent = extent;
    this.#overviewStale = false;
  }

  #placeOverview(extent: Extent, resolution: number, hidden: boolean): void {
    const { style } = this.#overview;
    const visibility = hidden ? "hidden" : "";
    if (style.visibility !== visibility) style.visibility = visibility;
    const own = this.#overviewExtent;
    if (hidden || !own) return;
    const scale = (own[2] - own[0]) / this.#overview.width / resolution;
    style.transform = `translate(${(own[0] - extent[0]) / resolution}px, ${(extent[3] - own[3]) / resolution}px) scale(${scale})`;
  }

  /** While nothing else is to be done, paint tiles around the view and let go of those far away. */
  #prefetchAround(sheet: Sheet, extent: Extent): void {
    const step = () => {
      if (sheet !== this.#sheet) return;
      const began = performance.now();
      for (const address of tilesOver(extent, sheet.resolution, AHEAD)) {
        if (!this.#isWanting(sheet, address, false)) continue;
        if (performance.now() - began > PREFETCH_BUDGET_MS) {
          this.#prefetch = setTimeout(step, 0);
          return;
        }
        this.#bring(sheet, address);
      }
      this.#letGo(sheet, extent);
    };
    this.#prefetch = setTimeout(step, PREFETCH_AFTER_MS);
  }

  #letGo(sheet: Sheet, extent: Extent): void {
    const near = new Set(tilesOver(extent, sheet.resolution, KEPT).map(keyOf));
    for (const [key, { canvas }] of sheet.shown) {
      if (near.has(key)) continue;
      canvas.remove();
      sheet.shown.delete(key);
      this.#spare.push(canvas);
    }
    this.#spare.splice(24);
  }

  #drop(sheets: readonly Sheet[]): void {
    for (const { element, shown } of sheets) {
      element.remove();
      this.#spare.push(...[...shown.values()].map(({ canvas }) => canvas));
    }
    this.#spare.splice(24);
  }

  /** Forget all that is painted: it is of another map, level or screen. */
  #forget(): void {
    clearTimeout(this.#prefetch);
    this.#tiles.clear();
    this.#drop(this.#beneath.splice(0));
    if (this.#sheet) this.#drop([this.#sheet]);
    this.#sheet = null;
    this.#spare = [];
    this.#overviewExtent = null;
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
  picture.className = "map-tile";
  return picture;
}

/** What a view shows, metres. */
export function extentOfFrame({ viewState, size }: FrameState): Extent {
  const [x = 0, y = 0] = viewState.center;
  const halfWidth = ((size[0] ?? 0) / 2) * viewState.resolution;
  const halfHeight = ((size[1] ?? 0) / 2) * viewState.resolution;
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}
