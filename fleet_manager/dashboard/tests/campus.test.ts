/** What of a campus is shown, found, chosen and listed, on which level, and painted again when. */
import { describe, expect, it } from "vitest";
import type { CampusDocument, CampusFeature, Closure, Finding, Incident, Route } from "../src/api/types";
import { EMPTY_CLOSURE, closuresOf, isClosable, missingOf, requestOf } from "../src/closures/closures";
import { EMPTY_VIEW } from "../src/live/fleetView";
import { CampusModel } from "../src/map/campusModel";
import { closedByWeather, closureShapes } from "../src/map/closureShapes";
import { candidates, placed } from "../src/map/labels";
import { OPTIONAL_LAYERS, firstLayers, layerOf, toggled } from "../src/map/layers";
import { Overlay, type OverlayContext } from "../src/map/overlay";
import { pickAt } from "../src/map/pick";
import { namesWithRoom, type Named } from "../src/map/robotNames";
import { MapSearch } from "../src/map/search";
import { TILE_PX, TileStore, extentOfTile, tilesOver } from "../src/map/tiles";
import { groupsOf, placeOf } from "../src/mapping/findings";

const square = (x: number, y: number, side: number): CampusFeature["geometry"] => ({
  type: "Polygon",
  coordinates: [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]],
});
const feature = (id: string, geometry: CampusFeature["geometry"], properties: object): CampusFeature =>
  ({ type: "Feature", id, geometry, properties }) as unknown as CampusFeature;
const point = (x: number, y: number): CampusFeature["geometry"] => ({ type: "Point", coordinates: [x, y] });
const line = (...coordinates: number[][]): CampusFeature["geometry"] => ({ type: "LineString", coordinates });

/** A yard with a library of two levels, joined by a lift. */
const CAMPUS = {
  type: "FeatureCollection",
  campus: { id: "yard", name: "Yard", levels: [{ id: "ground", name: "Ground", elevation_m: 0 }, { id: "l2", name: "Level 2", elevation_m: 4 }] },
  version: "v1",
  features: [
    feature("edge", square(0, 0, 200), { feature: "boundary" }),
    feature("library", square(20, 20, 60), { feature: "building", name: "Library", levels: ["ground", "l2"], height_m: 9 }),
    feature("annex", square(85, 20, 8), { feature: "building", name: "Library annex", level: "ground" }),
    feature("desk", point(50, 50), { feature: "waypoint", role: "bay", name: "Desk", level: "l2" }),
    feature("gate", point(10, 100), { feature: "waypoint", role: "bay", name: "Gate", level: "ground" }),
    feature("walk", line([10, 100], [100, 100]), { feature: "lane", level: "ground", from: "gate", to: "end" }),
    feature("stacks", square(30, 30, 20), { feature: "zone", purpose: "clean", name: "Stacks", level: "l2" }),
    feature("hydrant_1", point(100, 104), { feature: "asset", kind: "hydrant", name: "Hydrant 1", level: "ground" }),
    feature("cam_1", point(12, 101), { feature: "camera", name: "Camera 1", level: "ground", range_m: 20 }),
  ],
} as unknown as CampusDocument;
const model = new CampusModel(CAMPUS);
const ALL = new Set(OPTIONAL_LAYERS);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
const closure = (change: Partial<Closure>): Closure =>
  ({
    id: "c1", status: "active", lanes: [], zones: [], passages: [], kinds: null, speed_limit_mps: null, reason: "", by: "",
    since_s: 0, affected_lanes: [], ...change,
  }) as unknown as Closure;

describe("levels", () => {
  it("have the features that are on them, and a building on each of its levels", () => {
    expect(ids(model.levels)).toEqual(["ground", "l2"]);
    expect(ids(model.within("l2", "building", model.extent))).toEqual(["library"]);
    expect(ids(model.within("ground", "zone", model.extent))).toEqual([]);
    expect(ids(model.within("l2", "zone", model.extent))).toEqual(["stacks"]);
  });
  it("start at the ground", () => expect(model.ground).toBe("ground"));
});

describe("layers", () => {
  it("are hidden and shown one by one, and remembered", () => {
    localStorage.clear();
    expect(firstLayers().has("sectors")).toBe(false);
    const without = toggled(firstLayers(), "lanes");
    expect(without.has("lanes")).toBe(false);
    expect(firstLayers().has("lanes")).toBe(false);
    expect(toggled(without, "lanes").has("lanes")).toBe(true);
  });
  it("never hide buildings", () => expect(layerOf({ feature: "building" } as never)).toBeNull());
});

describe("picking", () => {
  const at = (x: number, y: number, level = "ground", layers: ReadonlySet<never> | typeof ALL = ALL, resolution = 0.1) =>
    pickAt({ model, level, layers, resolution }, x, y)?.id ?? null;
  it("takes the sign before the line, and the line before the area", () => {
    expect(at(100, 104)).toBe("hydrant_1");
    expect(at(60, 100.2)).toBe("walk");
    expect(at(50, 50)).toBe("library");
  });
  it("finds only what is on the level and in a layer that is shown", () => {
    expect(at(50, 50, "l2")).toBe("desk");
    expect(at(100, 104, "ground", new Set())).toBeNull();
  });
});

describe("search", () => {
  const search = new MapSearch(model);
  it("finds names before ids, and the exact name first", () => {
    expect(ids(search.find("library"))).toEqual(["library", "annex"]);
    expect(ids(search.find("hydr"))).toEqual(["hydrant_1"]);
    expect(ids(search.find("walk"))).toEqual(["walk"]);
  });
  it("finds nothing for nothing", () => expect(search.find("  ")).toEqual([]));
});

describe("names", () => {
  const wide = () => 40;
  it("keep off each other; the larger building's comes first", () => {
    const all = candidates(model, "ground", ALL, 2);
    expect(ids(all)).toEqual(["library", "annex"]);
    expect(ids(placed(all, 2, wide))).toEqual(["library"]);
    expect(ids(placed(all, 0.5, wide))).toEqual(["library", "annex"]);
  });
  it("are gone with their layer", () => expect(candidates(model, "ground", new Set(), 0.5)).toEqual([]));
  it("of robots hide no robot; that of the selected one is always there", () => {
    const robot = (name: string, x: number, selected = false): Named => ({ name, x, y: 0, widthPx: 60, selected });
    expect([...namesWithRoom([robot("a", 0), robot("b", 10)], 1)]).toEqual(["a"]);
    expect(namesWithRoom([robot("a", 0), robot("b", 10, true)], 1)).toEqual(new Set(["b"]));
    expect(namesWithRoom([robot("a", 0), robot("b", 90)], 1).size).toBe(2);
  });
});

describe("tiles", () => {
  it("cover an extent without a gap, the middle first", () => {
    const span = TILE_PX * 0.5;
    const tiles = tilesOver([-span, 0, 2 * span, span], 0.5);
    expect(tiles).toHaveLength(3);
    expect(tiles[0]).toMatchObject({ column: 0, row: -1 });
    expect(extentOfTile({ column: 0, row: -2, resolution: 0.5 })).toEqual([0, span, span, 2 * span]);
  });
  it("are painted again only where something changed, and the longest unused goes", () => {
    const store = new TileStore<string>(2);
    const [one, two, three] = [0, 1, 2].map((column) => ({ column, row: 0, resolution: 1 }));
    if (!one || !two || !three) throw new Error("three addresses");
    store.put(one, "one");
    store.put(two, "two");
    store.outdate([0, -10, 10, 0]);
    expect([store.get(two)?.stale, store.get(one)?.stale]).toEqual([false, true]);
    expect(store.put(three, "three")).toBe("two");
  });
});

describe("the overlay", () => {
  const context: OverlayContext = {
    model, level: "ground", layers: ALL, scheme: "light", kinds: new Map(), selected: null, restrictions: {}, marks: [],
  };
  const route = (x: number): Route => ({ base: [[x, 0], [x + 10, 0]], horizon: [[x + 20, 0]] });
  it("tells where a route has been and where it is now, and nothing when nothing changed", () => {
    const overlay = new Overlay();
    const first = { ...EMPTY_VIEW, routes: new Map([["a", route(0)]]) };
    expect(overlay.update(first, context)?.extents).toBeUndefined();
    expect(overlay.update({ ...first }, context)).toBeNull();
    const next = overlay.update({ ...first, routes: new Map([["a", route(100)]]) }, context);
    expect(next?.extents).toEqual([[0, 0, 20, 0], [100, 0, 120, 0]]);
    expect(next?.over.routes[0]?.planned).toEqual([[110, 0], [120, 0]]);
  });
  it("shows no route while their layer is hidden", () => {
    const hidden = { ...context, layers: new Set([...ALL].filter((layer) => layer !== "routes")) };
    expect(new Overlay().update({ ...EMPTY_VIEW, routes: new Map([["a", route(0)]]) }, hidden)?.over.routes).toEqual([]);
  });
  it("finds an open incident by its place", () => {
    const overlay = new Overlay();
    const incident = { id: "i", status: "open", severity: 2, title: "Smoke", x_m: 5, y_m: 5 } as unknown as Incident;
    overlay.update({ ...EMPTY_VIEW, incidents: new Map([["i", incident]]) }, context);
    expect(overlay.incidentAt(6, 5, 2)?.title).toBe("Smoke");
    expect(overlay.incidentAt(16, 5, 2)).toBeNull();
  });
});

describe("closures", () => {
  const lane = model.get("walk");
  const zone = model.get("stacks");
  if (!lane || !zone) throw new Error("the yard has a lane and a zone");
  it("are drawn on their level: closed, slowed or to come", () => {
    const shapes = (change: Partial<Closure>, level = "ground") =>
      closureShapes(model, level, [closure({ affected_lanes: ["walk", "walk~"], ...change })], new Set(), new Set()).map(({ look }) => look);
    expect(shapes({})).toEqual(["closed"]);
    expect(shapes({ speed_limit_mps: 0.3 })).toEqual(["slow"]);
    expect(shapes({ status: "scheduled" })).toEqual(["scheduled"]);
    expect(shapes({ status: "removed" })).toEqual([]);
    expect(shapes({}, "l2")).toEqual([]);
  });
  it("by the weather are those that no closure closes already", () => {
    const restrictions = { cleaning: { closed: ["walk", "walk~"] } };
    expect([...closedByWeather(restrictions, [], new Set())]).toEqual(["walk"]);
    expect([...closedByWeather(restrictions, [closure({ affected_lanes: ["walk"] })], new Set())]).toEqual([]);
  });
  it("of a lane are those that mean either of its directions", () => {
    expect(ids(closuresOf(lane, [closure({ affected_lanes: ["walk~"] }), closure({ id: "c2", status: "ended" })]))).toEqual(["c1"]);
    expect(closuresOf(zone, [closure({ affected_lanes: ["walk"] })])).toEqual([]);
  });
  it("are asked for by what they are of, with their times", () => {
    expect(requestOf(lane, EMPTY_CLOSURE, "Lin", 1000)).toEqual({ lanes: ["walk"], by: "Lin" });
    expect(requestOf(zone, { ...EMPTY_CLOSURE, when: "for", minutes: 5 }, "", 1000)).toEqual({ zones: ["stacks"], until_s: 1300 });
    expect(missingOf({ ...EMPTY_CLOSURE, when: "between", from: "2026-01-02T10:00", until: "2026-01-02T09:00" })).toBe("close.needOrder");
    expect(model.features.filter(isClosable).map(({ id }) => id)).toEqual(["walk", "stacks"]);
  });
});

describe("the validation report", () => {
  const finding = (change: Partial<Finding>): Finding => ({
    check: "spare_bay", severity: "warning", subject: "gate", problem: "", remedy: "", ...change,
  });
  it("has errors first, then what is found most often", () => {
    const groups = groupsOf([
      finding({}), finding({ check: "clearance" }), finding({ check: "clearance" }), finding({ check: "trap", severity: "error" }),
    ]);
    expect(groups.map(({ check }) => check)).toEqual(["trap", "clearance", "spare_bay"]);
  });
  it("places a finding where it says, else where its subject is", () => {
    expect(placeOf(finding({ x_m: 3, y_m: 4, level: "l2" }), model)).toEqual({ xy: [3, 4], level: "l2" });
    expect(placeOf(finding({ subject: "walk~" }), model)).toEqual({ xy: [55, 100], level: "ground" });
    expect(placeOf(finding({ subject: "fleet.yaml" }), model)).toBeNull();
  });
});
