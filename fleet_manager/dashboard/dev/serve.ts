/** `npm run mock [-- PORT [CAMPUS]]`: the built pages with a mock fleet on this machine; Node 22.18 or later. */
import { serve } from "./server.ts";
import { World } from "./world.ts";

const port = Number(process.argv[2] ?? 8000);
const folder = import.meta.dirname;
const world = new World(process.argv[3] ?? `${folder}/../../../maps/canalside/campus.geojson`);

const nowS = Date.now() / 1000;
const zone = [...world.zones.keys()];
world.dispatch({ category: "patrol", description: { places: ["gate_a", "library", "plaza_a"], rounds: 2 } }, nowS - 320);
world.dispatch({ category: "patrol", description: { places: ["gate_b", "tower_b", "clinic"], rounds: 1 } }, nowS - 200);
world.dispatch({ category: "clean", description: { zone: zone[0] ?? "" } }, nowS - 130);
world.dispatch({ category: "clean", description: { zone: zone[6] ?? "" } }, nowS - 90);
world.dispatch({ category: "inspect", description: { assets: ["aed_gate_a", "hydrant_a2", "exit_a2"] } }, nowS - 45);
for (let seconds = 0; seconds < 25; seconds += 1) world.step(nowS, 1);

world.setStatus("safety_4", "offline");
const silent = world.robots.get("safety_4");
if (silent) silent.last_seen_s = nowS - 95;
const low = world.robots.get("cleaning_4");
if (low) Object.assign(low, { battery: 0.22, charging: true });
const faulty = world.robots.get("safety_3");
if (faulty) {
  faulty.errors.push({
    type: "brush_jammed",
    level: "warning",
    description: "The camera is covered",
    remedy: "Wipe the glass of the front camera.",
  });
}
world.incidents.set("incident-1", {
  id: "incident-1",
  kind: "operations",
  severity: 2,
  status: "open",
  title: "safety_4 has been silent for 90 s",
  place: "Depot A",
  x_m: silent?.x_m ?? 0,
  y_m: silent?.y_m ?? 0,
  level: "ground",
  robot: "safety_4",
  task_id: null,
  raised_s: nowS - 60,
  acknowledged_by: null,
  assigned_to: null,
  resolved_by: null,
  note: null, timeline: [], pictures: 0,
      closure_id: null, score: null, stddev_m: null, seen_s: null, sightings: 0, sources: [],
});

const passages = [...world.passages.all.values()];
const [door, brokenDoor] = passages.filter(({ kind }) => kind === "door");
const [lift] = passages.filter(({ kind }) => kind === "lift");
const [crossing] = passages.filter(({ kind }) => kind === "crossing");
if (door) world.passages.serve(door.id, "safety_1", [], nowS - 4);
if (lift) world.passages.serve(lift.id, "security_1", ["safety_2", "cleaning_1"], nowS - 20);
if (crossing) world.passages.serve(crossing.id, "security_2", ["security_3"], nowS - 9);
if (brokenDoor) world.passages.fail(brokenDoor.id, "It did not open within 30 s.", nowS - 300);

await serve(world, port, `${folder}/../dist`);
console.log(`http://127.0.0.1:${port}/app/`);
