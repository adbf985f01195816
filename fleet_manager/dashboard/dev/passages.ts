/** Doors, lifts and crossings of the mock fleet: those that serve a robot go round their states. */
import type { CampusDocument, Passage, PassageStatus } from "../src/api/types.ts";

const ROUND: readonly PassageStatus[] = ["closed", "opening", "open", "open", "closing"];
const STATE_SECONDS = 4;

export class Passages {
  readonly all = new Map<string, Passage>();
  #seconds = 0;

  constructor(campus: CampusDocument) {
    for (const { id, properties } of campus.features) {
      const { feature: kind, name = id, building = null, level = "ground", levels = [level] } = properties;
      if (kind !== "door" && kind !== "lift" && kind !== "crossing") continue;
      this.all.set(id, {
        id, name, kind, building, levels, state: "closed", level: levels[0] ?? level, robot: null, session: null,
        asked_level: null, waiting: [], since_s: null, reason: "",
      });
    }
  }

  /** Let a robot have a passage, and others wait for it. */
  serve(id: string, robot: string, waiting: string[], nowS: number): void {
    this.#change(id, { robot, waiting, session: "requested", asked_level: this.all.get(id)?.levels.at(-1) ?? null, since_s: nowS });
  }

  fail(id: string, reason: string, nowS: number): void {
    this.#change(id, { state: "out_of_order", reason, since_s: nowS });
  }

  /** Whether it was out of order; null: there is none of that id. */
  restore(id: string): boolean | null {
    const passage = this.all.get(id);
    if (!passage) return null;
    if (passage.state !== "out_of_order") return false;
    this.#change(id, { state: "closed", reason: "", since_s: null });
    return true;
  }

  /** Let `dtS` seconds pass. */
  step(nowS: number, dtS: number): void {
    const before = Math.floor(this.#seconds / STATE_SECONDS);
    this.#seconds += dtS;
    const turn = Math.floor(this.#seconds / STATE_SECONDS);
    if (turn === before) return;
    for (const passage of this.all.values()) {
      if (passage.robot !== null && passage.state !== "out_of_order") this.#turn(passage, turn, nowS);
    }
  }

  /** A lift moves one level up, and from the highest to the lowest, each time that it has closed. */
  #turn({ id, kind, levels, level }: Passage, turn: number, nowS: number): void {
    const state = ROUND[turn % ROUND.length] ?? "closed";
    const session = state === "open" ? "open" : "requested";
    if (kind !== "lift" || state !== "closed") return this.#change(id, { state, session, since_s: nowS });
    const next = levels[(levels.indexOf(level ?? "") + 1) % levels.length] ?? level;
    this.#change(id, { state: "moving", session: "riding", level: next, since_s: nowS });
  }

  #change(id: string, change: Partial<Passage>): void {
    const passage = this.all.get(id);
    if (passage) this.all.set(id, { ...passage, ...change });
  }
}
