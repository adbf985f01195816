/** Painted tiles of the map, kept until room is needed: which are wanted, which are out of date. */
import type { Extent } from "./campusModel";

/** Side of a tile, CSS pixels. */
export const TILE_PX = 256;

/**
 * How canvases of pictures are asked for: opaque, so that what lies beneath need not be mixed in,
 * and kept in plain memory, where thin lines and small copies are drawn faster than by a GPU.
 */
export const PICTURE: CanvasRenderingContext2DSettings = { alpha: false, willReadFrequently: true };

export interface TileAddress {
  readonly column: number;
  /** Counted southwards. */
  readonly row: number;
  /** Metres a CSS pixel. */
  readonly resolution: number;
}

/** What a tile covers, metres. */
export function extentOfTile({ column, row, resolution }: TileAddress): Extent {
  const span = TILE_PX * resolution;
  return [column * span, -(row + 1) * span, (column + 1) * span, -row * span];
}

/** The tiles of a resolution that cover an extent, those about its middle first. */
export function tilesOver(extent: Extent, resolution: number, ring = 0): TileAddress[] {
  const span = TILE_PX * resolution;
  const [west, east] = [Math.floor(extent[0] / span) - ring, Math.ceil(extent[2] / span) + ring];
  const [north, south] = [Math.floor(-extent[3] / span) - ring, Math.ceil(-extent[1] / span) + ring];
  const middle = [(west + east - 1) / 2, (north + south - 1) / 2] as const;
  const tiles: (TileAddress & { far: number })[] = [];
  for (let row = north; row < south; row += 1) {
    for (let column = west; column < east; column += 1) {
      const far = Math.abs(column - middle[0]) + Math.abs(row - middle[1]);
      tiles.push({ column, row, resolution, far });
    }
  }
  return tiles.sort((one, other) => one.far - other.far);
}

export const overlap = (one: Extent, other: Extent): boolean =>
  one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

export interface Tile<Picture> extends TileAddress {
  readonly extent: Extent;
  picture: Picture;
  /** Out of date, but better than nothing. */
  stale: boolean;
}

export const keyOf = ({ column, row, resolution }: TileAddress): string => `${resolution}/${column}/${row}`;

export class TileStore<Picture> {
  readonly #tiles = new Map<string, Tile<Picture>>();
  readonly #most: number;

  /** @param most - so many tiles are kept; of those beyond, the longest unused go. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#tiles.size;
  }

  /** A tile that was painted; it counts as used now. */
  get(address: TileAddress): Tile<Picture> | undefined {
    const key = keyOf(address);
    const tile = this.#tiles.get(key);
    if (!tile) return undefined;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  /** Keep a picture; gives back one that went for it, to be painted over. */
  put(address: TileAddress, picture: Picture): Picture | undefined {
    this.#tiles.delete(keyOf(address));
    this.#tiles.set(keyOf(address), { ...address, extent: extentOfTile(address), picture, stale: false });
    if (this.#tiles.size <= this.#most) return undefined;
    const oldest = this.#tiles.entries().next().value;
    if (!oldest) return undefined;
    this.#tiles.delete(oldest[0]);
    return oldest[1].picture;
  }

  /** Have tiles painted anew: those that an extent touches, or all. */
  outdate(extent?: Extent): void {
    for (const tile of this.#tiles.values()) {
      if (!extent || overlap(tile.extent, extent)) tile.stale = true;
    }
  }

  /** Forget everything: what was painted is of another level. */
  clear(): void {
    this.#tiles.clear();
  }
}
