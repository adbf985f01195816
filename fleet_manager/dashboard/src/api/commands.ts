/** What staff can ask of the fleet, one function a command. */
import { request } from "./client";
import type { DispatchAnswer, TaskRequest } from "./types";

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

/** Say that somebody looks after an incident. */
export function acknowledgeIncident(
  incidentId: string,
  responsible: Responsible,
): Promise<{ success: boolean }> {
  const path = `/incidents/${encodeURIComponent(incidentId)}/acknowledge`;
  return request(path, { method: "POST", body: responsibleBody(responsible) });
}

/** A fresh idempotency key; `crypto.randomUUID` alone would need https beyond this machine. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
