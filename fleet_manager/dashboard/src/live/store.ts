/** The one store of live state: the fleet's view and how fresh it is. */
import { EMPTY_VIEW, type FleetView } from "./fleetView";

/** `offline`: for half a minute no connection could be had; trying goes on all the same. */
export type LinkPhase = "connecting" | "live" | "reconnecting" | "offline";

export interface LiveState {
  readonly view: FleetView;
  readonly phase: LinkPhase;
}

export class LiveStore {
  #state: LiveState = { view: EMPTY_VIEW, phase: "connecting" };
  readonly #listeners = new Set<() => void>();

  readonly get = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<LiveState>): void {
    const next = { ...this.#state, ...change };
    if (next.view === this.#state.view && next.phase === this.#state.phase) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
