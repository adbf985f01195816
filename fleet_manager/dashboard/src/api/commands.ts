/** What staff can ask of the fleet, one function a command. */
import { request } from "./client";
import type {
  Closure,
  ClosureChange,
  DispatchAnswer,
  Incident,
  NewClosure,
  NewIncident,
  NewObstacle,
  PublishedMap,
  TaskRequest,
  Weather,
  WeatherState,
} from "./types";

export type RobotAction = "pause" | "resume" | "emergency_stop" | "release_stop" | "charge";

/** Who gives a command and why; goes into the audit trail. */
export interface Responsible {
  by?: string;
  reason?: string;
}

function responsibleBody({ by, reason }: Responsible): Responsible {
  return { ...(by ? { by } : {}), ...(reason ? { reason } : {}) };
}

/** Tell one robot what to do. */
export function commandRobot(
  robot: string,
  action: RobotAction,
  responsible: Responsible = {},
): Promise<{ success: boolean }> {
  const path = `/robots/${encodeURIComponent(robot)}/${action}`;
  return request(path, { method: "POST", body: responsibleBody(responsible) });
}

/** Tell all robots at once what to do. */
export function commandFleet(
  action: Exclude<RobotAction, "charge">,
  responsible: Responsible = {},
): Promise<{ success: boolean }> {
  return request(`/robots/${action}`, { method: "POST", body: responsibleBody(responsible) });
}

/**
 * Ask for a task.
 *
 * @param idempotencyKey - the same for every try of one wish, so that it is carried out once.
 */
export function dispatchTask(
  wish: TaskRequest,
  idempotencyKey: string,
): Promise<DispatchAnswer> {
  return request("/tasks/dispatch_task", {
    method: "POST",
    headers: { "Idempotency-Key": idempotencyKey },
    body: { type: "dispatch_task_request", request: wish },
  });
}

/** Cancel a task; its robot stops inside what was released to it. */
export function cancelTask(taskId: string): Promise<{ success: boolean }> {
  return request("/tasks/cancel_task", {
    method: "POST",
    body: { type: "cancel_task_request", task_id: taskId },
  });
}

export type IncidentStep = "acknowledge" | "assign" | "resolve" | "false_alarm";

/** Move an incident on; the manager takes the name from the session. */
export function moveIncident(
  incidentId: string,
  step: IncidentStep,
  more: { note?: string; assignee?: string } = {},
): Promise<{ success: boolean }> {
  return request(`/incidents/${encodeURIComponent(incidentId)}/${step}`, { method: "POST", body: more });
}

/** Report something that a person has seen. */
export function raiseIncident(wish: NewIncident, idempotencyKey: string): Promise<Incident> {
  return request("/incidents", { method: "POST", headers: { "Idempotency-Key": idempotencyKey }, body: wish });
}

/** Close or slow lanes, zones or passages. */
export function addClosure(wish: NewClosure, idempotencyKey: string): Promise<Closure> {
  const headers = { "Idempotency-Key": idempotencyKey };
  return request("/closures", { method: "POST", headers, body: wish });
}

/** Report something that stands on the lanes; the closure that keeps robots off it. */
export function reportObstacle(wish: NewObstacle, idempotencyKey: string): Promise<Closure> {
  return request("/obstacles", { method: "POST", headers: { "Idempotency-Key": idempotencyKey }, body: wish });
}

/** Have a closure end at another time. */
export function changeClosure(id: string, change: ClosureChange): Promise<Closure> {
  return request(`/closures/${encodeURIComponent(id)}`, { method: "PATCH", body: change });
}

/** Open again what a closure has closed, or call it off. */
export function removeClosure(id: string, by: string): Promise<{ success: boolean }> {
  return request(`/closures/${encodeURIComponent(id)}?by=${encodeURIComponent(by)}`, { method: "DELETE" });
}

/** Say that a passage which was out of order works; ways lead through it again. */
export function restorePassage(id: string, { by }: Responsible): Promise<{ success: boolean }> {
  return request(`/passages/${encodeURIComponent(id)}/restore`, { method: "POST", body: responsibleBody(by ? { by } : {}) });
}

/** Say what the weather is. */
export function setWeather(conditions: readonly Weather[], by: string): Promise<WeatherState> {
  return request("/weather", { method: "PUT", body: { conditions, by } });
}

const READ_WITHIN_MS = 180_000;

/** Ask what is wrong with a map (`check_only`), or publish it. */
export function publishMap(wish: {
  document: unknown;
  note?: string;
  by?: string;
  parent?: string;
  check_only?: boolean;
  force?: boolean;
}): Promise<PublishedMap> {
  return request("/map/versions", { method: "POST", body: wish, timeoutMs: READ_WITHIN_MS });
}

/** A fresh idempotency key; `crypto.randomUUID` alone would need https beyond this machine. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
