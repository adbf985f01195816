/** Logging in and out over REST, and what the session tells. */
import { queryOptions } from "@tanstack/react-query";
import { request } from "../api/client";

export type Role = "viewer" | "operator" | "dispatcher" | "admin";

/** What can be allowed; the manager's names (docs/api.md). */
export type Permission =
  | "fleet:see" | "metrics:see" | "account:own" | "incidents:handle" | "robots:pause" | "robots:stop"
  | "robots:release" | "robots:confirm" | "passages:restore" | "fire:raise" | "robots:send" | "tasks:ask"
  | "schedules:plan" | "map:close" | "what_if:run" | "fire:end" | "map:publish" | "accounts:manage"
  | "tokens:manage" | "audit:see";

export interface Me {
  name: string;
  full_name: string;
  person: boolean;
  role: Role | null;
  permissions: Permission[];
  kinds: string[] | null;
}

export interface SessionState {
  /** Null: nobody is logged in. */
  me: Me | null;
  site: string;
  any_accounts: boolean;
}

const LINK = "#cfl_";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => request<SessionState>("/session", { signal }),
  staleTime: 30_000,
  refetchInterval: (query) => (query.state.status === "error" ? 3_000 : 60_000),
});

export const logIn = (name: string, password: string): Promise<SessionState> =>
  request<SessionState>("/session", { method: "POST", body: { name, password } });

export const logInByLink = (link: string): Promise<SessionState> =>
  request<SessionState>("/session", { method: "POST", body: { link } });

export const logOut = (): Promise<unknown> => request("/session", { method: "DELETE" });

export const changePassword = (password: string, newPassword: string): Promise<unknown> =>
  request("/session/password", { method: "PUT", body: { password, new_password: newPassword } });

/** The secret of a log-in link in an address; null where there is none. */
export const linkOf = (hash: string): string | null => (hash.startsWith(LINK) ? hash.slice(1) : null);
