/** How robots and zones look on the map, and how they move. */
import { describe, expect, it } from "vitest";
import { FLAG, type LiveRobot } from "../src/live/fleetView";
import { zoneColour } from "../src/map/paint/areas";
import { obstacleMaterial } from "../src/map/paint/ground";
import { Motion, shortTurn } from "../src/map/motion";
import { KIND_COLOURS, PALETTES, mix } from "../src/map/palette";
import { conditionOf, robotLook } from "../src/map/robotLook";
import { RobotSign, screenRotation } from "../src/map/robotSign";

const robot = (change: Partial<LiveRobot> = {}): LiveRobot => ({
  name: "security_1", xM: 0, yM: 0, yawRad: 0, level: "ground", status: "working", battery: 0.5,
  speedMps: 1, taskId: null, lastSeenS: 0, flags: 0, ...change,
});

describe("a robot's look", () => {
  it("has the colour of its kind while all is well", () => {
    expect(robotLook(robot(), "cleaning")).toEqual({
      fill: KIND_COLOURS["cleaning"], ring: null, mark: "", opacity: 1,
    });
  });

  it.each([
    [{ flags: FLAG.emergencyStop | FLAG.paused }, "stopped"],
    [{ status: "error" as const, flags: FLAG.paused }, "error"],
    [{ status: "offline" as const, flags: FLAG.paused }, "offline"],
    [{ flags: FLAG.notLocalized }, "lost"],
    [{ flags: FLAG.paused | FLAG.obstacleStop }, "paused"],
    [{ flags: FLAG.obstacleStop }, "obstacle"],
    [{ status: "idle" as const, flags: FLAG.charging }, "charging"],
    [{ status: "idle" as const }, "idle"],
  ])("of %o is %s: the worst comes first", (change, condition) => {
    expect(conditionOf(robot(change))).toBe(condition);
  });

  it("says with a mark, not with colour alone, that something is wrong", () => {
    const troubles = [
      { flags: FLAG.emergencyStop }, { status: "error" as const }, { status: "offline" as const },
      { flags: FLAG.paused }, { flags: FLAG.notLocalized }, { flags: FLAG.errors },
    ];
    for (const change of troubles) expect(robotLook(robot(change), "safety").mark).not.toBe("");
  });

  it("is grey and weaker when it is silent, but there", () => {
    const look = robotLook(robot({ status: "offline" }), "security");
    expect(look.fill).not.toBe(KIND_COLOURS["security"]);
    expect(look.opacity).toBeGreaterThan(0.5);
    expect(look.opacity).toBeLessThan(1);
  });

  it("points north on the screen when the robot faces north", () => {
    expect(screenRotation(Math.PI / 2)).toBeCloseTo(0);
    const look = robotLook(robot(), "security");
    const sign = new RobotSign("security_1");
    sign.show({ look, selected: true, text: "security 1", elsewhere: false });
    sign.place(10, 20, 0);
    expect(sign.element.querySelector<HTMLElement>(".robot-arrow")?.style.transform).toContain("rotate(1.57rad)");
    expect(sign.element.textContent).toContain("security 1");
    expect(sign.element.classList).toContain("selected");
  });
});

describe("a zone's colour", () => {
  const palette = PALETTES.light;
  it("goes from dirty to clean", () => {
    expect(zoneColour("clean", 0, palette)).toBe(palette.dirty);
    expect(zoneColour("clean", 1, palette)).toBe(palette.clean);
    expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080");
  });
  it("is neither where nobody knows, and that of its purpose elsewhere", () => {
    expect(zoneColour("clean", null, palette)).toBe(palette.unknown);
    expect(zoneColour("closed", 1, palette)).toBe(palette.closed);
  });
  it("of obstacles follows what they are called", () => {
    expect(["canal_south", "grove_b1", "wall_gate_a"].map((id) => obstacleMaterial(id))).toEqual(["water", "trees", "wall"]);
    expect(obstacleMaterial("canal_works", "construction")).toBe("works");
  });
});

describe("motion", () => {
  it("glides to the new pose within one interval of the feed, the short way round", () => {
    const motion = new Motion();
    motion.frame(0);
    motion.aim("a", { xM: 0, yM: 0, yawRad: 3 }, 0);
    motion.frame(500);
    motion.aim("a", { xM: 2, yM: 0, yawRad: -3 }, 500);
    expect(motion.at("a", 750)).toMatchObject({ moving: true, pose: { xM: 1 } });
    expect(Math.abs(motion.at("a", 750)?.pose.yawRad ?? 0)).toBeCloseTo(Math.PI, 5);
    expect(motion.at("a", 1_000)).toMatchObject({ moving: false, pose: { xM: 2 } });
    expect(shortTurn(-6)).toBeCloseTo(2 * Math.PI - 6);
  });

  it("does not glide across the campus, nor for readers who want no motion", () => {
    const motion = new Motion();
    motion.aim("a", { xM: 0, yM: 0, yawRad: 0 }, 0);
    motion.aim("a", { xM: 300, yM: 0, yawRad: 0 }, 500);
    expect(motion.at("a", 500)).toMatchObject({ moving: false, pose: { xM: 300 } });
    motion.aim("a", { xM: 301, yM: 0, yawRad: 0 }, 1_000, true);
    expect(motion.at("a", 1_000)?.pose.xM).toBe(301);
  });
});
