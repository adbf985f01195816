/** Incidents: found in their lists, reported, moved on, with what was done about them. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import type { Incident } from "../src/api/types";
import { IncidentDesk } from "../src/incidents/IncidentDesk";
import { en } from "../src/i18n/en";
import { KIM, answering, draw, type Asked } from "./page";

vi.mock("../src/map/LiveMap", () => ({ default: () => <div data-testid="map" /> }));

const incident = (id: string, change: Partial<Incident> = {}): Incident => ({
  id, kind: "spill", severity: 1, status: "raised", title: `Title of ${id}`, place: "gate_a", x_m: 1, y_m: 2, level: "ground",
  robot: null, task_id: null, raised_s: 900, acknowledged_by: null, assigned_to: null, resolved_by: null, note: null,
  timeline: [], pictures: 0, closure_id: null, score: null, stddev_m: null, seen_s: null, sightings: 0, sources: [], ...change,
});
const MINOR = incident("incident-1");
const GRAVE = incident("incident-2", {
  severity: 3, raised_s: 800, pictures: 2, sources: ["security_1"], score: 0.9, sightings: 4, seen_s: 950, robot: "security_1",
});
const OLD = incident("incident-0", {
  status: "resolved", raised_s: 100, resolved_by: "Li",
  timeline: [{ time_s: 200, status: "resolved", by: "Li", note: "mopped up" }],
});
const CAMPUS = { type: "FeatureCollection", campus: {}, features: [] };

function manager({ path, method }: Asked): { status?: number; body: unknown } {
  if (path === "/incidents" && method === "POST") return { status: 201, body: incident("incident-3", { title: "A broken window" }) };
  if (path.startsWith("/incidents?")) return { body: [MINOR, GRAVE, OLD] };
  if (path === "/map") return { body: CAMPUS };
  return { body: { success: true } };
}

function Desk({ first = null }: { first?: string | null }) {
  const [chosen, choose] = useState<string | null>(first);
  return <IncidentDesk chosen={chosen} onChoose={choose} onRobot={() => {}} />;
}

const ids = () => screen.getAllByTestId(/^incident-row-/).map(({ dataset }) => dataset.testid);
const sent = (asked: Asked[]) => asked.filter(({ method }) => method !== "GET").map(({ path, body }) => ({ path, body }));

describe("the list of incidents", () => {
  it("has the open ones worst first, and all newest first", async () => {
    answering(manager);
    draw(<Desk />, { incidents: [MINOR, GRAVE] });
    await waitFor(() => expect(ids()).toEqual(["incident-row-incident-2", "incident-row-incident-1"]));
    await userEvent.click(screen.getByText("All"));
    expect(ids()).toEqual(["incident-row-incident-1", "incident-row-incident-2", "incident-row-incident-0"]);
  });
  it("says how long a grave one has waited for somebody", async () => {
    answering(manager);
    draw(<Desk />, { incidents: [MINOR, GRAVE] });
    expect((await screen.findByTestId("incident-row-incident-2")).textContent).toMatch(/unacknowledged for 3 min/);
    expect(screen.getByTestId("incident-row-incident-1").textContent).not.toContain("unacknowledged");
  });
  it("says so when there is none, and what is wrong when they cannot be had", async () => {
    let broken = false;
    answering(() => (broken ? { status: 500, body: { title: "The database is full", status: 500 } } : { body: [] }));
    const { unmount } = draw(<Desk />);
    await screen.findByTestId("incidents-none");
    unmount();
    broken = true;
    draw(<Desk />);
    await screen.findByText("The database is full");
  });
});

describe("an incident", () => {
  it("shows pictures, place, and what was done", async () => {
    answering(manager);
    draw(<Desk first="incident-2" />, { incidents: [GRAVE] });
    const details = await screen.findByTestId("incident-details");
    await within(details).findByTestId("map");
    const picture = within(details).getByAltText(/^Picture 2 of 2/);
    expect(picture.getAttribute("src")).toBe("/incidents/incident-2/pictures/1");
    await userEvent.click(within(details).getByRole("button", { name: /^Picture 1 of 2/ }));
    expect(within(details).getByAltText(/^Picture 1 of 2/)).toBeTruthy();
    expect(details.textContent).toContain("90%");
  });
  it("is acknowledged with one click, and assigned to somebody with a note", async () => {
    const asked = answering(manager);
    draw(<Desk first="incident-1" />, { incidents: [MINOR] });
    await userEvent.click(await screen.findByTestId("incident-acknowledge"));
    await userEvent.click(screen.getByTestId("incident-assign"));
    await userEvent.click(await screen.findByTestId("step-submit"));
    expect(await screen.findByText(en["common.needed"])).toBeTruthy();
    await userEvent.type(screen.getByTestId("step-assignee"), "Li");
    await userEvent.type(screen.getByTestId("step-note"), "bring a mop");
    await userEvent.click(screen.getByTestId("step-submit"));
    await waitFor(() =>
      expect(sent(asked)).toEqual([
        { path: "/incidents/incident-1/acknowledge", body: {} },
        { path: "/incidents/incident-1/assign", body: { note: "bring a mop", assignee: "Li" } },
      ]),
    );
  });
  it("that is over shows what was done and offers nothing more", async () => {
    answering(manager);
    draw(<Desk first="incident-0" />);
    expect((await screen.findByTestId("incident-timeline")).textContent).toContain("mopped up");
    expect(screen.queryByTestId("incident-resolve")).toBeNull();
  });
  it("offers nothing to who may only look", async () => {
    answering(manager);
    draw(<Desk first="incident-1" />, { incidents: [MINOR] }, { ...KIM, permissions: ["fleet:see"] });
    await screen.findByTestId("incident-details");
    expect(screen.queryByTestId("incident-acknowledge")).toBeNull();
    expect(screen.queryByTestId("report-open")).toBeNull();
  });
  it("is reported by hand, once", async () => {
    const asked = answering(manager);
    draw(<Desk />);
    await userEvent.click(await screen.findByTestId("report-open"));
    await userEvent.click(await screen.findByTestId("report-submit"));
    await userEvent.type(screen.getByTestId("report-title"), "A broken window");
    await userEvent.selectOptions(screen.getByTestId("report-kind"), "damage");
    await userEvent.click(screen.getByTestId("report-submit"));
    await waitFor(() =>
      expect(sent(asked)).toEqual([{ path: "/incidents", body: { kind: "damage", title: "A broken window", severity: 2 } }]),
    );
    expect(asked.find(({ method }) => method === "POST")?.headers.get("Idempotency-Key")).toBeTruthy();
  });
});
