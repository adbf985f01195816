/** Doors, lifts and crossings as they are now: what each looks like, and where a change of it shows. */
import type { Passage, PassageStatus } from "../api/types";
import { middleOf, type CampusModel, type Extent, type Xy } from "./campusModel";

/** `changing`: it opens or closes; `moving`: a lift between its levels. */
export type PassageLook = "open" | "changing" | "moving" | "closed" | "broken";

export interface PassageShape {
  readonly id: string;
  /** What it stands over, metres. */
  readonly at: Xy;
  readonly extent: Extent;
  readonly look: PassageLook;
  /** The level at which a lift is, in short; empty for what has one level, and until it was heard. */
  readonly level: string;
  /** Whether a robot has it now. */
  readonly held: boolean;
  /** How many robots wait for it. */
  readonly waiting: number;
}

/** Where a sign stands above its passage, so that a robot in it does not hide it; CSS pixels. */
export const SIGN_UP_PX = 16;
/** Half of a sign's height and of its width, without and with a level in it; CSS pixels. */
export const SIGN_HALF_PX = { height: 8, narrow: 8, wide: 18 } as const;

const LOOKS: Record<PassageStatus, PassageLook | null> = {
  unknown: null,
  closed: "closed",
  opening: "changing",
  open: "open",
  closing: "changing",
  moving: "moving",
  out_of_order: "broken",
};

/** Metres a pixel below which signs are drawn; what is out of order is always. */
const RESTING_BELOW = 0.35;
const HELD_BELOW = 0.9;

/** Whether the sign of a passage is drawn at a resolution. */
export function isShownAt({ look, held, waiting }: PassageShape, resolution: number): boolean {
  if (look === "broken") return true;
  return resolution < (held || waiting > 0 ? HELD_BELOW : RESTING_BELOW);
}

/** The name of a level in so few letters that it fits a sign: Level 2 is L2. */
export function inShort(name: string): string {
  const parts = name.match(/\d+|[^\s\d]+/gu) ?? [];
  return parts.map((part) => (/^\d/.test(part) ? part : [...part][0]?.toUpperCase())).join("").slice(0, 3);
}

/** Ids of the passages that are out of order, as one text: the same ones are the same text. */
export function outOfOrder(passages: ReadonlyMap<string, Passage>): string {
  const broken = [...passages.values()].filter(({ state }) => state === "out_of_order");
  return broken.map(({ id }) => id).sort().join(" ");
}

/** Lanes that begin or end in a passage of these, as `outOfOrder` gives them. */
export function lanesThrough(model: CampusModel, passages: string): ReadonlySet<string> {
  if (!passages) return new Set();
  const wanted = new Set<unknown>(passages.split(" "));
  const isIn = (waypoint = "") => wanted.has(model.get(waypoint)?.properties["passage"]);
  const lanes = model.features.filter(({ kind, properties: { from, to } }) => kind === "lane" && (isIn(from) || isIn(to)));
  return new Set(lanes.map(({ id }) => id));
}

/** How a passage is drawn; null: it was not heard yet, or is not on the map. */
export function shapeOf(model: CampusModel, passage: Passage): PassageShape | null {
  const feature = model.get(passage.id);
  const look = LOOKS[passage.state] ?? null;
  if (!feature || !look) return null;
  const at = middleOf(feature);
  const level = model.levels.find(({ id }) => id === passage.level);
  return {
    id: passage.id,
    at,
    extent: [at[0], at[1], at[0], at[1]],
    look,
    level: passage.kind === "lift" && level ? inShort(level.name) : "",
    held: passage.robot !== null,
    waiting: passage.waiting.length,
  };
}

const isSame = (one: PassageShape, other: PassageShape): boolean =>
  one.look === other.look && one.level === other.level && one.held === other.held && one.waiting === other.waiting;

/** Keeps the shapes of passages on a level, so that only what looks different is drawn again. */
export class PassageShapes {
  #shapes = new Map<string, PassageShape>();
  #drawnFor: readonly unknown[] = [];

  get all(): readonly PassageShape[] {
    return [...this.#shapes.values()];
  }

  /** Take over passages by id; gives what extents of the map look different now. */
  update(passages: ReadonlyMap<string, Passage>, model: CampusModel, level: string): Extent[] {
    const wanted = [passages, model, level];
    if (wanted.every((part, index) => part === this.#drawnFor[index])) return [];
    this.#drawnFor = wanted;
    const before = this.#shapes;
    this.#shapes = new Map();
    const changed: Extent[] = [];
    for (const passage of passages.values()) {
      const shape = model.get(passage.id)?.levels.includes(level) ? shapeOf(model, passage) : null;
      if (!shape) continue;
      this.#shapes.set(passage.id, shape);
      const known = before.get(passage.id);
      if (!known || !isSame(known, shape)) changed.push(shape.extent);
    }
    for (const [id, { extent }] of before) if (!this.#shapes.has(id)) changed.push(extent);
    return changed;
  }

  /** The passage whose sign is at a point (metres), at a resolution. */
  at(x: number, y: number, resolution: number): string | null {
    const under = this.all.find((shape) => {
      const { at, level } = shape;
      const half = level ? SIGN_HALF_PX.wide : SIGN_HALF_PX.narrow;
      const up = (y - at[1]) / resolution - SIGN_UP_PX;
      return isShownAt(shape, resolution) && Math.abs(x - at[0]) <= half * resolution && Math.abs(up) <= SIGN_HALF_PX.height;
    });
    return under?.id ?? null;
  }
}
