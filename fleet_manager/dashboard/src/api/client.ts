/** Requests to the fleet manager; everything that goes wrong comes out as a `ProblemError`. */
import type { Problem } from "./types";

const TIMEOUT_MS = 20_000;

/** Codes of problems that arise on this side of the wire; their words are in the catalogues. */
export const UNREACHABLE = "unreachable";
export const UNREADABLE = "unreadable_answer";

/** A refused or failed request. `problem` says what is wrong and what to do. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** How long the answer may take; by default 20 s. */
  timeoutMs?: number;
}

/** The problem of any thrown value. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { title: error instanceof Error ? error.message : String(error), status: 0 };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value;
}

async function problemOfAnswer(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json().catch(() => null);
  if (isProblem(body)) return { ...body, status: answer.status };
  return { title: answer.statusText || `HTTP ${answer.status}`, status: answer.status };
}

/**
 * The JSON answer to a request.
 *
 * @param path - from the root of the origin, with its query.
 * @throws ProblemError for refusals, time-outs, a manager out of reach and unreadable answers.
 */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = "GET", body, headers = {}, signal, timeoutMs = TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const init: RequestInit = {
    method,
    headers: { Accept: "application/json", ...headers },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError({ code: UNREACHABLE, title: "Unreachable", status: 0 });
  }
  if (!answer.ok) throw new ProblemError(await problemOfAnswer(answer));
  try {
    return (await answer.json()) as Answer;
  } catch {
    throw new ProblemError({ code: UNREADABLE, title: "Unreadable", status: answer.status });
  }
}
