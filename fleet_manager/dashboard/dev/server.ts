/** The API of docs/api.md over a `World`, as far as the pages use it; for development and tests. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import type { NewClosure, NewObstacle, TaskRequest, WeatherState } from "../src/api/types.ts";
import type { World } from "./world.ts";

const TICK_MS = 500;
/** Everybody who asks is this person. */
const SESSION = {
  me: {
    name: "mock",
    full_name: "",
    person: true,
    role: "admin",
    permissions: [
      "fleet:see", "incidents:handle", "robots:pause", "robots:stop", "robots:release", "passages:restore",
      "robots:send", "tasks:ask", "map:close", "map:publish",
    ],
    kinds: null,
  },
  site: "mock",
  any_accounts: true,
  secret: null,
};
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface MockServer {
  http: Server;
  /** Bodies of the commands taken, newest last, with path and idempotency key. */
  commands: { path: string; body: unknown; key: string | undefined }[];
  close: () => Promise<void>;
}

const nowS = () => Date.now() / 1000;

class Refusal extends Error {
  readonly status: number;
  readonly remedy: string;
  constructor(status: number, message: string, remedy: string) {
    super(message);
    this.status = status;
    this.remedy = remedy;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const part of request) text += String(part);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

function read(world: World, url: URL): unknown {
  const [noun, id, what] = url.pathname.split("/").slice(1);
  if (noun === "session") return SESSION;
  if (noun === "map" && id === "validation") return world.report();
  if (noun === "map" && id === "versions") {
    const first = { number: 1, version: "mock", by: "", time_s: 0, note: "", parent: "", source: "folder", in_use: true };
    return [first];
  }
  if (noun === "map") return { ...world.campus, version: "mock" };
  if (noun === "closures") return [...world.closures.values()];
  if (noun === "passages" && id) return world.passages.all.get(id);
  if (noun === "passages") {
    const [kind, state] = [url.searchParams.get("kind"), url.searchParams.get("state")];
    return [...world.passages.all.values()].filter((each) => (!kind || each.kind === kind) && (!state || each.state === state));
  }
  if (noun === "traffic" && id === "waiting") return world.waiting(Number(url.searchParams.get("hours") ?? 24));
  if (noun === "traffic" && id) return { robot: id, sentences: [`${id} drives.`], chain: [], after: [] };
  if (noun === "weather") return world.weather;
  if (noun === "restrictions") return world.restrictions();
  if (noun === "assets") return [];
  if (noun === "robots" && !id) return [...world.robots.values()];
  if (noun === "robots") return world.robots.get(id ?? "");
  if (noun === "tasks" && !id) {
    const wanted = url.searchParams.get("status");
    const all = [...world.tasks.values()].reverse();
    return all.filter(({ status }) => !wanted || status === wanted).slice(0, 30);
  }
  const task = world.tasks.get(id ?? "");
  if (noun === "tasks" && what === "state") return task;
  if (noun === "tasks" && what === "log" && task) {
    const at = task.booking.unix_millis_request_time ?? 0;
    return { task_id: id, log: [{ seq: 1, unix_millis_time: at, tier: "info", text: "Asked for" }] };
  }
  if (noun === "tasks" && what === "explain" && task) {
    const robots = [...world.robots.values()].slice(0, 4).map(({ name }, index) => ({
      robot: name,
      eligible: index === 0,
      reason: index === 0 ? null : "lacks the skill",
      cost_s: index === 0 ? 42 : null,
    }));
    return { task_id: id, status: task.status, reason: task.reason, robots };
  }
  return undefined;
}

function command(world: World, path: string, body: Record<string, unknown>, key?: string): unknown {
  const parts = path.split("/").slice(1);
  if (path === "/tasks/dispatch_task") {
    const known = key ? world.answered.get(key) : undefined;
    const state = known ?? world.dispatch(body["request"] as TaskRequest, nowS());
    if (key) world.answered.set(key, state);
    return { success: true, state };
  }
  if (path === "/tasks/cancel_task") {
    if (world.cancel(String(body["task_id"]), nowS())) return { success: true };
    throw new Refusal(404, "There is no such task", "Look for it in the list of tasks.");
  }
  if (parts[0] === "incidents") {
    const incident = world.incidents.get(parts[1] ?? "");
    if (incident) world.incidents.set(incident.id, { ...incident, acknowledged_by: String(body["by"]) });
    return { success: true };
  }
  if (path === "/obstacles") return world.block(body as unknown as NewObstacle, nowS());
  if (path === "/closures") return world.close(body as NewClosure, nowS());
  if (parts[0] === "passages") {
    const worked = world.passages.restore(parts[1] ?? "");
    if (worked === null) throw new Refusal(404, "There is no such passage", "Look for it in the list of passages.");
    if (!worked) throw new Refusal(409, "It works", "There is nothing to restore.");
    return { success: true };
  }
  if (path === "/weather") {
    const { conditions, by } = body as Pick<WeatherState, "conditions" | "by">;
    world.weather = { ...world.weather, conditions, by, since_s: nowS() };
    return world.weather;
  }
  const action = parts.at(-1) ?? "";
  const robots = parts.length === 2 ? [...world.robots.values()] : [world.robots.get(parts[1] ?? "")];
  if (action === "release_stop" && !body["by"]) {
    throw new Refusal(422, "A release needs a name", "Say who releases the robot.");
  }
  for (const robot of robots) {
    if (!robot) throw new Refusal(404, "There is no such robot", "Look for it in the list of robots.");
    if (robot.status === "offline") {
      if (robots.length > 1) continue;
      throw new Refusal(409, `${robot.name} is silent`, "Look after it on the spot.");
    }
    if (action === "pause") robot.paused = true;
    if (action === "resume") robot.paused = false;
    if (action === "charge") robot.charging = true;
    if (action === "emergency_stop") {
      const { by, reason } = body as { by?: string; reason?: string };
      robot.emergency_stop = { latched: true, by: by ?? null, reason: reason ?? null };
    }
    if (action === "release_stop") robot.emergency_stop = { latched: false };
  }
  return { success: true };
}

function frame(world: World): Record<string, unknown> {
  return {
    now_s: nowS(),
    speed: 1,
    robots: [...world.robots.values()].map((robot) => world.row(robot)),
    routes: Object.fromEntries(
      [...world.robots.values()].map((robot) => [robot.name, world.route(robot)]),
    ),
    tasks: [...world.tasks.values()].map((task) => world.summary(task)),
    incidents: [...world.incidents.values()],
    closures: [...world.closures.values()],
    passages: [...world.passages.all.values()],
    weather: world.weather,
    map_version: "mock",
    zones: [...world.zones].map(([id, clean_fraction]) => ({ id, clean_fraction })),
  };
}

/** What of a frame is not as it was told last; `told` is what was, and is brought up to date. */
function news(content: Record<string, unknown>, told: Map<string, string>): Record<string, unknown> {
  const isNew = (key: string, value: unknown): boolean => {
    const text = JSON.stringify(value);
    if (told.get(key) === text) return false;
    told.set(key, text);
    return true;
  };
  const nameOf = (item: unknown): string =>
    String(Array.isArray(item) ? item[0] : (item as { id: string }).id);
  const parts = Object.entries(content).flatMap(([key, value]): [string, unknown][] => {
    if (Array.isArray(value)) {
      const changed = value.filter((item) => isNew(`${key}/${nameOf(item)}`, item));
      return changed.length > 0 ? [[key, changed]] : [];
    }
    if (key === "routes") {
      const changed = Object.entries(value as object).filter(([name, route]) => isNew(`route/${name}`, route));
      return changed.length > 0 ? [[key, Object.fromEntries(changed)]] : [];
    }
    return key === "now_s" || isNew(key, value) ? [[key, value]] : [];
  });
  return Object.fromEntries(parts);
}

async function file(dist: string, path: string, answer: ServerResponse): Promise<void> {
  const inside = normalize(path.replace(/^\/app\/?/, "")).replace(/^(\.\.[/\\])+/, "");
  const wanted = extname(inside) ? inside : "index.html";
  const content = await readFile(join(dist, wanted)).catch(() => null);
  answer.writeHead(content ? 200 : 404, { "Content-Type": TYPES[extname(wanted)] ?? "text/plain" });
  answer.end(content ?? "not built: npm run build");
}

/** Serve a world on a port of this machine; with `dist`, the built pages under /app/ too. */
export async function serve(world: World, port: number, dist?: string): Promise<MockServer> {
  const commands: MockServer["commands"] = [];
  const handle = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (dist && url.pathname.startsWith("/app")) return file(dist, url.pathname, answer);
    const send = (status: number, type: string, content: unknown) => {
      answer.writeHead(status, { "Content-Type": type });
      answer.end(JSON.stringify(content));
    };
    try {
      let content: unknown;
      if (request.method === "DELETE") {
        content = world.reopen(url.pathname.split("/").at(-1) ?? "", nowS()) ? { success: true } : undefined;
      } else if (request.method === "PATCH") {
        const body = await bodyOf(request);
        commands.push({ path: url.pathname, body, key: undefined });
        content = world.change(url.pathname.split("/").at(-1) ?? "", body) ?? undefined;
      } else if (request.method === "POST" || request.method === "PUT") {
        const body = await bodyOf(request);
        const key = request.headers["idempotency-key"];
        commands.push({ path: url.pathname, body, key: String(key ?? "") || undefined });
        content = command(world, url.pathname, body, key ? String(key) : undefined);
      } else {
        content = read(world, url);
      }
      if (content === undefined) throw new Refusal(404, "Not found", "Check the address.");
      send(200, "application/json", content);
    } catch (error) {
      const { status = 500, remedy = "" } = error as Partial<Refusal>;
      const title = error instanceof Error ? error.message : String(error);
      send(status, "application/problem+json", { title, status, detail: "", code: "mock", remedy });
    }
  };
  const http = createServer((request, answer) => void handle(request, answer));
  const sockets = new WebSocketServer({ server: http, path: "/live" });
  const seqs = new WeakMap<WebSocket, number>();
  const told = new WeakMap<WebSocket, Map<string, string>>();
  sockets.on("connection", (socket) => {
    seqs.set(socket, 1);
    const known = new Map<string, string>();
    told.set(socket, known);
    socket.send(JSON.stringify({ type: "snapshot", seq: 1, ...news(frame(world), known) }));
  });
  const timer = setInterval(() => {
    world.step(nowS(), TICK_MS / 1000);
    for (const socket of sockets.clients) {
      const seq = (seqs.get(socket) ?? 0) + 1;
      seqs.set(socket, seq);
      const changed = news(frame(world), told.get(socket) ?? new Map<string, string>());
      socket.send(JSON.stringify({ type: "delta", seq, ...changed }));
    }
  }, TICK_MS);
  await new Promise<void>((ready) => http.listen(port, "127.0.0.1", ready));
  return {
    http,
    commands,
    close: async () => {
      clearInterval(timer);
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
}
