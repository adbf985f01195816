/** Draws parts of the pages for tests: live state given, requests answered by the test. */
import { notifications } from "@mantine/notifications";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { App } from "../src/App";
import { newQueryClient } from "../src/api/queries";
import type { LiveFrame } from "../src/api/types";
import { DispatchProvider } from "../src/dispatch/DispatchProvider";
import { EMPTY_VIEW, GAP, applyFrame } from "../src/live/fleetView";
import { LiveStore } from "../src/live/store";
import type { Me } from "../src/session/session";

/** Somebody who may do what the tests do. */
export const KIM: Me = {
  name: "Kim",
  full_name: "",
  person: true,
  role: "admin",
  permissions: [
    "fleet:see", "incidents:handle", "robots:pause", "robots:stop", "robots:release", "passages:restore",
    "robots:send", "tasks:ask", "schedules:plan", "what_if:run", "map:close", "map:publish", "accounts:manage", "tokens:manage", "audit:see",
  ],
  kinds: null,
};

export interface Asked {
  path: string;
  method: string;
  headers: Headers;
  body: unknown;
}

/** Let `answer` answer all requests; what was asked is in the list that is returned. */
export function answering(answer: (asked: Asked) => { status?: number; body: unknown } | Error): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) => {
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    const asked = { path, method: init.method ?? "GET", headers: new Headers(init.headers), body };
    all.push(asked);
    const given = answer(asked);
    if (given instanceof Error) return Promise.reject(given);
    const { status = 200, body: content } = given;
    return Promise.resolve(new Response(JSON.stringify(content), { status }));
  });
  return all;
}

/** A part of the pages with everything it stands on. */
export function draw(part: ReactNode, frame: Partial<LiveFrame> = {}, me: Me = KIM) {
  notifications.clean();
  const store = new LiveStore();
  const view = applyFrame(EMPTY_VIEW, { type: "snapshot", seq: 1, now_s: 1000, speed: 1, ...frame } as LiveFrame, 0);
  if (view !== GAP) store.set({ view, phase: "live" });
  localStorage.setItem("campus-fleet.language", "en");
  return render(
    <App queries={newQueryClient()} store={store} me={me} environment="test">
      <DispatchProvider>{part}</DispatchProvider>
    </App>,
  );
}
