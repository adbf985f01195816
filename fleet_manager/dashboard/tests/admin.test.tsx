/** Admin: accounts, machine tokens, the audit trail. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Account, AuditRow } from "../src/admin/admin";
import AdminPage from "../src/pages/AdminPage";
import { KIM, answering, draw, type Asked } from "./page";

const ACCOUNT: Account = {
  name: "Li", full_name: "Li Wei", role: "viewer", disabled: false, kinds: null, sites: null,
  has_password: true, by_provider: false, created_s: 1, sessions: 1,
};
const row = (seq: number, change: Partial<AuditRow> = {}): AuditRow => ({
  seq, time_s: 1, actor: "Li", address: "192.0.2.1", method: "POST", path: "/robots/pause", body: "",
  permission: "robots:pause", status: 200, code: "", detail: "", ...change,
});

function manager(asked: Asked): { status?: number; body: unknown } {
  const { path, method } = asked;
  if (path === "/accounts" && method === "POST") return { status: 201, body: { ...ACCOUNT, name: "Kim" } };
  if (path === "/accounts") return { body: [ACCOUNT] };
  if (path.endsWith("/link")) return { status: 201, body: { path: "/app/login#cfl_x", ends_s: 4600 } };
  if (path === "/permissions") {
    return { body: [{ permission: "fleet:see", lowest_role: "viewer", for_machines: true }, { permission: "robots:release", lowest_role: "operator", for_machines: false }] };
  }
  if (path === "/tokens" && method === "POST") return { status: 201, body: { name: "panel", secret: "cft_secret" } };
  if (path === "/tokens") return { body: [] };
  if (path.startsWith("/audit")) {
    const before = new URLSearchParams(path.split("?")[1]).get("before");
    const page = Array.from({ length: before ? 1 : 50 }, (_, index) => row((before ? 50 : 100) - index));
    if (!before) page[0] = row(100, { status: 403, code: "forbidden", detail: "Li is viewer, and this takes operator" });
    return { body: page };
  }
  return { body: { success: true } };
}

const changes = (asked: Asked[]) => asked.filter(({ method }) => method !== "GET").map(({ method, path, body }) => ({ method, path, body }));

describe("accounts", () => {
  it("are added with a link, which is shown once", async () => {
    const asked = answering(manager);
    draw(<AdminPage />);
    await userEvent.type(await screen.findByTestId("add-name"), "Kim");
    await userEvent.selectOptions(screen.getByTestId("add-role"), "dispatcher");
    await userEvent.click(screen.getByTestId("add-submit"));
    expect((await screen.findByTestId("shown")).textContent).toContain("/app/login#cfl_x");
    expect(changes(asked)).toEqual([
      { method: "POST", path: "/accounts", body: { name: "Kim", full_name: "", role: "dispatcher" } },
      { method: "POST", path: "/accounts/Kim/link", body: null },
    ]);
  });
  it("get another role, and are kept out", async () => {
    const asked = answering(manager);
    draw(<AdminPage />);
    await userEvent.selectOptions(await screen.findByTestId("role-Li"), "admin");
    await userEvent.click(screen.getByTestId("disable-Li"));
    await waitFor(() => expect(changes(asked).map(({ body }) => body)).toEqual([{ role: "admin" }, { disabled: true }]));
  });
});

describe("machine tokens", () => {
  it("are offered what a machine may, and shown once", async () => {
    const asked = answering(manager);
    draw(<AdminPage />);
    await userEvent.click(await screen.findByTestId("tab-tokens"));
    await userEvent.type(await screen.findByTestId("token-name"), "panel");
    await screen.findByTestId("scope-fleet:see");
    expect(screen.queryByTestId("scope-robots:release")).toBeNull();
    await userEvent.click(screen.getByTestId("token-submit"));
    expect((await screen.findByTestId("shown")).textContent).toContain("cft_secret");
    expect(changes(asked)).toEqual([{ method: "POST", path: "/tokens", body: { name: "panel", scopes: ["fleet:see"] } }]);
  });
});

describe("the audit trail", () => {
  it("says why something was refused, and goes back page by page", async () => {
    const asked = answering(manager);
    draw(<AdminPage />);
    await userEvent.click(await screen.findByTestId("tab-audit"));
    expect((await screen.findByTestId("audit-100")).textContent).toContain("this takes operator");
    await userEvent.click(screen.getByText("Older entries"));
    await screen.findByTestId("audit-50");
    expect(screen.queryByText("Older entries")).toBeNull();
    await userEvent.click(screen.getByTestId("audit-refused"));
    await waitFor(() => expect(asked.at(-1)?.path).toContain("refused=true"));
  });
  it("is for admins", () => {
    const asked = answering(manager);
    draw(<AdminPage />, {}, { ...KIM, permissions: ["fleet:see"] });
    expect(screen.getByText("Your role does not allow this")).toBeTruthy();
    expect(asked).toEqual([]);
  });
});
