/** The one store of live state: the fleet's view and how fresh it is. */
import { EMPTY_VIEW, type FleetView } from "./fleetView";

/** `offline`: for half a minute no connection could be had; trying goes on all the same. */
export type LinkPhase = "connecting" | "live" | "reconnecting" | "offline";

export interface LiveState {
  readonly view: FleetView;
  readonly phase: LinkPhase;
}

/** So long may what waits for rest wait, milliseconds. */
const LONGEST_WAIT_MS = 2_000;

export class LiveStore {
  #state: LiveState = { view: EMPTY_VIEW, phase: "connecting" };
  readonly #listeners = new Set<() => void>();
  readonly #patient = new Set<() => void>();
  #busy = false;
  #toldMs = 0;

  readonly get = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** As `subscribe`, for long lists: while the map is being moved they are told every other second only. */
  readonly subscribeAtRest = (listener: () => void): (() => void) => {
    this.#patient.add(listener);
    return () => this.#patient.delete(listener);
  };

  /** The map is being moved, or rests again. */
  setBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    if (!busy) this.#tellPatient();
  }

  #tellPatient(): void {
    this.#toldMs = performance.now();
    for (const listener of this.#patient) listener();
  }

  set(change: Partial<LiveState>): void {
    const next = { ...this.#state, ...change };
    if (next.view === this.#state.view && next.phase === this.#state.phase) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
    if (!this.#busy || performance.now() - this.#toldMs > LONGEST_WAIT_MS) this.#tellPatient();
  }
}
