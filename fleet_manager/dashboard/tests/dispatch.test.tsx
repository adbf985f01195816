/** Asking for tasks: the right request for each category, and nothing lost when it fails. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { DispatchForm } from "../src/dispatch/DispatchForm";
import { EMPTY_WISH, missingOf, picked, requestOf } from "../src/dispatch/wish";
import { answering, draw, type Asked } from "./page";

const point = { type: "Point", coordinates: [0, 0] };
const feature = (id: string, properties: Record<string, unknown>) => ({
  type: "Feature", id, geometry: point, properties,
});
const campus = {
  type: "FeatureCollection",
  campus: { id: "tiny", name: "Tiny", timezone: "Asia/Shanghai" },
  features: [
    feature("bay_1", { feature: "waypoint", role: "bay" }),
    feature("gate_a", { feature: "waypoint", role: "bay", name: "Gate A" }),
    feature("library", { feature: "waypoint", role: "bay", name: "Library" }),
    feature("crossing_1", { feature: "waypoint", role: "crossing", name: "Zebra" }),
    feature("plaza", { feature: "zone", purpose: "clean", name: "Plaza" }),
    feature("works", { feature: "zone", purpose: "closed", name: "Building site" }),
    feature("aed_1", { feature: "asset", kind: "aed", name: "Defibrillator at gate A" }),
  ],
};
const accepted = { success: true, state: { booking: { id: "task-77" } } };

/** The form, with the campus there and dispatches answered by `answer`. */
function form(answer: (asked: Asked) => { status?: number; body: unknown } | Error) {
  const asked = answering((each) => (each.path === "/map" ? { body: campus } : answer(each)));
  draw(<DispatchForm />, { zones: [{ id: "plaza", clean_fraction: 0.25 }] });
  return () => asked.filter(({ method }) => method === "POST");
}

async function choose(testId: string, search: string): Promise<void> {
  const field = await screen.findByTestId(testId);
  await userEvent.click(field);
  await userEvent.type(field, search);
  await userEvent.keyboard("{ArrowDown}{Enter}");
}

const submit = () => userEvent.click(screen.getByTestId("dispatch-submit"));

describe("the dispatch form", () => {
  it("asks for a patrol of places in their order", async () => {
    const posts = form(() => ({ body: accepted }));
    await choose("dispatch-places", "Library");
    await choose("dispatch-places", "Gate");
    await userEvent.clear(screen.getByTestId("dispatch-rounds"));
    await userEvent.type(screen.getByTestId("dispatch-rounds"), "3");
    await submit();
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]).toMatchObject({
      path: "/tasks/dispatch_task",
      body: {
        type: "dispatch_task_request",
        request: { category: "patrol", description: { places: ["library", "gate_a"], rounds: 3 } },
      },
    });
    expect(await screen.findByText("Task task-77 has been accepted")).toBeTruthy();
  });

  it("asks for the cleaning of a zone, urgently", async () => {
    const posts = form(() => ({ body: accepted }));
    await userEvent.click(await screen.findByText("Cleaning"));
    await choose("dispatch-zone", "Plaza (25");
    await userEvent.click(screen.getByTestId("dispatch-urgent"));
    await submit();
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]?.body).toEqual({
      type: "dispatch_task_request",
      request: {
        category: "clean",
        description: { zone: "plaza" },
        priority: { type: "binary", value: 1 },
        requester: "Kim",
      },
    });
  });

  it("asks for an inspection of assets", async () => {
    const posts = form(() => ({ body: accepted }));
    await userEvent.click(await screen.findByText("Inspection"));
    await choose("dispatch-assets", "Defib");
    await submit();
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]?.body).toMatchObject({
      request: { category: "inspect", description: { assets: ["aed_1"] } },
    });
  });

  it("says what is missing and sends nothing", async () => {
    const posts = form(() => ({ body: accepted }));
    await screen.findByTestId("dispatch-places");
    await submit();
    expect(await screen.findByText("Choose at least one place.")).toBeTruthy();
    expect(posts()).toHaveLength(0);
  });

  it("keeps its content when refused, shows the problem, and tries again under the same key", async () => {
    let reachable = false;
    const posts = form(() =>
      reachable ? { body: accepted } : new TypeError("Failed to fetch"),
    );
    await choose("dispatch-places", "Gate");
    await submit();
    expect((await screen.findAllByText("The fleet manager cannot be reached")).length).toBeGreaterThan(0);
    expect(screen.getByText("Gate A")).toBeTruthy();
    reachable = true;
    await submit();
    await waitFor(() => expect(posts()).toHaveLength(2));
    const keys = posts().map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
    await choose("dispatch-places", "Gate");
    await submit();
    await waitFor(() => expect(posts()).toHaveLength(3));
    expect(posts()[2]?.headers.get("Idempotency-Key")).not.toBe(keys[0]);
  });

  it("renders problem+json with title, detail and remedy", async () => {
    form(() => ({
      status: 409,
      body: {
        type: "about:blank", title: "Zone is closed", status: 409, code: "zone_closed",
        detail: "Plaza is closed until 18:00.", remedy: "Choose another zone.",
      },
    }));
    await choose("dispatch-places", "Gate");
    await submit();
    expect((await screen.findAllByText("Zone is closed")).length).toBeGreaterThan(0);
    expect(screen.getAllByText("Plaza is closed until 18:00.").length).toBeGreaterThan(0);
    expect(screen.getAllByText("What to do: Choose another zone.").length).toBeGreaterThan(0);
  });

  it("offers places where robots may stay, and only zones that are cleaned", async () => {
    form(() => ({ body: accepted }));
    await userEvent.click(await screen.findByTestId("dispatch-places"));
    const options = (await screen.findAllByRole("option")).map(({ textContent }) => textContent);
    expect(options).toEqual(["Gate A", "Library", "bay_1"]);
    await userEvent.click(screen.getByText("Cleaning"));
    await userEvent.click(await screen.findByTestId("dispatch-zone"));
    await waitFor(() =>
      expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["Plaza (25% clean)"]),
    );
  });
});

describe("a wish", () => {
  it("takes clicks on the map as choosing and as removing", () => {
    const both = picked(picked(EMPTY_WISH, "places", "a"), "places", "b");
    expect(both.places).toEqual(["a", "b"]);
    expect(picked(both, "places", "a").places).toEqual(["b"]);
    expect(picked(picked(EMPTY_WISH, "zone", "z"), "zone", "z").zone).toBeNull();
  });

  it("is no request before it is complete", () => {
    expect(missingOf({ ...EMPTY_WISH, category: "inspect" })).toBe("dispatch.needAssets");
    expect(() => requestOf(EMPTY_WISH, "")).toThrow("dispatch.needPlaces");
  });
});
