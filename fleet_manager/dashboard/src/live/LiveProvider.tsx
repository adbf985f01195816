/** Gives the pages the live store, and hooks that read it. */
import { createContext, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { LiveConnection, liveAddress } from "./connection";
import type { FleetView } from "./fleetView";
import { fleetNowS } from "./fleetView";
import { outOfOrder } from "../map/passageShapes";
import { useSessionCheck } from "../session/SessionProvider";
import { LiveStore, type LiveState } from "./store";

const Store = createContext<LiveStore | null>(null);

/** Holds a store and keeps it fed; a `store` that is given is not fed (tests). */
export function LiveProvider({ children, store }: { children: ReactNode; store?: LiveStore }) {
  const [own] = useState(() => store ?? new LiveStore());
  const ask = useSessionCheck();
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    if (store) return undefined;
    const connection = new LiveConnection(own, {
      open: () => new WebSocket(liveAddress(window.location)),
    });
    const onVisible = () => {
      if (document.visibilityState === "visible") connection.hurry();
    };
    // A feed that is lost may be one that the manager has closed: the session is over.
    let phase = own.get().phase;
    const unsubscribe = own.subscribe(() => {
      const before = phase;
      phase = own.get().phase;
      if (before === "live" && phase === "reconnecting") asking.current();
    });
    connection.start();
    window.addEventListener("online", connection.hurry);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      window.removeEventListener("online", connection.hurry);
      document.removeEventListener("visibilitychange", onVisible);
      unsubscribe();
      connection.stop();
    };
  }, [own, store]);
  return <Store value={own}>{children}</Store>;
}

/** The store itself, for what draws without React (the map). */
export function useLiveStore(): LiveStore {
  const store = useContext(Store);
  if (!store) throw new Error("useLiveStore needs a LiveProvider above it");
  return store;
}

/** A part of the live state; `select` returns something whose identity stays while it is equal. */
export function useLive<Part>(select: (state: LiveState) => Part): Part {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** As `useLive`, for long lists: their drawing waits while the map is being moved. */
export function useLiveAtRest<Part>(select: (state: LiveState) => Part): Part {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribeAtRest, () => select(store.get()));
}

export const selectRobots = (state: LiveState): FleetView["robots"] => state.view.robots;
export const selectTasks = (state: LiveState): FleetView["tasks"] => state.view.tasks;
export const selectIncidents = (state: LiveState): FleetView["incidents"] => state.view.incidents;
export const selectZones = (state: LiveState): FleetView["zones"] => state.view.zones;
export const selectClosures = (state: LiveState): FleetView["closures"] => state.view.closures;
export const selectPassages = (state: LiveState): FleetView["passages"] => state.view.passages;
export const selectProgrammes = (state: LiveState): FleetView["programmes"] => state.view.programmes;
/** Ids of what is out of order, as one text. */
export const selectOutOfOrder = (state: LiveState): string => outOfOrder(state.view.passages);
export const selectWeather = (state: LiveState): FleetView["weather"] => state.view.weather;
export const selectStops = (state: LiveState): FleetView["stops"] => state.view.stops;
export const selectZoneStops = (state: LiveState): FleetView["zoneStops"] => state.view.zoneStops;
export const selectMapVersion = (state: LiveState): string => state.view.mapVersion;
export const selectPhase = (state: LiveState): LiveState["phase"] => state.phase;

/** Whether the fleet's clock is known, or will not be for a while: a simulated fleet has a time of its own. */
export const selectClockKnown = ({ view, phase }: LiveState): boolean => view.seq > 0 || phase === "offline";

/** The fleet's clock, Unix seconds, renewed every `periodMs`. */
export function useFleetNow(periodMs = 1_000): number {
  const store = useLiveStore();
  const read = useCallback(() => fleetNowS(store.get().view, performance.now()), [store]);
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), periodMs);
    return () => clearInterval(timer);
  }, [read, periodMs]);
  return now;
}
