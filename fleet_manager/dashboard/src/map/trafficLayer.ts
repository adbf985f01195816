/** Who waits for whom, where robots have waited, and what stands on the lanes: drawn above the tiles. */
import type { FrameState } from "ol/Map";
import Layer from "ol/layer/Layer";
import type { Closure, WaitedAt } from "../api/types";
import { fleetNowS, type FleetView } from "../live/fleetView";
import { waitingColour, waitingRadiusPx, waitsDrawn } from "./waitingScale";

const SVG = "http://www.w3.org/2000/svg";
/** Arrows begin and end beside the robots' signs, CSS pixels. */
const BESIDE_PX = 14;
const HEAD_PX = 7;
const SMALLEST_OBSTACLE_PX = 6;
const AGED_EVERY_MS = 10_000;

interface Stand {
  x: number;
  y: number;
  resolution: number;
  width: number;
  height: number;
}

/** Who waits for whom, of the robots on a level. */
export function waitingPairs(view: FleetView, level: string): [string, string][] {
  const here = (name: string) => {
    const robot = view.robots.get(name);
    return robot !== undefined && (robot.level === null || robot.level === level);
  };
  return [...view.routes].flatMap(([name, route]) =>
    here(name) ? (route.waits_for ?? []).filter(here).map((other): [string, string] => [name, other]) : [],
  );
}

/** Closures that are because of something on a level. */
export function obstaclesOn(closures: Iterable<Closure>, level: string): Closure[] {
  return [...closures].filter(({ status, obstacle }) => status === "active" && obstacle?.level === level);
}

/** A line from one point to another that leaves room at both ends, with a head; null where they touch. */
export function arrowPath(from: readonly number[], to: readonly number[]): string | null {
  const [x = 0, y = 0] = from;
  const [toX = 0, toY = 0] = to;
  const length = Math.hypot(toX - x, toY - y);
  if (length < 2 * BESIDE_PX + HEAD_PX) return null;
  const [alongX, alongY] = [(toX - x) / length, (toY - y) / length];
  const tip = [toX - alongX * BESIDE_PX, toY - alongY * BESIDE_PX] as const;
  const wing = (side: number) =>
    `${(tip[0] - alongX * HEAD_PX - side * alongY * HEAD_PX * 0.6).toFixed(1)} ${(tip[1] - alongY * HEAD_PX + side * alongX * HEAD_PX * 0.6).toFixed(1)}`;
  const start = `${(x + alongX * BESIDE_PX).toFixed(1)} ${(y + alongY * BESIDE_PX).toFixed(1)}`;
  const end = `${tip[0].toFixed(1)} ${tip[1].toFixed(1)}`;
  return `M${start}L${end}M${wing(1)}L${end}L${wing(-1)}`;
}

export class TrafficLayer extends Layer {
  readonly #svg = document.createElementNS(SVG, "svg");
  readonly #heat = document.createElementNS(SVG, "g");
  readonly #discs = document.createElementNS(SVG, "g");
  readonly #arrows = document.createElementNS(SVG, "g");
  readonly #positionOf: (robot: string) => number[] | null;
  readonly #aging: ReturnType<typeof setInterval>;
  #stand: Stand | null = null;
  #level = "";
  #waits: readonly WaitedAt[] = [];
  #drawn: readonly WaitedAt[] = [];
  #obstacles: readonly Closure[] = [];
  #pairs: readonly [string, string][] = [];
  #view: FleetView | null = null;
  #shows = { arrows: true, obstacles: true };
  #ago: (seconds: number) => string = (seconds) => `${Math.round(seconds / 60)} min`;

  /** @param positionOf - where a robot is drawn now, metres. */
  constructor(positionOf: (robot: string) => number[] | null) {
    super({});
    this.#positionOf = positionOf;
    this.#svg.setAttribute("class", "map-traffic");
    this.#svg.setAttribute("aria-hidden", "true");
    this.#heat.setAttribute("class", "map-heat");
    this.#discs.setAttribute("class", "map-obstacles");
    this.#arrows.setAttribute("class", "map-waits");
    this.#svg.append(this.#heat, this.#discs, this.#arrows);
    this.#aging = setInterval(() => this.#placeObstacles(), AGED_EVERY_MS);
  }

  setLevel(level: string): void {
    this.#level = level;
    this.#follow();
    this.setWaits(this.#waits);
  }

  /** Which of it is shown: arrows with the routes, obstacles with the closures. */
  setShown(shows: { arrows: boolean; obstacles: boolean }): void {
    this.#shows = shows;
    this.#follow();
  }

  /** Where robots have waited; none: nothing is drawn of it. */
  setWaits(waits: readonly WaitedAt[]): void {
    this.#waits = waits;
    this.#drawn = waitsDrawn(waits, this.#level);
    this.#heat.replaceChildren(
      ...this.#drawn.map(({ waited_s: waitedS }) => {
        const disc = document.createElementNS(SVG, "circle");
        disc.setAttribute("r", waitingRadiusPx(waitedS).toFixed(1));
        disc.setAttribute("fill", waitingColour(waitedS));
        return disc;
      }),
    );
    this.#placeHeat();
  }

  /** How ages are said. */
  setAgo(ago: (seconds: number) => string): void {
    this.#ago = ago;
    this.#placeObstacles();
  }

  update(view: FleetView): void {
    const before = this.#view;
    this.#view = view;
    if (before?.closures !== view.closures || before.routes !== view.routes || before.robots !== view.robots) this.#follow();
  }

  /** Draw the arrows where robots are now. */
  follow(): void {
    const stand = this.#stand;
    if (!stand) return;
    this.#pairs.forEach(([robot, other], index) => {
      const [from, to] = [this.#positionOf(robot), this.#positionOf(other)];
      const path = from && to ? arrowPath(pixelOf(stand, from), pixelOf(stand, to)) : null;
      this.#arrows.children[index]?.setAttribute("d", path ?? "");
    });
  }

  /** The closure whose obstacle is drawn at a point; metres. */
  obstacleAt([x = 0, y = 0]: readonly number[]): Closure | null {
    const resolution = this.#stand?.resolution ?? 1;
    const found = this.#obstacles.find(({ obstacle }) => {
      if (!obstacle) return false;
      const reach = Math.max(obstacle.radius_m, SMALLEST_OBSTACLE_PX * 2 * resolution);
      return Math.hypot(obstacle.x_m - x, obstacle.y_m - y) <= reach;
    });
    return found ?? null;
  }

  override render(frameState: FrameState | null, _target: HTMLElement | null): HTMLElement | null {
    if (!frameState) return null;
    this.rendered = true;
    const [x = 0, y = 0] = frameState.viewState.center;
    const [width = 0, height = 0] = frameState.size;
    this.#stand = { x, y, resolution: frameState.viewState.resolution, width, height };
    this.#placeHeat();
    this.#placeObstacles();
    this.follow();
    return this.#svg as unknown as HTMLElement;
  }

  override disposeInternal(): void {
    clearInterval(this.#aging);
    super.disposeInternal();
  }

  #follow(): void {
    const view = this.#view;
    if (!view) return;
    this.#pairs = this.#shows.arrows ? waitingPairs(view, this.#level) : [];
    while (this.#arrows.childElementCount > this.#pairs.length) this.#arrows.lastElementChild?.remove();
    while (this.#arrows.childElementCount < this.#pairs.length) this.#arrows.append(document.createElementNS(SVG, "path"));
    const obstacles = this.#shows.obstacles ? obstaclesOn(view.closures.values(), this.#level) : [];
    if (obstacles.length !== this.#obstacles.length || obstacles.some((each, index) => each !== this.#obstacles[index])) {
      this.#obstacles = obstacles;
      this.#discs.replaceChildren(
        ...obstacles.flatMap(() => [document.createElementNS(SVG, "circle"), document.createElementNS(SVG, "text")]),
      );
      this.#placeObstacles();
    }
    this.follow();
  }

  #placeHeat(): void {
    const stand = this.#stand;
    if (!stand) return;
    this.#drawn.forEach(({ x_m: x, y_m: y }, index) => place(this.#heat.children[index], "c", pixelOf(stand, [x, y])));
  }

  #placeObstacles(): void {
    const [stand, view] = [this.#stand, this.#view];
    if (!stand || !view) return;
    const nowS = fleetNowS(view, performance.now());
    this.#obstacles.forEach(({ obstacle }, index) => {
      const [disc, label] = [this.#discs.children[2 * index], this.#discs.children[2 * index + 1]];
      if (!obstacle || !disc || !label) return;
      const at = pixelOf(stand, [obstacle.x_m, obstacle.y_m]);
      const radius = Math.max(SMALLEST_OBSTACLE_PX, obstacle.radius_m / stand.resolution);
      place(disc, "c", at);
      disc.setAttribute("r", radius.toFixed(1));
      place(label, "", [at[0] ?? 0, (at[1] ?? 0) + radius + 14]);
      const age = obstacle.seen_s === null ? "" : this.#ago(Math.max(0, nowS - obstacle.seen_s));
      label.textContent = [obstacle.what, age].filter(Boolean).join(" · ");
    });
  }
}

function pixelOf({ x, y, resolution, width, height }: Stand, [atX = 0, atY = 0]: readonly number[]): number[] {
  return [(atX - x) / resolution + width / 2, (y - atY) / resolution + height / 2];
}

/** @param before - what comes before x and y in the names of the attributes. */
function place(element: Element | undefined, before: string, [x = 0, y = 0]: readonly number[]): void {
  element?.setAttribute(`${before}x`, x.toFixed(1));
  element?.setAttribute(`${before}y`, y.toFixed(1));
}
