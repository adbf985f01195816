/** What-if: what is asked, how far it is, and what came of it. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import WhatIfPage from "../src/pages/WhatIfPage";
import { FIRST_WISH, questionOf, type Comparison } from "../src/whatif/whatIf";
import { KIM, answering, draw, type Asked } from "./page";

const job = (change: Partial<Comparison>): Comparison => ({
  id: "what-if-1", status: "underway", progress: 0.4, first: "as it is", second: "one more", seeds: 10, problem: null, result: null, ...change,
});
const DONE = job({
  id: "what-if-2", status: "completed", progress: 1,
  result: {
    days: 1, method: "paired t", unresolved_standstills: {},
    measures: [
      { measure: "idleness.worst_s", label: "longest", unit: "s", better: "lower", first: 3000, second: 2400, difference: -600, low: -700, high: -500, p: 0.01, verdict: "better" },
      { measure: "a.new_one", label: "a new measure", unit: "", better: "lower", first: 1, second: 1, difference: 0, low: -1, high: 1, p: 1, verdict: "no difference seen" },
    ],
  },
});
const FAILED = job({ id: "what-if-3", status: "failed", problem: { detail: "no lanes are left", remedy: "close less" } });

function manager({ path, method }: Asked): { status?: number; body: unknown } {
  if (path === "/map") return { body: { type: "FeatureCollection", campus: {}, features: [{ id: "plaza", properties: { feature: "zone", name: "Plaza" } }] } };
  if (path === "/robots") return { body: [{ kind: "cleaning" }, { kind: "cleaning" }, { kind: "security" }] };
  if (path === "/what-if" && method === "POST") return { status: 202, body: job({ id: "what-if-4", status: "queued" }) };
  if (path === "/what-if") return { body: [DONE, FAILED, job({})].map((each) => ({ ...each, result: null })) };
  if (path.startsWith("/what-if/")) return { body: path.endsWith("2") ? DONE : FAILED };
  return { body: {} };
}
const sent = (asked: Asked[]) => asked.filter(({ method }) => method !== "GET").map(({ method, path, body }) => ({ method, path, body }));

describe("a question", () => {
  it("is only about what is otherwise", () => {
    const fleet = { cleaning: 2, security: 1 };
    const same = questionOf({ ...FIRST_WISH, name: "x", robots: { cleaning: 2 } }, () => "lanes", fleet);
    expect(same).toEqual({ first: { days: 1 }, second: { days: 1, name: "x" }, seeds: 10 });
    const other = questionOf({ ...FIRST_WISH, name: "x", days: 2, robots: { cleaning: 3 }, closed: ["plaza", "lift"], incidentsPerDay: 0 }, (id) => (id === "lift" ? "passages" : "zones"), fleet);
    expect(other.second).toEqual({
      days: 2, name: "x", robots: { cleaning: 3, security: 1 }, incidents: { per_day: 0 },
      closures: [{ from_h: 0, until_h: 48, zones: ["plaza"], passages: ["lift"] }],
    });
  });
  it("is asked with one more robot", async () => {
    const asked = answering(manager);
    draw(<WhatIfPage />);
    const field = await screen.findByTestId<HTMLInputElement>("what-if-robots-cleaning");
    expect(field.value).toBe("2");
    await userEvent.clear(field);
    await userEvent.type(field, "3");
    await userEvent.type(screen.getByTestId("what-if-name"), "one more");
    await userEvent.click(screen.getByTestId("what-if-ask"));
    await waitFor(() =>
      expect(sent(asked)).toEqual([
        { method: "POST", path: "/what-if", body: { first: { days: 1 }, second: { days: 1, name: "one more", robots: { cleaning: 3, security: 1 } }, seeds: 10 } },
      ]),
    );
  });
});

describe("a comparison", () => {
  it("shows how far it is and can be ended", async () => {
    const asked = answering(manager);
    draw(<WhatIfPage />);
    const row = await screen.findByTestId("comparison-what-if-1");
    expect(within(row).getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
    await userEvent.click(screen.getByTestId("cancel-what-if-1"));
    await waitFor(() => expect(sent(asked)).toEqual([{ method: "DELETE", path: "/what-if/what-if-1", body: null }]));
  });
  it("that is over shows its measures with verdicts, also those it has no word for", async () => {
    answering(manager);
    draw(<WhatIfPage />);
    await userEvent.click(await screen.findByTestId("show-what-if-2"));
    const row = await screen.findByTestId("measure-idleness.worst_s");
    expect(row.textContent).toMatch(/Longest time without a patrol.*3,000 s.*2,400 s.*-600 s.*better/);
    expect(screen.getByTestId("measure-a.new_one").textContent).toContain("a new measure");
  });
  it("that failed says why and what to do", async () => {
    answering(manager);
    draw(<WhatIfPage />);
    await userEvent.click(await screen.findByTestId("show-what-if-3"));
    expect((await screen.findByRole("alert")).textContent).toMatch(/no lanes are left.*close less/);
  });
  it("is only looked at by those who may not ask", async () => {
    answering(manager);
    draw(<WhatIfPage />, {}, { ...KIM, permissions: ["fleet:see"] });
    await screen.findByTestId("comparison-what-if-1");
    expect(screen.queryByTestId("what-if-ask")).toBeNull();
    expect(screen.queryByTestId("cancel-what-if-1")).toBeNull();
  });
});
