/** The live view: what frames do to it, and how it is kept fed. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveFrame, LiveRow, TaskSummary } from "../src/api/types";
import { LiveConnection, delayMs, liveAddress, type Socket } from "../src/live/connection";
import { EMPTY_VIEW, FLAG, GAP, applyFrame, fleetNowS, has, type FleetView } from "../src/live/fleetView";
import { LiveStore } from "../src/live/store";

const row = (name: string, xM: number, flags = 0): LiveRow => [
  name, xM, 2, 0.5, "ground", "working", 0.8, 1.2, "patrol-1", 1000, flags,
];
const task = (id: string): TaskSummary => ({
  id, category: "patrol", status: "underway", robot: null, progress: 0.5, title: "Gate A",
  reason: null, requested_s: 1, started_s: null, finished_s: null,
});
const snapshot: LiveFrame = {
  type: "snapshot", seq: 1, now_s: 1000, speed: 10,
  robots: [row("security_1", 5), row("safety_1", 9, FLAG.paused)],
  routes: { security_1: { base: [[0, 0], [1, 0]], horizon: [[2, 0]] } },
  tasks: [task("patrol-1"), task("patrol-2")],
  incidents: [],
  zones: [{ id: "plaza", clean_fraction: 0.4 }, { id: "yard", clean_fraction: null }],
};

function after(view: FleetView, frame: LiveFrame, atMs = 0): FleetView {
  const next = applyFrame(view, frame, atMs);
  if (next === GAP) throw new Error("unexpected gap");
  return next;
}

describe("a frame", () => {
  it("of a snapshot fills the view, with flags as bits", () => {
    const view = after(EMPTY_VIEW, snapshot);
    const robot = view.robots.get("safety_1");
    expect(robot).toMatchObject({ xM: 9, yM: 2, status: "working", battery: 0.8 });
    expect(robot && has(robot, FLAG.paused)).toBe(true);
    expect(robot && has(robot, FLAG.emergencyStop)).toBe(false);
    expect(view.zones.get("yard")).toBeNull();
  });

  it("of a robot that was never heard leaves its pose and battery open", () => {
    const silent: LiveRow = ["safety_2", null, null, null, null, "uninitialized", null, 0, null, null, 8];
    const view = after(EMPTY_VIEW, { ...snapshot, robots: [silent] });
    expect(view.robots.get("safety_2")).toMatchObject({ xM: null, battery: null, lastSeenS: null });
  });

  it("of a delta changes what it names and leaves the rest identical", () => {
    const before = after(EMPTY_VIEW, snapshot);
    const view = after(before, { type: "delta", seq: 2, now_s: 1005, robots: [row("security_1", 6)] });
    expect(view.robots.get("security_1")?.xM).toBe(6);
    expect(view.robots.get("safety_1")).toBe(before.robots.get("safety_1"));
    expect(view.tasks).toBe(before.tasks);
    expect(view.speed).toBe(10);
  });

  it("of a delta takes away removed tasks and routes that are null", () => {
    const view = after(after(EMPTY_VIEW, snapshot), {
      type: "delta", seq: 2, removed_tasks: ["patrol-1"], routes: { security_1: null },
    });
    expect([...view.tasks.keys()]).toEqual(["patrol-2"]);
    expect(view.routes.size).toBe(0);
  });

  it("of a later snapshot forgets what it does not name", () => {
    const view = after(after(EMPTY_VIEW, snapshot), { type: "snapshot", seq: 40, robots: [row("safety_1", 1)] });
    expect([...view.robots.keys()]).toEqual(["safety_1"]);
    expect(view.tasks.size).toBe(0);
    expect(view.seq).toBe(40);
  });

  it("that does not follow, or a delta before any snapshot, is a gap", () => {
    expect(applyFrame(after(EMPTY_VIEW, snapshot), { type: "delta", seq: 3 }, 0)).toBe(GAP);
    expect(applyFrame(EMPTY_VIEW, { type: "delta", seq: 1 }, 0)).toBe(GAP);
  });

  it("sets the fleet's clock, which runs on at the fleet's speed", () => {
    const view = after(EMPTY_VIEW, snapshot, 5_000);
    expect(fleetNowS(view, 7_000)).toBe(1000 + 2 * 10);
  });
});

describe("the connection", () => {
  let sockets: (Socket & { closed: boolean })[];
  let store: LiveStore;
  let connection: LiveConnection;

  const say = (frame: LiveFrame) =>
    sockets.at(-1)?.onmessage?.call(null as never, { data: JSON.stringify(frame) } as MessageEvent);
  const hangUp = () => sockets.at(-1)?.onclose?.call(null as never, {} as CloseEvent);

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    store = new LiveStore();
    connection = new LiveConnection(store, {
      open: () => {
        const socket = { onmessage: null, onclose: null, closed: false, close: () => { socket.closed = true; } };
        sockets.push(socket);
        return socket;
      },
      nowMs: () => Date.now(),
      random: () => 0.5,
    });
    connection.start();
    return () => {
      connection.stop();
      vi.useRealTimers();
    };
  });

  it("is live from the first snapshot on", () => {
    expect(store.get().phase).toBe("connecting");
    say(snapshot);
    expect(store.get().phase).toBe("live");
  });

  it("resyncs after a gap over a new socket and shows the old view until then", () => {
    say(snapshot);
    say({ type: "delta", seq: 4, robots: [row("security_1", 99)] });
    expect(sockets[0]?.closed).toBe(true);
    expect(store.get().phase).toBe("reconnecting");
    expect(store.get().view.robots.get("security_1")?.xM).toBe(5);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    say({ ...snapshot, seq: 7 });
    expect(store.get()).toMatchObject({ phase: "live", view: { seq: 7 } });
  });

  it("waits longer after each failure, and is offline after half a minute without success", () => {
    expect([0, 1, 2, 9].map((attempt) => delayMs(attempt, 0.5))).toEqual([500, 1000, 2000, 5000]);
    say(snapshot);
    hangUp();
    expect(store.get().phase).toBe("reconnecting");
    for (let second = 0; second < 40; second += 1) {
      const before = sockets.length;
      vi.advanceTimersByTime(1_000);
      if (sockets.length > before) hangUp();
    }
    expect(store.get().phase).toBe("offline");
    expect(sockets.length).toBeLessThan(14);
    connection.hurry();
    say({ ...snapshot, seq: 1 });
    expect(store.get().phase).toBe("live");
  });

  it("takes a feed that has gone silent for dead", () => {
    say(snapshot);
    vi.advanceTimersByTime(15_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(store.get().phase).toBe("reconnecting");
  });

  it("goes to this page's origin, encrypted when the page is", () => {
    expect(liveAddress({ protocol: "https:", host: "fleet.example" })).toBe("wss://fleet.example/live");
    expect(liveAddress({ protocol: "http:", host: "localhost:8000" })).toBe("ws://localhost:8000/live");
  });
});

describe("lists", () => {
  it("wait while the map is being moved, and are told when it rests; others are told at once", () => {
    const store = new LiveStore();
    const told: string[] = [];
    store.subscribe(() => told.push("map"));
    store.subscribeAtRest(() => told.push("list"));
    store.set({ phase: "live" });
    expect(told).toEqual(["map", "list"]);
    store.setBusy(true);
    store.set({ phase: "reconnecting" });
    expect(told).toEqual(["map", "list", "map"]);
    store.setBusy(false);
    expect(told).toEqual(["map", "list", "map", "list"]);
  });
});
