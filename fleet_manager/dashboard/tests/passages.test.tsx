/** Doors, lifts and crossings: how they are drawn, where a change shows, what their panel says and asks. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { Passages } from "../dev/passages";
import type { CampusDocument, Passage } from "../src/api/types";
import { FeaturePanel } from "../src/features/FeaturePanel";
import { EMPTY_VIEW, GAP, applyFrame } from "../src/live/fleetView";
import { CampusModel } from "../src/map/campusModel";
import { OPTIONAL_LAYERS } from "../src/map/layers";
import { Overlay, type OverlayContext } from "../src/map/overlay";
import { PASSAGE_SYMBOLS, passageColour } from "../src/map/paint/passages";
import { PALETTES } from "../src/map/palette";
import { SIGN_UP_PX, inShort, isShownAt, shapeOf, type PassageLook } from "../src/map/passageShapes";
import { MapSearch } from "../src/map/search";
import { answering, draw } from "./page";

const CABIN = [[[10, 10], [12, 10], [12, 12], [10, 12], [10, 10]]];
const CAMPUS = {
  type: "FeatureCollection",
  campus: {
    id: "yard", name: "Yard", timezone: "UTC",
    levels: [{ id: "ground", name: "Ground", elevation_m: 0 }, { id: "l2", name: "Level 2", elevation_m: 4 }],
  },
  version: "v1",
  features: [
    ["lift_a", { type: "Polygon", coordinates: CABIN }, { feature: "lift", name: "Library lift", levels: ["ground", "l2"] }],
    ["in_door", { type: "Point", coordinates: [51, 0] }, { feature: "waypoint", role: "door", level: "ground", passage: "door_a" }],
    ["in", { type: "LineString", coordinates: [[51, -3], [51, 0]] }, { feature: "lane", level: "ground", from: "yard", to: "in_door" }],
    ["elsewhere", { type: "LineString", coordinates: [[60, 0], [70, 0]] }, { feature: "lane", level: "ground", from: "a", to: "b" }],
    ["door_a", { type: "LineString", coordinates: [[50, 0], [52, 0]] }, { feature: "door", name: "Main door", level: "ground" }],
  ].map(([id, geometry, properties]) => ({ type: "Feature", id, geometry, properties })),
} as unknown as CampusDocument;
const model = new CampusModel(CAMPUS);

const passage = (id: string, change: Partial<Passage> = {}): Passage => ({
  id, name: id === "lift_a" ? "Library lift" : "Main door", kind: id === "lift_a" ? "lift" : "door", building: null,
  levels: id === "lift_a" ? ["ground", "l2"] : ["ground"], state: "closed", level: "ground", robot: null, session: null,
  asked_level: null, waiting: [], since_s: null, reason: "", ...change,
});
const byId = (...all: Passage[]) => new Map(all.map((each) => [each.id, each]));
const drawn = (change: Partial<Passage>, id = "lift_a") => {
  const shape = shapeOf(model, passage(id, change));
  if (!shape) throw new Error("it is drawn");
  return shape;
};

describe("the live view", () => {
  it("has each passage as it was told last, and leaves them alone when none changed", () => {
    const view = applyFrame(EMPTY_VIEW, { type: "snapshot", seq: 1, passages: [passage("lift_a"), passage("door_a")] }, 0);
    if (view === GAP) throw new Error("unexpected gap");
    const next = applyFrame(view, { type: "delta", seq: 2, passages: [passage("lift_a", { state: "moving" })] }, 0);
    if (next === GAP) throw new Error("unexpected gap");
    expect([...next.passages.values()].map(({ state }) => state)).toEqual(["moving", "closed"]);
    const later = applyFrame(next, { type: "delta", seq: 3 }, 0);
    expect(later !== GAP && later.passages).toBe(next.passages);
  });
});

describe("a passage's sign", () => {
  const looks = ["open", "changing", "moving", "closed", "broken"] as const satisfies readonly PassageLook[];
  it("tells what it does, with a symbol of its own for each", () => {
    expect(drawn({ state: "opening" }).look).toBe("changing");
    expect(drawn({ state: "closing" }).look).toBe("changing");
    expect(drawn({ state: "moving" }).look).toBe("moving");
    expect(drawn({ state: "out_of_order" }).look).toBe("broken");
    expect(new Set(looks.map((look) => PASSAGE_SYMBOLS[look])).size).toBe(looks.length);
    expect(passageColour("broken", PALETTES.light)).not.toBe(passageColour("open", PALETTES.light));
  });
  it("is not there before it was heard, nor for what the map does not have", () => {
    expect(shapeOf(model, passage("door_a", { state: "unknown", level: null }))).toBeNull();
    expect(shapeOf(model, passage("door_of_an_older_map"))).toBeNull();
  });
  it("says at which level a lift is, in short; a door has but one", () => {
    expect(drawn({ level: "l2" }).level).toBe("L2");
    expect(drawn({ level: null }).level).toBe("");
    expect(drawn({}, "door_a").level).toBe("");
    expect(["Ground", "Level 12", "Basement 1", "2层"].map(inShort)).toEqual(["G", "L12", "B1", "2层"]);
  });
  it("is seen from farther away while it is used, and from everywhere when it is out of order", () => {
    expect([drawn({}), drawn({ robot: "a" }), drawn({ state: "out_of_order" })].map((each) => isShownAt(each, 0.5))).toEqual([
      false, true, true,
    ]);
    expect([drawn({ waiting: ["a"] }), drawn({ state: "out_of_order" })].map((each) => isShownAt(each, 4))).toEqual([false, true]);
  });
});

describe("the overlay", () => {
  const context: OverlayContext = {
    model, level: "ground", layers: new Set(OPTIONAL_LAYERS), scheme: "light", kinds: new Map(), selected: null, restrictions: {}, marks: [],
  };
  const showing = (overlay: Overlay, passages: ReadonlyMap<string, Passage>, change: Partial<OverlayContext> = {}) =>
    overlay.update({ ...EMPTY_VIEW, passages }, { ...context, ...change });

  it("is drawn again only where a passage looks different", () => {
    const overlay = new Overlay();
    showing(overlay, byId(passage("lift_a"), passage("door_a")));
    expect(showing(overlay, byId(passage("lift_a", { since_s: 5 }), passage("door_a")))).toBeNull();
    const change = showing(overlay, byId(passage("lift_a", { state: "opening" }), passage("door_a")));
    expect(change?.extents).toEqual([[11, 11, 11, 11]]);
    expect(change?.over.passages.map(({ look }) => look)).toEqual(["changing", "closed"]);
  });
  it("has the passages of the level, and none while their layer is hidden", () => {
    const both = byId(passage("lift_a"), passage("door_a"));
    expect(showing(new Overlay(), both, { level: "l2" })?.over.passages.map(({ id }) => id)).toEqual(["lift_a"]);
    const hidden = new Overlay();
    expect(showing(hidden, both, { layers: new Set() })?.over.passages).toEqual([]);
    expect(hidden.passageAt(51, SIGN_UP_PX * 0.1, 0.1)).toBeNull();
  });
  it("shows the lanes through what is out of order as closed, and not as closed by the weather", () => {
    const overlay = new Overlay();
    const restrictions = { security: { closed: ["in", "in~", "elsewhere"] } };
    const looks = (change: Partial<Passage>) =>
      showing(overlay, byId(passage("door_a", change)), { restrictions })?.over.closures.map(({ look, lines }) => [look, lines.length]);
    expect(looks({ state: "out_of_order" })).toEqual([["closed", 1], ["weather", 1]]);
    expect(looks({ state: "closed" })).toEqual([["weather", 2]]);
  });
  it("finds the passage whose sign is clicked, as far as it is drawn", () => {
    const overlay = new Overlay();
    showing(overlay, byId(passage("door_a")));
    expect(overlay.passageAt(51, SIGN_UP_PX * 0.1, 0.1)).toBe("door_a");
    expect(overlay.passageAt(51, 0, 0.1)).toBeNull();
    expect(overlay.passageAt(51, SIGN_UP_PX * 2, 2)).toBeNull();
  });
});

describe("search", () => {
  it("finds doors and lifts by name and id", () => {
    const search = new MapSearch(model);
    expect(search.find("lift").map(({ id }) => id)).toEqual(["lift_a"]);
    expect(search.find("door a").map(({ id }) => id)).toEqual(["door_a"]);
  });
});

describe("the panel of a passage", () => {
  const panel = (change: Partial<Passage>, id = "lift_a") => {
    const asked = answering(({ path }) => ({ body: path === "/map" ? CAMPUS : { success: true } }));
    draw(<FeaturePanel id={id} onClose={() => {}} onShow={() => {}} />, { now_s: 1000, passages: [passage(id, change)] });
    return asked;
  };
  it("says how it is, where, whom it serves and who waits", async () => {
    panel({ state: "moving", level: "l2", robot: "security_1", session: "riding", asked_level: "ground", waiting: ["safety_1", "safety_2"], since_s: 995 });
    const shown = await screen.findByTestId("feature-panel");
    expect(screen.getByTestId("passage-state").dataset["status"]).toBe("moving");
    for (const text of ["Is at", "Level 2", "security_1 · rides in it", "Asked to", "Ground", "safety_1, safety_2"]) {
      expect(shown.textContent).toContain(text);
    }
    expect(screen.queryByTestId("passage-restore")).toBeNull();
  });
  it("says that nobody uses a door, without a level", async () => {
    panel({}, "door_a");
    const shown = await screen.findByTestId("feature-panel");
    expect(shown.textContent).toContain("nobody");
    expect(shown.textContent).not.toContain("Is at");
  });
  it("says why it is out of order, and that it works again in the name of the person", async () => {
    const asked = panel({ state: "out_of_order", reason: "It did not open within 30 s.", since_s: 900 }, "door_a");
    expect((await screen.findByTestId("feature-panel")).textContent).toContain("It did not open within 30 s.");
    await userEvent.click(screen.getByTestId("passage-restore"));
    const posts = () => asked.filter(({ method }) => method === "POST");
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]).toMatchObject({ path: "/passages/door_a/restore", body: { by: "Kim" } });
  });
});

describe("the mock fleet's passages", () => {
  it("go round while they serve a robot, a lift level by level; others rest, and are restored once", () => {
    const passages = new Passages(CAMPUS);
    passages.serve("lift_a", "security_1", [], 0);
    passages.fail("door_a", "It is stuck.", 0);
    const told: string[] = [];
    for (let second = 0; second < 44; second += 1) {
      passages.step(second, 1);
      const { state, level } = passages.all.get("lift_a") ?? passage("lift_a");
      if (told.at(-1) !== `${state} ${level}`) told.push(`${state} ${level}`);
    }
    expect(told.slice(1, 6)).toEqual(["opening ground", "open ground", "closing ground", "moving l2", "opening l2"]);
    expect(passages.all.get("door_a")?.state).toBe("out_of_order");
    expect(["door_a", "door_a", "nowhere"].map((id) => passages.restore(id))).toEqual([true, false, null]);
  });
});
