/** Lists and commands: what rows say, and that stopping is quick but not by accident. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Incident, LiveRow, TaskStatus, TaskSummary } from "../src/api/types";
import { openIncidents } from "../src/incidents/open";
import { StopAll } from "../src/layout/StopAll";
import { FLAG, type LiveRobot } from "../src/live/fleetView";
import { RobotButtons } from "../src/robots/RobotButtons";
import { RobotList } from "../src/robots/RobotList";
import { withNames } from "../src/tasks/names";
import { inOrder } from "../src/tasks/order";
import { placesOf } from "../src/tasks/places";
import { TaskList } from "../src/tasks/TaskList";
import { answering, draw } from "./page";

const taskOf = (id: string, status: TaskStatus, requestedS: number, finishedS: number | null = null): TaskSummary => ({
  id, status, category: "patrol", robot: null, progress: 0.4, title: "Gate A",
  reason: status === "queued" ? "No security robot is free." : null,
  requested_s: requestedS, started_s: null, finished_s: finishedS,
});

describe("the stop of all robots", () => {
  it("takes two presses, with the second under the finger already", async () => {
    const asked = answering(() => ({ body: { success: true } }));
    draw(<StopAll />);
    await userEvent.click(screen.getByTestId("stop-all"));
    const confirm = await screen.findByTestId("stop-all-confirm");
    expect(asked.filter(({ method }) => method === "POST")).toHaveLength(0);
    await waitFor(() => expect(document.activeElement).toBe(confirm));
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(asked.map(({ path }) => path)).toEqual(["/robots/emergency_stop"]));
  });
});

describe("the buttons of a robot", () => {
  const robot: LiveRobot = {
    name: "safety_2", xM: 0, yM: 0, yawRad: 0, level: "ground", status: "idle", battery: 1,
    speedMps: 0, taskId: null, lastSeenS: 1000, flags: 0,
  };

  it("pause and stop at once", async () => {
    const asked = answering(() => ({ body: { success: true } }));
    draw(<RobotButtons robot={robot} />);
    await userEvent.click(screen.getByTestId("pause-safety_2"));
    await userEvent.click(screen.getByTestId("stop-safety_2"));
    await waitFor(() =>
      expect(asked.map(({ path }) => path)).toEqual(["/robots/safety_2/pause", "/robots/safety_2/emergency_stop"]),
    );
  });

  it("release in the name of who is logged in", async () => {
    const asked = answering(() => ({ body: { success: true } }));
    draw(<RobotButtons robot={{ ...robot, flags: FLAG.emergencyStop | FLAG.paused }} />);
    expect(screen.getByTestId("resume-safety_2")).toBeTruthy();
    await userEvent.click(screen.getByTestId("release-safety_2"));
    await userEvent.type(await screen.findByTestId("release-reason"), "checked");
    await userEvent.click(screen.getByTestId("release-submit"));
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({
      path: "/robots/safety_2/release_stop",
      body: { by: "Kim", reason: "checked" },
    });
  });
});

describe("the lists", () => {
  it("carry states for those who read them by machine, and the age of a silent robot", async () => {
    answering(({ path }) => ({ body: path === "/map" ? { features: [] } : [] }));
    const row: LiveRow = ["security_1", 0, 0, 0, "ground", "offline", 0.5, 0, null, 880, 0];
    draw(<RobotList selected={null} onSelect={() => {}} />, { now_s: 1000, robots: [row] });
    const shown = await screen.findByTestId("robot-row-security_1");
    expect(shown.dataset["status"]).toBe("offline");
    expect(shown.textContent).toMatch(/Last contact: \d+ min/);
  });

  it("show why a task waits, and ask before it is canceled", async () => {
    const asked = answering(({ method }) => ({ body: method === "GET" ? { features: [] } : { success: true } }));
    const posts = () => asked.filter(({ method }) => method === "POST");
    draw(<TaskList onRobot={() => {}} />, { tasks: [taskOf("patrol-1", "queued", 900)] });
    const row = screen.getByTestId("task-row-patrol-1");
    expect(row.dataset["status"]).toBe("queued");
    expect(row.textContent).toContain("No security robot is free.");
    await userEvent.click(screen.getByTestId("cancel-patrol-1"));
    expect(posts()).toHaveLength(0);
    await userEvent.click(await screen.findByTestId("cancel-confirm-patrol-1"));
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]).toMatchObject({
      path: "/tasks/cancel_task",
      body: { type: "cancel_task_request", task_id: "patrol-1" },
    });
  });

  it("put active tasks first, troubled ones before them, then the last to end", () => {
    const order = inOrder([
      taskOf("done-early", "completed", 1, 50), taskOf("waits", "queued", 5), taskOf("done-late", "failed", 2, 60),
      taskOf("runs", "underway", 9), taskOf("stuck", "blocked", 9),
    ]);
    expect(order.map(({ id }) => id)).toEqual(["stuck", "runs", "waits", "done-late", "done-early"]);
  });

  it("put the most severe open incident first", () => {
    const incident = (id: string, severity: number, raised_s: number, status = "open") =>
      ({ id, severity, raised_s, status }) as Incident;
    const shown = openIncidents([
      incident("old", 1, 1), incident("worst", 3, 2), incident("new", 1, 9), incident("over", 3, 9, "resolved"),
    ]);
    expect(shown.map(({ id }) => id)).toEqual(["worst", "new", "old"]);
  });

  it("show the names of the map for the ids of a task", () => {
    const names = new Map([["gate_a", "Gate A"], ["plaza", "Plaza"]]);
    expect(withNames("gate_a, gate_a1, plaza ×2", names)).toBe("Gate A, gate_a1, Plaza ×2");
  });

  it("find the places of a task in its description", () => {
    expect(placesOf({ places: ["a", "b", "a"], rounds: 2 })).toEqual(["a", "b"]);
    expect(placesOf({ zone: "plaza" })).toEqual(["plaza"]);
    expect(placesOf("free text")).toEqual([]);
  });
});
