/** Reports on any period, and the replay of one. */
import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import ReplayPage from "../src/pages/ReplayPage";
import ReportsPage from "../src/pages/ReportsPage";
import { presetPeriod, typedPeriod } from "../src/reports/period";
import { frameAt, rowAt, stepFor, tapeOf, type TrackRow } from "../src/replay/tape";
import { answering, draw, type Asked } from "./page";

vi.mock("../src/map/LiveMap", () => ({ default: () => <div data-testid="map" /> }));

const SHANGHAI = "Asia/Shanghai";
const unix = (text: string) => Date.parse(text) / 1000;
const NOW_S = unix("2026-06-03T10:00:00+08:00");

describe("a period", () => {
  it("of days is of the campus' days", () => {
    expect(presetPeriod("yesterday", NOW_S, SHANGHAI)).toEqual({ fromS: unix("2026-06-02T00:00:00+08:00"), toS: unix("2026-06-03T00:00:00+08:00") });
    expect(presetPeriod("week", NOW_S, SHANGHAI)).toEqual({ fromS: unix("2026-05-25T00:00:00+08:00"), toS: unix("2026-06-01T00:00:00+08:00") });
  });
  it("that is typed has its times in order", () => {
    expect(typedPeriod("2026-06-01T08:00", "2026-06-01T09:30", SHANGHAI)).toEqual({ fromS: unix("2026-06-01T00:00:00Z"), toS: unix("2026-06-01T01:30:00Z") });
    expect(typedPeriod("2026-06-01T08:00", "2026-06-01T08:00", SHANGHAI)).toBeNull();
    expect(typedPeriod("", "2026-06-01T08:00", SHANGHAI)).toBeNull();
  });
});

const kept = { programme: "night", sector: "west", promise_s: 3600, mean_s: 900, visits: 4 };
const REPORTS: Record<string, object> = {
  patrols: {
    sectors: [
      { ...kept, hour_s: NOW_S - 3600, worst_s: 1800, broken: 0, kept: true },
      { ...kept, hour_s: NOW_S, worst_s: 4200, broken: 1, kept: false },
    ],
    sites: [{ ...kept, site: "gate", worst_s: 4200, broken: 1, kept: false }],
  },
  coverage: { cell_m: 10, levels: [{ level: "ground", cells: [[0, 0, 5, 1, NOW_S]] }], zones: [{ zone: "plaza", name: "Plaza", area_m2: 100, sweeps: 1, swept_m2: 50, last_s: null }] },
  inspections: {
    assets: [{ asset: "aed", name: "AED", kind: "aed", due_interval_days: 7, last_inspected_s: null, last_result: null, due_s: null, standing: "never" }],
    inspections: [],
  },
  responses: { incidents: [], severities: [], arrival: { count: 0, median_s: null, p90_s: null, worst_s: null } },
  utilisation: {
    robots: [{
      robot: "r1", kind: "security", working_s: 1800, charging_s: 1800, idle_s: 0, error_s: 0, offline_s: 0, uninitialized_s: 0, unknown_s: 0,
      with_task_s: 900, tasks_completed: 3, distance_m: 1234, drawn_wh: 120, charged_wh: 90,
    }],
  },
};
const ROW = (timeS: number, x: number): TrackRow => [timeS, x, 0, 0, "ground", 0.5];

function manager({ path }: Asked): { status?: number; body: unknown } {
  if (path === "/map") {
    const boundary = { id: "edge", type: "Feature", geometry: { type: "Polygon", coordinates: [[[0, 0], [50, 0], [50, 50], [0, 0]]] }, properties: { feature: "boundary" } };
    return { body: { type: "FeatureCollection", campus: { id: "c", name: "Campus", timezone: SHANGHAI }, features: [boundary] } };
  }
  const name = /^\/reports\/(\w+)/.exec(path)?.[1];
  if (name) return { body: REPORTS[name] };
  if (path === "/robots") return { body: [{ name: "r1", kind: "security" }] };
  if (path === "/replay") return { body: { from_s: 1, to_s: 2, tracks_from_s: 1 } };
  if (path.startsWith("/replay/tracks")) {
    return { body: !path.includes(`from_s=${NOW_S - 1800}&`) ? { robots: { r1: [ROW(NOW_S - 3600, 0)] }, next_s: NOW_S - 1800 } : { robots: { r1: [ROW(NOW_S - 1800, 9)] }, next_s: null } };
  }
  if (path.startsWith("/replay/events")) {
    const incident = { id: "incident-1", title: "Smoke", raised_s: NOW_S - 1800, severity: 3, x_m: 1, y_m: 2, level: "ground" };
    return { body: { events: [{ seq: 1, time_s: NOW_S - 1800, type: "IncidentRaised", actor: "r1", payload: { incident } }], next: null } };
  }
  return { body: {} };
}

describe("reports", () => {
  it("show where a promise was broken, and are had as a table for the same period", async () => {
    const asked = answering(manager);
    draw(<ReportsPage />, { now_s: NOW_S });
    const heat = await screen.findByTestId("patrol-heat");
    expect([...heat.querySelectorAll("td")].map(({ dataset, textContent }) => [dataset.standing, textContent])).toEqual([["good", "30"], ["broken", "70"]]);
    expect(heat.querySelector("td[data-standing=broken]")?.getAttribute("aria-label")).toBe("70 of 60 min, visits: 4, broken");
    const path = asked.find(({ path: each }) => each.startsWith("/reports/patrols"))?.path;
    expect(screen.getByTestId("report-csv").getAttribute("href")).toBe(`${path}&format=csv`);
  });
  it("are each shown, also empty ones", async () => {
    answering(manager);
    draw(<ReportsPage />, { now_s: NOW_S });
    await userEvent.click(await screen.findByTestId("report-coverage"));
    expect((await screen.findByTestId("coverage-map")).dataset.cells).toBe("1");
    await userEvent.click(screen.getByTestId("report-inspections"));
    expect((await screen.findByTestId("inspection-due")).textContent).toContain("never inspected");
    await userEvent.click(screen.getByTestId("report-responses"));
    await screen.findByText("Nothing was reported in this period.");
    await userEvent.click(screen.getByTestId("report-utilisation"));
    const used = await screen.findByTestId("utilisation");
    expect(used.textContent).toContain("1.23 km");
    expect(used.querySelector(".shares")?.getAttribute("aria-label")).toBe("Working 50%, Charging 50%");
  });
  it("say what is wrong when they cannot be had", async () => {
    answering((asked) => (asked.path.startsWith("/reports") ? { status: 409, body: { title: "No past", detail: "this manager keeps no past", status: 409 } } : manager(asked)));
    draw(<ReportsPage />, { now_s: NOW_S });
    await screen.findByText("this manager keeps no past");
  });
});

describe("a robot at a moment", () => {
  const rows = [ROW(100, 0), ROW(101, 1), ROW(160, 1), ROW(400, 9)];
  it("is nowhere before it was first heard, and between two points on the way", () => {
    expect(rowAt("r", rows, 99)).toBeNull();
    expect(rowAt("r", rows, 100.5)?.slice(1, 3)).toEqual([0.5, 0]);
    expect(rowAt("r", rows, 100.5)?.[5]).toBe("working");
  });
  it("stands until shortly before it is elsewhere, and is grey where nothing was noted", () => {
    expect(rowAt("r", rows, 130)?.slice(1, 6)).toEqual([1, 0, 0, "ground", "idle"]);
    expect(rowAt("r", rows, 300)?.[5]).toBe("offline");
    expect(rowAt("r", rows, 300)?.[9]).toBe(160);
  });
  it("has the incidents that were open then", () => {
    const raised = { seq: 1, time_s: 10, type: "IncidentRaised", actor: "", payload: { incident: { id: "i", title: "I", raised_s: 10 } } };
    const closed = { seq: 2, time_s: 20, type: "IncidentMoved", actor: "", payload: { incident_id: "i", trigger: "resolve" } };
    const tape = tapeOf({ fromS: 0, toS: 30 }, new Map(), [raised, closed]);
    expect([5, 10, 19, 20].map((timeS) => frameAt(tape, timeS).incidents.length)).toEqual([0, 1, 1, 0]);
    expect(tape.happenings.map(({ kind, text }) => `${kind} ${text}`)).toEqual(["raised I", "closed I"]);
  });
  it("is fetched the more coarsely the more there is", () => {
    expect(stepFor(3600, 6)).toBe(1);
    expect(stepFor(86_400, 100)).toBeGreaterThan(40);
  });
});

describe("the player", () => {
  it("fetches all pages of a period, jumps to what happened, and plays on", async () => {
    answering(manager);
    draw(<ReplayPage />, { now_s: NOW_S });
    const player = await screen.findByTestId("player");
    expect(Number(player.dataset.time)).toBeLessThan(NOW_S - 1800);
    await userEvent.click(screen.getByTestId("happening-0"));
    expect(player.dataset.time).toBe(String(NOW_S - 1800));
    await userEvent.selectOptions(screen.getByTestId("replay-speed"), "100");
    await userEvent.click(screen.getByTestId("play"));
    expect(player.dataset.running).toBe("true");
    await waitFor(() => expect(Number(player.dataset.time)).toBeGreaterThan(NOW_S - 1800));
    await userEvent.click(screen.getByTestId("play"));
    expect(player.dataset.running).toBe("false");
    await act(async () => {});
  });
  it("says so where nothing was recorded", async () => {
    answering((asked) => (asked.path.startsWith("/replay/tracks") ? { body: { robots: {}, next_s: null } } : manager(asked)));
    draw(<ReplayPage />, { now_s: NOW_S });
    await screen.findByTestId("replay-none");
  });
});
