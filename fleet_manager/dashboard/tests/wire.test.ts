// @vitest-environment node
/** The live connection and the commands over real sockets, against the mock of the API. */
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { serve, type MockServer } from "../dev/server";
import { World } from "../dev/world";
import { commandFleet, commandRobot, dispatchTask } from "../src/api/commands";
import { ProblemError } from "../src/api/client";
import type { TaskRequest } from "../src/api/types";
import { LiveConnection, type Socket } from "../src/live/connection";
import { FLAG, has } from "../src/live/fleetView";
import { LiveStore } from "../src/live/store";

const browserlessFetch = globalThis.fetch;
let port = 0;
let server: MockServer;
let connection: LiveConnection;
const store = new LiveStore();
const world = new World(`${import.meta.dirname}/../../../maps/canalside/campus.geojson`);

beforeAll(async () => {
  server = await serve(world, 0);
  port = (server.http.address() as AddressInfo).port;
  connection = new LiveConnection(store, {
    open: () => new WebSocket(`ws://127.0.0.1:${port}/live`) as unknown as Socket,
  });
  connection.start();
});

beforeEach(() => {
  vi.stubGlobal("fetch", (path: string, init: RequestInit) =>
    browserlessFetch(`http://127.0.0.1:${port}${path}`, init),
  );
});

afterAll(async () => {
  connection.stop();
  await server.close();
});

it("follows the fleet frame by frame, and commands come back as what robots do", async () => {
  await vi.waitFor(() => expect(store.get().phase).toBe("live"));
  expect(store.get().view.robots.size).toBe(12);

  const wish: TaskRequest = { category: "patrol", description: { places: ["gate_a"], rounds: 1 } };
  const first = await dispatchTask(wish, "k1");
  const again = await dispatchTask(wish, "k1");
  expect(again.state.booking.id).toBe(first.state.booking.id);

  await commandFleet("emergency_stop", { by: "Kim" });
  await vi.waitFor(
    () => {
      const { view } = store.get();
      expect(view.tasks.get(first.state.booking.id)?.status).toBe("underway");
      expect([...view.robots.values()].every((robot) => has(robot, FLAG.emergencyStop))).toBe(true);
      expect(view.seq).toBeGreaterThan(1);
    },
    { timeout: 4_000 },
  );
});

it("turns a refusal into a problem with its remedy", async () => {
  const refused = await commandRobot("security_1", "release_stop").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect((refused as ProblemError).problem).toMatchObject({
    status: 422,
    remedy: "Say who releases the robot.",
  });
});
