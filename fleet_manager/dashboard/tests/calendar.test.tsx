/** The calendar: local time where clocks change, moving one occurrence or all, what did not run. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { movesWith, type Calendar, type Schedule } from "../src/calendar/calendar";
import { sideBySide } from "../src/calendar/lanes";
import { shiftedRule } from "../src/calendar/rule";
import { addDays, hoursOf, mondayOf, unixOf, wallOf } from "../src/calendar/time";
import CalendarPage from "../src/pages/CalendarPage";
import { KIM, answering, draw, type Asked } from "./page";

const BERLIN = "Europe/Berlin";
const unix = (text: string) => Date.parse(text) / 1000;

describe("wall-clock time", () => {
  it("is found again, also on days when clocks change", () => {
    for (const day of ["2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"]) {
      for (const minutes of [0, 210, 720, 1439]) {
        expect(wallOf(unixOf({ day, minutes }, BERLIN), BERLIN)).toEqual({ day, minutes });
      }
    }
  });
  it("that comes twice is the first, and one that is skipped is as before the change", () => {
    expect(unixOf({ day: "2026-10-25", minutes: 150 }, BERLIN)).toBe(unix("2026-10-25T02:30:00+02:00"));
    expect(unixOf({ day: "2026-03-29", minutes: 150 }, BERLIN)).toBe(unix("2026-03-29T02:30:00+01:00"));
  });
  it("makes days of 23 and 25 hours", () => {
    expect(["2026-03-28", "2026-03-29", "2026-10-25"].map((day) => hoursOf(day, BERLIN))).toEqual([24, 23, 25]);
  });
  it("knows the Monday of a week, over the end of a year", () => {
    expect(mondayOf("2027-01-01")).toBe("2026-12-28");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  });
});

describe("a rule", () => {
  it("moves to another time of day where it says one", () => {
    expect(shiftedRule("FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0", "2026-06-01T22:00:00", 1290)).toBe(
      "FREQ=DAILY;BYHOUR=21;BYMINUTE=30;BYSECOND=0",
    );
    expect(shiftedRule("FREQ=DAILY;BYHOUR=1,4,22;BYMINUTE=0", "2026-06-01T22:00:00", 180)).toBe("FREQ=DAILY;BYHOUR=1,3,4;BYMINUTE=0");
  });
  it("is left alone where it cannot say that", () => {
    expect(shiftedRule("FREQ=DAILY;BYHOUR=1,22;BYMINUTE=0", "2026-06-01T22:00:00", 1290)).toBeNull();
    expect(shiftedRule("FREQ=HOURLY;BYMINUTE=0", "2026-06-01T22:00:00", 1290)).toBeNull();
  });
});

it("occurrences that would cover each other stand side by side, others have the whole width", () => {
  const placed = sideBySide([600, 0, 20, 30, 45], (minutes) => minutes);
  expect(placed.map(({ minutes, lane, lanes }) => [minutes, lane, lanes])).toEqual([
    [0, 0, 3], [20, 1, 3], [30, 2, 3], [45, 0, 3], [600, 0, 1],
  ]);
});

const NOW_S = unix("2026-06-03T10:00:00+02:00");
const SCHEDULE: Schedule = {
  id: "night", name: "Night patrol", rrule: "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0", timezone: BERLIN, start: "2026-01-01", until: null,
  exceptions: [], moves: [{ at: "2026-06-05T22:00:00", to: null }], enabled: true, request: { category: "patrol", description: {} }, next_run_s: NOW_S + 43_200,
};
const occurrence = { schedule: "night", name: "Night patrol", category: "patrol", moved: false, task_id: null, task_status: null, why: "" };
const CALENDAR: Calendar = {
  timezone: BERLIN, from_s: 0, until_s: 0, now_s: NOW_S, complete: true, windows: [],
  occurrences: [
    { ...occurrence, due_s: NOW_S - 129_600, at: null, outcome: "ran", task_id: "patrol-1", task_status: "completed" },
    { ...occurrence, due_s: NOW_S - 43_200, at: null, outcome: "passed_over", why: "the manager was off" },
    { ...occurrence, due_s: NOW_S + 43_200, at: "2026-06-03T22:00:00", outcome: "planned" },
  ],
};

function manager({ path, method }: Asked): { status?: number; body: unknown } {
  if (path === "/map") return { body: { type: "FeatureCollection", campus: { timezone: BERLIN }, features: [] } };
  if (path.startsWith("/calendar")) return { body: CALENDAR };
  if (path === "/schedules") return { body: [SCHEDULE] };
  return method === "PUT" ? { body: SCHEDULE } : { body: {} };
}
const put = (asked: Asked[]) => asked.filter(({ method }) => method === "PUT").map(({ path, body }) => ({ path, body }));

describe("the page", () => {
  it("asks for the week of the campus and says why something did not run", async () => {
    const asked = answering(manager);
    draw(<CalendarPage />, { now_s: NOW_S });
    await userEvent.click(await screen.findByTestId(`occurrence-night-${NOW_S - 43_200}`));
    expect((await screen.findByTestId("occurrence-dialog")).textContent).toContain("the manager was off");
    const [from, until] = ["2026-06-01T00:00:00+02:00", "2026-06-08T00:00:00+02:00"].map(unix);
    expect(asked.map(({ path }) => path)).toContain(`/calendar?from_s=${from}&until_s=${until}`);
  });
  it("moves one occurrence by the keyboard, and keeps what was moved before", async () => {
    const asked = answering(manager);
    draw(<CalendarPage />, { now_s: NOW_S });
    (await screen.findByTestId(`occurrence-night-${NOW_S + 43_200}`)).focus();
    await userEvent.keyboard("{Enter}");
    const field = await screen.findByTestId<HTMLInputElement>("move-to");
    await userEvent.clear(field);
    await userEvent.type(field, "2026-06-04T01:30");
    expect(screen.queryByTestId("move-all")).toBeNull(); // another day is no time of day
    await userEvent.click(screen.getByTestId("move-one"));
    await waitFor(() => expect(put(asked)).toHaveLength(1));
    const { next_run_s: _next, ...whole } = SCHEDULE;
    const moves = [...SCHEDULE.moves, { at: "2026-06-03T22:00:00", to: "2026-06-04T01:30:00" }];
    expect(put(asked)).toEqual([{ path: "/schedules/night", body: { ...whole, moves } }]);
  });
  it("moves all of them, leaves one out, and takes that back", async () => {
    const asked = answering(manager);
    draw(<CalendarPage />, { now_s: NOW_S });
    await userEvent.click(await screen.findByTestId(`occurrence-night-${NOW_S + 43_200}`));
    const field = await screen.findByTestId("move-to");
    await userEvent.clear(field);
    await userEvent.type(field, "2026-06-03T21:30");
    await userEvent.click(screen.getByTestId("move-all"));
    await waitFor(() => expect(put(asked)[0]?.body).toMatchObject({ rrule: "FREQ=DAILY;BYHOUR=21;BYMINUTE=30;BYSECOND=0" }));
    await userEvent.click(screen.getByText("As the rule has it"));
    await waitFor(() => expect(put(asked)[1]?.body).toMatchObject({ moves: [] }));
    expect(movesWith(SCHEDULE, "2026-06-05T22:00:00", undefined)).toEqual([]);
  });
  it("lets those who may only look change nothing", async () => {
    answering(manager);
    draw(<CalendarPage />, { now_s: NOW_S }, { ...KIM, permissions: ["fleet:see"] });
    await userEvent.click(await screen.findByTestId(`occurrence-night-${NOW_S + 43_200}`));
    await screen.findByTestId("occurrence-dialog");
    expect(screen.queryByTestId("move-one")).toBeNull();
    expect(screen.getByTestId<HTMLInputElement>("enabled-night").disabled).toBe(true);
  });
});
