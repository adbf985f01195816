/** Patrol programmes: told live, and listed with what is promised and kept. */
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ProgrammeStanding } from "../src/api/types";
import { applyFrame, EMPTY_VIEW, GAP } from "../src/live/fleetView";
import { ProgrammeList } from "../src/tasks/ProgrammeList";
import { draw } from "./page";

const watch: ProgrammeStanding = {
  id: "watch",
  name: "Night watch",
  status: "running",
  promised_s: 1800,
  planned_s: 1500,
  measured_s: 1440,
  idle_s: 300,
  broken: 0,
  robots: 2,
  robots_planned: 3,
};

describe("programmes", () => {
  it("come and go with the live feed", () => {
    const view = applyFrame(EMPTY_VIEW, { type: "snapshot", seq: 1, programmes: [watch] }, 0);
    if (view === GAP) throw new Error("a snapshot is no gap");
    const later = applyFrame(view, { type: "delta", seq: 2, removed_programmes: ["watch"] }, 0);
    expect(view.programmes.get("watch")?.name).toBe("Night watch");
    expect(later !== GAP && later.programmes.size).toBe(0);
  });

  it("say what is promised, what was measured, and who is on patrol", () => {
    draw(<ProgrammeList />, { programmes: [watch] });
    expect(screen.getByTestId("programme-watch").textContent).toContain("Promised every 30 min");
    expect(screen.getByTestId("programme-watch").textContent).toContain("longest 24 min");
    expect(screen.getByTestId("programme-watch").textContent).toContain("2 of 3 robots");
  });
});
