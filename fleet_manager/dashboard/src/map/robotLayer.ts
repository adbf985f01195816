/** The robots on the map: follow the live view and glide between its frames. */
import type { FrameState } from "ol/Map";
import ViewHint from "ol/ViewHint";
import Layer from "ol/layer/Layer";
import type { FleetView, LiveRobot } from "../live/fleetView";
import { Motion } from "./motion";
import type { Palette } from "./palette";
import { robotLook } from "./robotLook";
import { nameDownPx, namesWithRoom, scaleAt, type Named } from "./robotNames";
import { RobotSign } from "./robotSign";

const NAME_FONT = "600 11px system-ui, sans-serif";
/** Robots so far outside the view are not drawn, CSS pixels. */
const OUTSIDE_PX = 80;

interface Drawn {
  readonly sign: RobotSign;
  robot: LiveRobot;
  xM: number;
  yM: number;
  yawRad: number;
  text: string;
  inView: boolean;
}

/** Where the view stood at its last frame: its middle in metres, its size in CSS pixels. */
interface Stand {
  x: number;
  y: number;
  resolution: number;
  width: number;
  height: number;
}

/** Elements of the page above the tiles: a robot that moves repaints nothing but itself. */
export class RobotLayer extends Layer {
  readonly #container = document.createElement("div");
  readonly #drawn = new Map<string, Drawn>();
  readonly #motion = new Motion();
  readonly #still: boolean;
  readonly #ruler = document.createElement("canvas").getContext("2d");
  readonly #widths = new Map<string, number>();
  #stand: Stand | null = null;
  #kinds: ReadonlyMap<string, string> = new Map();
  #selected: string | null = null;
  #level = "";
  #levelNames: ReadonlyMap<string, string> = new Map();
  #seq = -1;
  #request = 0;
  #onMoved: () => void = () => {};

  /** @param still - true for readers who asked for less motion: robots jump. */
  constructor(palette: Palette, still: boolean) {
    super({});
    this.#still = still;
    this.#container.className = "map-robots";
    this.setPalette(palette);
  }

  setPalette(palette: Palette): void {
    const { style } = this.#container;
    style.setProperty("--robot-edge", palette.robotEdge);
    style.setProperty("--robot-text", palette.text);
    style.setProperty("--robot-halo", palette.halo);
    style.setProperty("--robot-chosen", palette.chosen);
  }

  setSelected(name: string | null): void {
    this.#selected = name;
    this.#showAll();
  }

  /** Robots of other levels are drawn faint, with their level's name. */
  setLevel(level: string, names: ReadonlyMap<string, string>): void {
    this.#level = level;
    this.#levelNames = names;
    this.#showAll();
  }

  setKinds(kinds: ReadonlyMap<string, string>): void {
    this.#kinds = kinds;
    this.#showAll();
  }

  /** Have something called whenever robots have been drawn elsewhere. */
  tellMovedTo(tell: () => void): void {
    this.#onMoved = tell;
  }

  /** Where a robot is drawn now, metres; null for one that is not there. */
  positionOf(name: string): number[] | null {
    const drawn = this.#drawn.get(name);
    return drawn ? [drawn.xM, drawn.yM] : null;
  }

  /** The robot drawn nearest to a point, within a reach in metres; those on this level first. */
  nearest(point: readonly number[], reach: number): string | null {
    const [x = 0, y = 0] = point;
    let best: { name: string; far: number } | null = null;
    for (const [name, { xM, yM, robot }] of this.#drawn) {
      const distance = Math.hypot(xM - x, yM - y);
      const far = this.#isHere(robot) ? distance : distance + reach;
      if (distance <= reach && (!best || far < best.far)) best = { name, far };
    }
    return best?.name ?? null;
  }

  /** Take over a frame of the live feed. */
  update(view: FleetView): void {
    const nowMs = performance.now();
    if (view.seq !== this.#seq) this.#motion.frame(nowMs);
    this.#seq = view.seq;
    for (const robot of view.robots.values()) this.#follow(robot, nowMs);
    for (const [name, { sign }] of this.#drawn) {
      if (view.robots.has(name)) continue;
      sign.element.remove();
      this.#drawn.delete(name);
      this.#motion.forget(name);
    }
    this.#nameThem();
    this.#animate();
  }

  override render(frameState: FrameState | null, _target: HTMLElement | null): HTMLElement | null {
    if (!frameState) return null;
    this.rendered = true;
    const { viewState, size, viewHints } = frameState;
    const [x = 0, y = 0] = viewState.center;
    const [width = 0, height = 0] = size;
    const before = this.#stand?.resolution;
    this.#stand = { x, y, resolution: viewState.resolution, width, height };
    for (const drawn of this.#drawn.values()) this.#place(drawn);
    const zooming = (viewHints[ViewHint.ANIMATING] ?? 0) > 0;
    if (viewState.resolution !== before && !zooming) this.#rescale(viewState.resolution);
    return this.#container;
  }

  override disposeInternal(): void {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    super.disposeInternal();
  }

  #isHere({ level }: LiveRobot): boolean {
    return level === null || level === this.#level;
  }

  #follow(robot: LiveRobot, nowMs: number): void {
    let drawn = this.#drawn.get(robot.name);
    if (drawn?.robot === robot) return;
    const { xM, yM, yawRad } = robot;
    if (xM === null || yM === null || yawRad === null) return;
    const before = drawn?.robot;
    if (!drawn) {
      drawn = { sign: new RobotSign(robot.name), robot, xM, yM, yawRad, text: "", inView: false };
      this.#drawn.set(robot.name, drawn);
    }
    drawn.robot = robot;
    if (before?.status !== robot.status || before.flags !== robot.flags || before.level !== robot.level) this.#show(drawn);
    this.#motion.aim(robot.name, { xM, yM, yawRad }, nowMs, this.#still);
    if (!before) this.#place(drawn);
  }

  #showAll(): void {
    for (const drawn of this.#drawn.values()) this.#show(drawn);
    this.#nameThem();
  }

  #show(drawn: Drawn): void {
    const { robot, sign } = drawn;
    const elsewhere = !this.#isHere(robot);
    const name = robot.name.replaceAll("_", " ");
    const level = robot.level ?? "";
    drawn.text = elsewhere ? `${name} · ${this.#levelNames.get(level) ?? level}` : name;
    const look = robotLook(robot, this.#kinds.get(robot.name));
    sign.show({ look, selected: robot.name === this.#selected, text: drawn.text, elsewhere });
  }

  #rescale(resolution: number): void {
    const scale = scaleAt(resolution);
    this.#container.style.setProperty("--robot-scale", scale.toFixed(3));
    this.#container.style.setProperty("--robot-name-down", `${nameDownPx(scale).toFixed(1)}px`);
    this.#nameThem();
  }

  #nameThem(): void {
    if (!this.#stand) return;
    const { resolution } = this.#stand;
    const named: Named[] = [...this.#drawn].map(([name, { xM, yM, text }]) => ({
      name,
      x: xM / resolution,
      y: -yM / resolution,
      widthPx: this.#width(text),
      selected: name === this.#selected,
    }));
    const shown = namesWithRoom(named, scaleAt(resolution));
    for (const [name, { sign }] of this.#drawn) sign.showName(shown.has(name));
  }

  #width(text: string): number {
    let width = this.#widths.get(text);
    if (width === undefined && this.#ruler) {
      this.#ruler.font = NAME_FONT;
      width = this.#ruler.measureText(text).width;
      this.#widths.set(text, width);
    }
    return width ?? 0;
  }

  #place(drawn: Drawn): void {
    if (!this.#stand) return;
    const { x, y, resolution, width, height } = this.#stand;
    const left = (drawn.xM - x) / resolution + width / 2;
    const top = (y - drawn.yM) / resolution + height / 2;
    const inView = left > -OUTSIDE_PX && top > -OUTSIDE_PX && left < width + OUTSIDE_PX && top < height + OUTSIDE_PX;
    if (inView) drawn.sign.place(left, top, drawn.yawRad);
    if (inView === drawn.inView) return;
    drawn.inView = inView;
    if (inView) this.#container.append(drawn.sign.element);
    else drawn.sign.element.remove();
  }

  #animate(): void {
    if (this.#request) return;
    const step = () => {
      this.#request = this.#move(performance.now()) ? requestAnimationFrame(step) : 0;
    };
    this.#request = requestAnimationFrame(step);
  }

  /** Draw every robot where it is at a time; true while one still moves. */
  #move(nowMs: number): boolean {
    let moving = false;
    for (const [name, drawn] of this.#drawn) {
      const at = this.#motion.at(name, nowMs);
      if (!at) continue;
      moving ||= at.moving;
      Object.assign(drawn, at.pose);
      this.#place(drawn);
    }
    this.#onMoved();
    return moving;
  }
}
