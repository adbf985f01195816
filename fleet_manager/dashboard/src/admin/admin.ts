/** Accounts, machine tokens and the audit trail over REST. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { request } from "../api/client";
import type { Permission, Role } from "../session/session";

export const ROLES: readonly Role[] = ["viewer", "operator", "dispatcher", "admin"];

export interface Account {
  name: string;
  full_name: string;
  role: Role;
  disabled: boolean;
  kinds: string[] | null;
  sites: string[] | null;
  has_password: boolean;
  by_provider: boolean;
  created_s: number;
  sessions: number;
}

export interface Token {
  id: string;
  name: string;
  scopes: Permission[];
  kinds: string[] | null;
  created_by: string;
  created_s: number;
  ends_s: number | null;
  used_s: number | null;
}

export interface AuditRow {
  seq: number;
  time_s: number;
  actor: string;
  address: string;
  method: string;
  path: string;
  body: string;
  permission: string;
  status: number;
  code: string;
  detail: string;
}

export interface PermissionRow {
  permission: Permission;
  lowest_role: Role;
  for_machines: boolean;
}

const PAGE = 50;
const at = (name: string) => `/accounts/${encodeURIComponent(name)}`;

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: ({ signal }) => request<Account[]>("/accounts", { signal }),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => request<Token[]>("/tokens", { signal }),
});

export const permissionsQuery = queryOptions({
  queryKey: ["permissions"],
  queryFn: ({ signal }) => request<PermissionRow[]>("/permissions", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The trail, newest first, page by page by the number of its last row. */
export const auditQuery = (actor: string, refusedOnly: boolean) =>
  infiniteQueryOptions({
    queryKey: ["audit", actor, refusedOnly],
    queryFn: ({ signal, pageParam }) => {
      const given = new URLSearchParams({ limit: String(PAGE) });
      if (pageParam !== null) given.set("before", String(pageParam));
      if (actor) given.set("actor", actor);
      if (refusedOnly) given.set("refused", "true");
      return request<AuditRow[]>(`/audit?${given}`, { signal });
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : (last.at(-1)?.seq ?? undefined)),
  });

export const addAccount = (account: { name: string; full_name: string; role: Role }): Promise<Account> =>
  request("/accounts", { method: "POST", body: account });

export const changeAccount = (name: string, change: Partial<Pick<Account, "role" | "disabled">>): Promise<Account> =>
  request(at(name), { method: "PATCH", body: change });

export const makeLink = (name: string): Promise<{ path: string; ends_s: number }> =>
  request(`${at(name)}/link`, { method: "POST" });

export const logOutEverywhere = (name: string): Promise<unknown> => request(`${at(name)}/sessions`, { method: "DELETE" });

export const makeToken = (name: string, scopes: string[]): Promise<Token & { secret: string }> =>
  request("/tokens", { method: "POST", body: { name, scopes } });

export const revokeToken = (id: string): Promise<unknown> =>
  request(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
