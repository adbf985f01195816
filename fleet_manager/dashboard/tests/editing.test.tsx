/** Editing the map: what each step makes of the document, the way back, checks and publishing. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { describe, expect, it } from "vitest";
import type { CampusDocument, CampusFeature } from "../src/api/types";
import { EditPanel } from "../src/editing/EditPanel";
import {
  added, after, begin, described, laneBetween, newId, pointAt, publishable, redone, removed, reshaped, undone, withCorners, zoneOf,
} from "../src/editing/draft";
import { useEditor } from "../src/editing/useEditor";
import { answering, draw, type Asked } from "./page";

const waypoint = (id: string, x: number, y: number, role: "junction" | "bay" | "crossing" = "bay"): CampusFeature => ({
  type: "Feature", id, geometry: { type: "Point", coordinates: [x, y] }, properties: { feature: "waypoint", level: "ground", role },
});
const LANE: CampusFeature = {
  type: "Feature", id: "road", geometry: { type: "LineString", coordinates: [[0, 0], [5, 1], [10, 0]] },
  properties: { feature: "lane", from: "a", to: "b", direction: "both", level: "ground", width_m: 2, speed_limit_mps: 1 },
};
const DOCUMENT = {
  type: "FeatureCollection", campus: { id: "c", name: "C", timezone: "UTC" }, version: "v1", footprint_radius_m: { security: 0.4 },
  features: [waypoint("a", 0, 0), waypoint("b", 10, 0), waypoint("x", 10, 9, "crossing"), LANE],
} as CampusDocument;
const get = (document: CampusDocument, id: string) => document.features.find((each) => each.id === id);

describe("a step", () => {
  it("that moves a waypoint takes the ends of its lanes along, and back", () => {
    const draft = after(begin(DOCUMENT), reshaped("b", { type: "Point", coordinates: [12.001, 3] }));
    expect(get(draft.document, "road")?.geometry.coordinates).toEqual([[0, 0], [5, 1], [12, 3]]);
    expect(get(DOCUMENT, "road")?.geometry.coordinates).toEqual([[0, 0], [5, 1], [10, 0]]);
    expect(undone(draft).document).toBe(DOCUMENT);
    expect(redone(undone(draft)).document).toBe(draft.document);
  });
  it("that moves the end of a lane takes the waypoint along, and what else ends there", () => {
    const more = after(begin(DOCUMENT), added(laneBetween(DOCUMENT, waypoint("b", 10, 0), waypoint("x", 10, 9))));
    const draft = after(more, reshaped("road", { type: "LineString", coordinates: [[0, 0], [10, 2]] }));
    expect(get(draft.document, "b")?.geometry.coordinates).toEqual([10, 2]);
    expect(get(draft.document, "lane_1")?.geometry.coordinates).toEqual([[10, 2], [10, 9]]);
  });
  it("that removes a waypoint removes the lanes that end there", () => {
    expect(removed("a")(DOCUMENT).features.map(({ id }) => id)).toEqual(["b", "x"]);
  });
  it("that changes nothing is none, and one after going back forgets what was ahead", () => {
    const draft = begin(DOCUMENT);
    expect(after(draft, removed("nobody"))).toBe(draft);
    const back = undone(after(draft, removed("a")));
    expect(after(back, removed("b")).future).toEqual([]);
  });
  it("drops a property that is not given any more", () => {
    const named = described("a", { name: "Gate" })(DOCUMENT);
    expect(get(named, "a")?.properties.name).toBe("Gate");
    expect("name" in (get(described("a", { name: undefined } as never)(named), "a")?.properties ?? {})).toBe(false);
  });
});

describe("something new", () => {
  it("gets an id that is free", () => {
    expect(newId({ ...DOCUMENT, features: [waypoint("bay_1", 0, 0)] }, "bay")).toBe("bay_2");
  });
  it("is reached from the nearest waypoint at which robots may stop", () => {
    expect(pointAt(DOCUMENT, "asset", "ground", [10, 7]).properties.access).toBe("b");
    expect(zoneOf(DOCUMENT, "ground", [[1, 1], [4, 1], [4, 4]]).geometry.coordinates).toEqual([[[1, 1], [4, 1], [4, 4], [1, 1]]]);
  });
  it("of a polygon keeps its ring closed when a corner is moved", () => {
    const square = { type: "Polygon" as const, coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] };
    expect(withCorners(square, 0, [[5, 5], [1, 0], [1, 1]]).coordinates).toEqual([[[5, 5], [1, 0], [1, 1], [5, 5]]]);
  });
});

it("what is published has nothing of what the manager adds", () => {
  expect(Object.keys(publishable(begin(DOCUMENT)) as object).sort()).toEqual(["campus", "features", "type"]);
});

function Panel() {
  const { editor, start, stop } = useEditor();
  useEffect(() => start(DOCUMENT), [start]);
  if (!editor) return <p>closed</p>;
  return (
    <>
      <button type="button" onClick={() => editor.choose("road")}>choose the road</button>
      <button type="button" onClick={() => editor.place([0.2, 0], "ground", 1)}>at a</button>
      <button type="button" onClick={() => editor.place([10, 9], "ground", 1)}>at x</button>
      <EditPanel editor={editor} level="ground" onFinding={() => {}} onStop={stop} />
    </>
  );
}

function manager(findings: object[]) {
  return ({ body }: Asked) => {
    const { check_only: check } = body as { check_only?: boolean };
    return { status: check ? 200 : 201, body: { version: "v2", published: !check, number: check ? null : 2, findings } };
  };
}

describe("the panel", () => {
  it("checks what was changed, then publishes it on top of what it began with", async () => {
    const asked = answering(manager([]));
    draw(<Panel />);
    await userEvent.click(await screen.findByText("choose the road"));
    expect(asked).toEqual([]);
    const speed = screen.getByTestId("edit-speed");
    await userEvent.clear(speed);
    await userEvent.type(speed, "0.7");
    await userEvent.tab();
    await waitFor(() => expect(screen.getByTestId("edit-check").dataset.checked).toBe("true"));
    await userEvent.type(screen.getByTestId("edit-note"), "slower");
    await userEvent.click(screen.getByTestId("edit-publish"));
    await screen.findByText("closed");
    const sent = asked.find(({ body }) => (body as { parent?: string }).parent === "v1")?.body as { document: CampusDocument; note: string };
    expect(sent.note).toBe("slower");
    expect(get(sent.document, "road")?.properties.speed_limit_mps).toBe(0.7);
  });
  it("does not publish what is in error, and says what", async () => {
    answering(manager([{ check: "connected", severity: "error", subject: "x", problem: "x is cut off", remedy: "join it" }]));
    draw(<Panel />);
    await userEvent.click(await screen.findByText("choose the road"));
    await userEvent.click(screen.getByTestId("edit-remove"));
    await waitFor(() => expect(screen.getByTestId("edit-check").dataset.errors).toBe("1"));
    expect(screen.getByTestId<HTMLButtonElement>("edit-publish").disabled).toBe(true);
    await userEvent.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(screen.getByTestId("edit-panel").dataset.steps).toBe("0"));
  });
  it("joins two waypoints by clicks near them", async () => {
    answering(manager([]));
    draw(<Panel />);
    await userEvent.click(await screen.findByTestId("tool-lane"));
    await userEvent.click(screen.getByText("at a"));
    await userEvent.click(screen.getByText("at x"));
    expect((await screen.findByTestId("edit-chosen")).dataset.feature).toBe("lane_1");
    expect(screen.getByTestId("edit-panel").dataset.steps).toBe("1");
  });
});
