/** Who waits for whom, where robots have waited, and obstacles that people report. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Closure, WaitedAt } from "../src/api/types";
import { EMPTY_VIEW, type LiveRobot } from "../src/live/fleetView";
import { firstLayers } from "../src/map/layers";
import type { CampusModel } from "../src/map/campusModel";
import { arrowPath, obstaclesOn, waitingPairs } from "../src/map/trafficLayer";
import { waitingColour, waitingRadiusPx, waitsDrawn } from "../src/map/waitingScale";
import { WhyHere } from "../src/robots/WhyHere";
import { ObstacleDialog, ReportObstacleDialog } from "../src/traffic/ObstacleDialogs";
import { WaitingPanel } from "../src/traffic/WaitingPanel";
import { answering, draw } from "./page";

const robot = (name: string, level: string) => ({ name, level }) as LiveRobot;
const waited = (waypoint: string, waitedS: number, level = "ground"): WaitedAt => ({
  waypoint, x_m: 0, y_m: 0, level, waited_s: waitedS, robots: 2, behind: { b: waitedS },
});
const BLOCKED = {
  id: "closure-7", status: "active", created_s: 900, changes_s: 2800, by: "Lin", reason: "van",
  obstacle: { x_m: 1, y_m: 2, level: "ground", radius_m: 1.5, what: "van", seen_s: 940 },
} as unknown as Closure;

describe("arrows", () => {
  const view = {
    ...EMPTY_VIEW,
    robots: new Map([["a", robot("a", "ground")], ["b", robot("b", "ground")], ["c", robot("c", "l2")]]),
    routes: new Map([
      ["a", { base: [], horizon: [], waits_for: ["b", "c"] }],
      ["b", { base: [], horizon: [] }],
      ["c", { base: [], horizon: [], waits_for: ["a"] }],
    ]),
  };
  it("lead from who waits to whom it waits for, on the level that is shown", () => {
    expect(waitingPairs(view, "ground")).toEqual([["a", "b"]]);
    expect(waitingPairs(view, "l2")).toEqual([]);
  });
  it("leave the signs free, and are left out between robots that touch", () => {
    expect(arrowPath([0, 0], [100, 0])).toMatch(/^M14\.0 0\.0L86\.0 0\.0M/);
    expect(arrowPath([0, 0], [20, 0])).toBeNull();
  });
});

describe("the heat map", () => {
  it("is hidden until it is asked for", () => {
    localStorage.clear();
    expect(firstLayers().has("waiting")).toBe(false);
  });
  it("shows the same wait in the same size and colour, ten times as much a step larger", () => {
    expect(waitingRadiusPx(600) - waitingRadiusPx(60)).toBeCloseTo(waitingRadiusPx(6000) - waitingRadiusPx(600));
    expect(waitingRadiusPx(1e9)).toBe(34);
    expect([waitingColour(60), waitingColour(6000)]).toEqual(["#f2b705", "#d6243a"]);
  });
  it("draws the waits of a level, the longest on top", () => {
    const drawn = waitsDrawn([waited("long", 900), waited("up", 900, "l2"), waited("short", 60), waited("blink", 2)], "ground");
    expect(drawn.map(({ waypoint }) => waypoint)).toEqual(["short", "long"]);
  });
  it("names the longest waits, shows them, and asks for other hours", async () => {
    const [onHours, onShow] = [vi.fn(), vi.fn()];
    const model = { get: () => undefined } as unknown as CampusModel;
    answering(() => ({ body: {} }));
    draw(<WaitingPanel waits={[waited("gate", 90)]} hours={24} onHours={onHours} model={model} onShow={onShow} />);
    await userEvent.click(screen.getByText("gate: 1.5 min, robots: 2, behind b"));
    expect(onShow).toHaveBeenCalledWith(expect.objectContaining({ waypoint: "gate" }));
    await userEvent.click(screen.getByText("6 h"));
    expect(onHours).toHaveBeenCalledWith(6);
  });
});

describe("obstacles", () => {
  it("are drawn on their level while their closures hold", () => {
    expect(obstaclesOn([BLOCKED, { ...BLOCKED, status: "removed" }, { ...BLOCKED, obstacle: null }], "ground")).toEqual([BLOCKED]);
    expect(obstaclesOn([BLOCKED], "l2")).toEqual([]);
  });
  it("are reported with what, where, how large and for how long", async () => {
    const onClose = vi.fn();
    const asked = answering(({ method }) => ({ body: method === "POST" ? BLOCKED : {} }));
    draw(<ReportObstacleDialog spot={{ xy: [12.3456, -7], level: "l2" }} onClose={onClose} />);
    await userEvent.type(await screen.findByTestId("obstacle-what"), " van ");
    await userEvent.selectOptions(screen.getByTestId("obstacle-stays"), "60");
    await userEvent.click(screen.getByTestId("obstacle-submit"));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    const [post] = asked.filter(({ method }) => method === "POST");
    expect(post).toMatchObject({
      path: "/obstacles",
      body: { x_m: 12.35, y_m: -7, level: "l2", radius_m: 1, what: "van", stays_s: 3600, by: "Kim" },
    });
    expect(post?.headers.get("Idempotency-Key")).toBeTruthy();
  });
  it("are gone when somebody says so", async () => {
    const onClose = vi.fn();
    const asked = answering(() => ({ body: { success: true } }));
    draw(<ObstacleDialog closure={BLOCKED} onClose={onClose} />);
    expect((await screen.findByTestId("obstacle-facts")).textContent).toContain("radius 1.5 m");
    await userEvent.click(screen.getByTestId("obstacle-gone"));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(asked.some(({ method, path }) => method === "DELETE" && path.startsWith("/closures/closure-7"))).toBe(true);
  });
});

describe("a robot's panel", () => {
  it("says why the robot stands", async () => {
    const sentences = ["a is at gate.", "a waits for bridge, which b passes first."];
    answering(() => ({ body: { robot: "a", sentences, chain: [], after: [] } }));
    draw(<WhyHere robot="a" />);
    const why = await screen.findByTestId("robot-why");
    for (const sentence of sentences) expect(why.textContent).toContain(sentence);
  });
});
