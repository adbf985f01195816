/** Closures that are there: what is asked when their end is changed, and what the mock fleet makes of them. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { World } from "../dev/world";
import type { Closure } from "../src/api/types";
import { ClosureItem } from "../src/closures/ClosureItem";
import { newEndOf } from "../src/closures/closures";
import { answering, draw } from "./page";

const NOW_S = 1000;
const CLOSURE: Closure = {
  id: "closure-1", status: "active", lanes: ["walk"], zones: [], passages: [], kinds: null, speed_limit_mps: null,
  reason: "works", by: "Lin", created_s: 900, since_s: 900, changes_s: 1300, from_s: null, until_s: 1300, rrule: null,
  timezone: null, start: null, until: null, duration_s: null, ended_by: "", affected_lanes: ["walk"],
};

describe("the new end of a closure", () => {
  it("counts from now, of one that is to come from its beginning, and may be none", () => {
    expect(newEndOf(CLOSURE, 30, NOW_S)).toBe(NOW_S + 1800);
    expect(newEndOf({ ...CLOSURE, status: "scheduled", from_s: 5000 }, 30, NOW_S)).toBe(6800);
    expect(newEndOf(CLOSURE, null, NOW_S)).toBeNull();
  });
});

describe("the item of a closure", () => {
  const item = (change: Partial<Closure> = {}) => {
    const asked = answering(({ method }) => ({ body: method === "GET" ? {} : CLOSURE }));
    draw(<ClosureItem closure={{ ...CLOSURE, ...change }} naming={(id) => id} />, { now_s: NOW_S });
    return () => asked.filter(({ method }) => method === "PATCH");
  };
  it("asks for another end in somebody's name", async () => {
    const patches = item();
    await userEvent.click(screen.getByTestId("extend-closure-1"));
    await userEvent.selectOptions(await screen.findByTestId("extend-minutes"), "120");
    await userEvent.click(screen.getByTestId("extend-submit"));
    await waitFor(() => expect(patches()).toHaveLength(1));
    expect(patches()[0]).toMatchObject({ path: "/closures/closure-1", body: { by: "Kim" } });
    const { until_s: untilS } = patches()[0]?.body as { until_s: number };
    expect(Math.abs(untilS - (NOW_S + 7200))).toBeLessThan(60);
    await waitFor(() => expect(screen.queryByTestId("extend-submit")).toBeNull());
  });
  it("lets it hold until it is opened", async () => {
    const patches = item();
    await userEvent.click(screen.getByTestId("extend-closure-1"));
    await userEvent.selectOptions(await screen.findByTestId("extend-minutes"), "");
    await userEvent.click(screen.getByTestId("extend-submit"));
    await waitFor(() => expect(patches()).toHaveLength(1));
    expect(patches()[0]?.body).toEqual({ until_s: null, by: "Kim" });
  });
  it("has no other end for one that comes again and again", () => {
    item({ rrule: "FREQ=DAILY", duration_s: 600, until_s: null });
    expect(screen.queryByTestId("extend-closure-1")).toBeNull();
    expect(screen.getByTestId("open-closure-1")).toBeTruthy();
  });
});

describe("the mock fleet", () => {
  const world = () => new World(`${import.meta.dirname}/../../../maps/canalside/campus.geojson`);
  it("says what closures mean for each kind of robot, as long as they hold", () => {
    const fleet = world();
    fleet.close({ lanes: ["a", "b"], reason: "works", kinds: ["cleaning"] }, NOW_S);
    const slow = fleet.close({ lanes: ["c"], speed_limit_mps: 0.4 }, NOW_S);
    expect(fleet.restrictions()["cleaning"]).toEqual({ closed: ["a", "b"], limits: { c: 0.4 }, zones: [], why: { a: "works", b: "works" } });
    expect(fleet.restrictions()["security"]).toEqual({ closed: [], limits: { c: 0.4 }, zones: [], why: {} });
    fleet.reopen(slow.id, NOW_S);
    expect(fleet.restrictions()["security"]?.limits).toEqual({});
  });
  it("has a closure end at another time", () => {
    const fleet = world();
    const { id } = fleet.close({ lanes: ["a"] }, NOW_S);
    expect(fleet.change(id, { until_s: 2000 })?.changes_s).toBe(2000);
    expect(fleet.change(id, { reason: "gas" })).toMatchObject({ until_s: 2000, reason: "gas" });
    expect(fleet.change("nothing", {})).toBeNull();
  });
});
