/** Emergency stops: shown until every robot has confirmed; zones by two presses. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { StopBanner } from "../src/emergency/StopBanner";
import { ZoneStop } from "../src/emergency/ZoneStop";
import { standingOf, type RobotStop } from "../src/emergency/stops";
import { EMPTY_VIEW, applyFrame, type FleetView } from "../src/live/fleetView";
import { KIM, answering, draw } from "./page";

const stop = (robot: string, status: RobotStop["status"], change: Partial<RobotStop> = {}): RobotStop => ({
  robot, status, since_s: 900, by: "Li", reason: "smoke", zones: [], confirmed_s: null, released_by: "", ...change,
});

describe("the banner", () => {
  it("names who has not confirmed, and counts who has", () => {
    answering(() => ({ body: {} }));
    draw(<StopBanner />, { stops: [stop("a", "confirmed"), stop("b", "told"), stop("c", "releasing")], zone_stops: ["plaza"] });
    const banner = screen.getByTestId("stop-banner");
    expect(banner.dataset["unconfirmed"]).toBe("1");
    expect(banner.textContent).toContain("Emergency stop by Li");
    expect(banner.textContent).toContain("1 of 2 robots have confirmed");
    expect(banner.textContent).toContain("Not confirmed: b");
    expect(banner.textContent).toContain("Being released: c");
    expect(banner.textContent).toContain("plaza");
  });
  it("is not there when nothing is stopped, and offers no release to who may not", () => {
    answering(() => ({ body: {} }));
    const { unmount } = draw(<StopBanner />);
    expect(screen.queryByTestId("stop-banner")).toBeNull();
    unmount();
    draw(<StopBanner />, { stops: [stop("a", "told")] }, { ...KIM, permissions: ["fleet:see"] });
    expect(screen.getByTestId("stop-banner")).toBeTruthy();
    expect(screen.queryByTestId("banner-release")).toBeNull();
  });
});

describe("the stop of a zone", () => {
  it.each([
    [[], "emergency_stop"],
    [["plaza"], "release_stop"],
  ])("takes two presses (%j)", async (stopped, action) => {
    const asked = answering(() => ({ body: { success: true } }));
    draw(<ZoneStop zone="plaza" name="Plaza" />, { zone_stops: stopped });
    await userEvent.click(screen.getByTestId("zone-stop"));
    expect(asked).toHaveLength(0);
    await userEvent.click(await screen.findByTestId("zone-stop-confirm"));
    await waitFor(() => expect(asked.map(({ path }) => path)).toEqual([`/zones/plaza/${action}`]));
  });
});

describe("the live feed", () => {
  it("tells all stops whenever one changes", () => {
    const first = applyFrame(EMPTY_VIEW, { type: "snapshot", seq: 1, stops: [stop("a", "told")], zone_stops: [] }, 0) as FleetView;
    const same = applyFrame(first, { type: "delta", seq: 2 }, 0) as FleetView;
    expect(same.stops).toBe(first.stops);
    const over = applyFrame(same, { type: "delta", seq: 3, stops: [], zone_stops: [] }, 0) as FleetView;
    expect(over.stops).toEqual([]);
  });
  it("says who stopped once, and the last reason", () => {
    const standing = standingOf([stop("a", "told"), stop("b", "told", { since_s: 950, reason: "glass", by: "Kim" })]);
    expect(standing).toMatchObject({ by: ["Li", "Kim"], reason: "glass", silent: ["a", "b"], standing: 0 });
  });
});
