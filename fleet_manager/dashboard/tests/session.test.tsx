/** The way in: who is not logged in sees nothing else, and roles see what they may do. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { App } from "../src/App";
import { newQueryClient } from "../src/api/queries";
import { StopAll } from "../src/layout/StopAll";
import { LiveStore } from "../src/live/store";
import { FLAG, type LiveRobot } from "../src/live/fleetView";
import { RobotButtons } from "../src/robots/RobotButtons";
import { AccountMenu } from "../src/session/AccountMenu";
import type { Me, SessionState } from "../src/session/session";
import { KIM, answering, draw, type Asked } from "./page";

const NOBODY: SessionState = { me: null, site: "canalside", any_accounts: true };
const IN: SessionState = { ...NOBODY, me: KIM };

/** The whole page, with a manager that lets in who knows the word. */
function page(first: SessionState = NOBODY) {
  let session = first;
  const asked = answering(({ path, method, body }: Asked) => {
    if (path !== "/session") return { status: 401, body: { title: "Unauthorized", code: "unauthenticated" } };
    if (method === "DELETE") session = NOBODY;
    if (method === "POST") {
      const given = body as { password?: string; link?: string };
      if (given.password !== "right" && given.link !== "cfl_good") {
        return { status: 401, body: { title: "Unauthorized", detail: "the name or the password is wrong", remedy: "try again" } };
      }
      session = IN;
    }
    return { body: session };
  });
  localStorage.setItem("campus-fleet.language", "en");
  render(
    <App queries={newQueryClient()} store={new LiveStore()} environment="test">
      <p>Inside</p>
      <AccountMenu />
    </App>,
  );
  return asked;
}

beforeEach(() => window.history.replaceState(null, "", "/app/"));

describe("the way in", () => {
  it("takes name and password, and says what was wrong", async () => {
    const asked = page();
    await userEvent.type(await screen.findByTestId("login-name"), "Kim");
    expect(screen.queryByText("Inside")).toBeNull();
    await userEvent.type(screen.getByTestId("login-password"), "wrong");
    await userEvent.click(screen.getByTestId("login-submit"));
    expect((await screen.findByRole("alert")).textContent).toContain("the password is wrong");
    await userEvent.clear(screen.getByTestId("login-password"));
    await userEvent.type(screen.getByTestId("login-password"), "right{Enter}");
    await screen.findByText("Inside");
    expect(asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
      { name: "Kim", password: "wrong" },
      { name: "Kim", password: "right" },
    ]);
  });

  it("takes a link, which is out of the address at once", async () => {
    window.history.replaceState(null, "", "/app/login#cfl_good");
    const asked = page();
    await screen.findByText("Inside");
    expect(window.location.pathname + window.location.hash).toBe("/app/");
    expect(asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([{ link: "cfl_good" }]);
    const first = asked.find(({ path }) => path === "/session");
    expect(first?.method, "an answer of before the link could come after its own").toBe("POST");
  });

  it("says that a link does not lead in any more", async () => {
    window.history.replaceState(null, "", "/app/login#cfl_used");
    page();
    expect((await screen.findByRole("alert")).textContent).toContain("wrong");
    expect(screen.getByTestId("login-name")).toBeTruthy();
  });

  it("says how the first account is made", async () => {
    page({ ...NOBODY, any_accounts: false });
    expect((await screen.findByRole("alert")).textContent).toContain("fleet user add NAME --role admin");
    expect(screen.queryByTestId("login-name")).toBeNull();
  });
});

describe("the way out", () => {
  it("leads back to the way in", async () => {
    page(IN);
    await userEvent.click(await screen.findByTestId("account-menu"));
    expect((await screen.findByTestId("account-name")).textContent).toBe("Kim");
    await userEvent.click(screen.getByTestId("logout"));
    await screen.findByTestId("login-name");
    expect(screen.queryByText("Inside")).toBeNull();
    expect(screen.getByText(/logged out/)).toBeTruthy();
  });
});

describe("a viewer", () => {
  const viewer: Me = { ...KIM, name: "Vi", role: "viewer", permissions: ["fleet:see", "account:own"] };
  const robot: LiveRobot = {
    name: "safety_2", xM: 0, yM: 0, yawRad: 0, level: "ground", status: "idle", battery: 1,
    speedMps: 0, taskId: null, lastSeenS: 1000, flags: FLAG.emergencyStop,
  };
  it("sees the buttons of a robot without their use", async () => {
    answering(() => ({ body: {} }));
    draw(<RobotButtons robot={robot} />, {}, viewer);
    await waitFor(() => {
      for (const name of ["pause", "release", "charge"]) {
        expect(screen.getByTestId<HTMLButtonElement>(`${name}-safety_2`).disabled, name).toBe(true);
      }
    });
  });
  it("is not kept from nothing: an operator stops all", () => {
    answering(() => ({ body: {} }));
    draw(<StopAll />, {}, { ...viewer, role: "operator", permissions: ["robots:stop"] });
    expect(screen.getByTestId("stop-all")).toBeTruthy();
  });
});
