/** The robots on the map: follow the live view and glide between its frames. */
import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import type { FleetView, LiveRobot } from "../live/fleetView";
import { Motion } from "./motion";
import type { Palette } from "./palette";
import { robotLook, type RobotLook } from "./robotLook";
import { robotStyles } from "./robotStyle";

interface Drawn {
  feature: Feature<Point>;
  robot: LiveRobot;
  look: RobotLook;
  yawRad: number;
}

export class RobotLayer {
  readonly layer: VectorLayer;
  readonly #source = new VectorSource<Feature<Point>>();
  readonly #drawn = new Map<string, Drawn>();
  readonly #motion = new Motion();
  readonly #still: boolean;
  #kinds: ReadonlyMap<string, string> = new Map();
  #palette: Palette;
  #selected: string | null = null;
  #level = "";
  #levelNames: ReadonlyMap<string, string> = new Map();
  #seq = -1;
  #request = 0;

  /** @param still - true for readers who asked for less motion: robots jump. */
  constructor(palette: Palette, still: boolean) {
    this.#palette = palette;
    this.#still = still;
    this.layer = new VectorLayer({
      source: this.#source,
      declutter: "robots",
      updateWhileAnimating: true,
      updateWhileInteracting: true,
      style: (feature, resolution) => {
        const drawn = this.#drawn.get(String(feature.getId()));
        if (!drawn) return [];
        const { look, yawRad, robot } = drawn;
        const selected = robot.name === this.#selected;
        const elsewhere = robot.level !== null && robot.level !== this.#level ? this.#nameOf(robot.level) : null;
        const drawing = { name: robot.name, look, yawRad, selected, resolution, elsewhere };
        return robotStyles(drawing, this.#palette);
      },
    });
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.layer.changed();
  }

  setSelected(name: string | null): void {
    this.#selected = name;
    this.layer.changed();
  }

  /** Robots on other levels are drawn faint, with their level's name. */
  setLevel(level: string, names: ReadonlyMap<string, string>): void {
    this.#level = level;
    this.#levelNames = names;
    this.layer.changed();
  }

  setKinds(kinds: ReadonlyMap<string, string>): void {
    this.#kinds = kinds;
    for (const drawn of this.#drawn.values()) {
      drawn.look = robotLook(drawn.robot, kinds.get(drawn.robot.name));
    }
    this.layer.changed();
  }

  /** Where a robot is drawn now, metres; null for one that is not there. */
  positionOf(name: string): number[] | null {
    return this.#drawn.get(name)?.feature.getGeometry()?.getCoordinates() ?? null;
  }

  /** The robot drawn nearest to a point, within a reach in metres; those on this level first. */
  nearest(point: readonly number[], reach: number): string | null {
    const [x = 0, y = 0] = point;
    let best: { name: string; far: number } | null = null;
    for (const [name, { feature, robot }] of this.#drawn) {
      const [rx = Infinity, ry = Infinity] = feature.getGeometry()?.getCoordinates() ?? [];
      const distance = Math.hypot(rx - x, ry - y);
      const far = robot.level === null || robot.level === this.#level ? distance : distance + reach;
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
    for (const [name, { feature }] of this.#drawn) {
      if (view.robots.has(name)) continue;
      this.#source.removeFeature(feature);
      this.#drawn.delete(name);
      this.#motion.forget(name);
    }
    this.#animate();
  }

  dispose(): void {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
  }

  #nameOf(level: string): string {
    return this.#levelNames.get(level) ?? level;
  }

  #follow(robot: LiveRobot, nowMs: number): void {
    let drawn = this.#drawn.get(robot.name);
    if (drawn?.robot === robot) return;
    const { xM, yM, yawRad } = robot;
    if (xM === null || yM === null || yawRad === null) return;
    const look = robotLook(robot, this.#kinds.get(robot.name));
    if (!drawn) {
      const feature = new Feature(new Point([xM, yM]));
      feature.setId(robot.name);
      drawn = { feature, robot, look, yawRad };
      this.#drawn.set(robot.name, drawn);
      this.#source.addFeature(feature);
    }
    const { status, flags, level } = drawn.robot;
    const changed = status !== robot.status || flags !== robot.flags || level !== robot.level;
    drawn.robot = robot;
    drawn.look = look;
    if (changed) drawn.feature.changed();
    this.#motion.aim(robot.name, { xM, yM, yawRad }, nowMs, this.#still);
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
      const point = drawn.feature.getGeometry();
      if (!at || !point) continue;
      moving ||= at.moving;
      const [x, y] = point.getCoordinates();
      const { xM, yM, yawRad } = at.pose;
      if (x === xM && y === yM && drawn.yawRad === yawRad) continue;
      drawn.yawRad = yawRad;
      if (x === xM && y === yM) drawn.feature.changed();
      else point.setCoordinates([xM, yM]);
    }
    return moving;
  }
}
