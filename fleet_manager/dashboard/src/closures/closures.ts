/** Closures as the pages need them: what concerns a feature, what to ask the manager for. */
import type { Closure, NewClosure } from "../api/types";
import type { MapFeature } from "../map/campusModel";

/** Whether a closure still matters: it holds, or is to come. */
export function isPending({ status }: Closure): boolean {
  return status === "active" || status === "scheduled";
}

/** Those that hold first, then those to come, the newest before older ones. */
export function inOrder(closures: Iterable<Closure>): Closure[] {
  return [...closures]
    .filter(isPending)
    .sort((one, other) => Number(other.status === "active") - Number(one.status === "active") || other.since_s - one.since_s);
}

/** Closures that name a feature, or that close a lane through a zone or passage of theirs. */
export function closuresOf(feature: MapFeature, closures: Iterable<Closure>): Closure[] {
  const { id, kind } = feature;
  return inOrder(closures).filter(({ lanes, zones, passages, affected_lanes: affected }) =>
    kind === "lane"
      ? lanes.includes(id) || affected.some((lane) => lane === id || lane === `${id}~`)
      : zones.includes(id) || passages.includes(id),
  );
}

/** Whether people may close a feature. */
export function isClosable({ kind }: MapFeature): boolean {
  return kind === "lane" || kind === "zone" || kind === "door" || kind === "lift" || kind === "crossing";
}

/** How long a closure may be asked to last, minutes. */
export const LASTS_MINUTES = [15, 30, 60, 120, 240, 480, 1440] as const;

/**
 * When a closure ends that lasts so long, Unix seconds: from now on, or from when it begins.
 *
 * @param minutes - null: until it is opened.
 * @param nowS - the fleet's clock, Unix seconds.
 */
export function newEndOf({ status, from_s: fromS }: Closure, minutes: number | null, nowS: number): number | null {
  if (minutes === null) return null;
  const beginS = status === "scheduled" && fromS !== null ? fromS : nowS;
  return Math.round(beginS + minutes * 60);
}

/** When a closure is to hold. */
export type When = "now" | "for" | "between";

export interface ClosureWish {
  when: When;
  /** Of `for`. */
  minutes: number;
  /** Of `between`: as an input of local date and time has them. */
  from: string;
  until: string;
  /** Null: closed. */
  speedLimit: number | null;
  reason: string;
}

export const EMPTY_CLOSURE: ClosureWish = {
  when: "now", minutes: 60, from: "", until: "", speedLimit: null, reason: "",
};

export type MissingOfClosure = "close.needTimes" | "close.needOrder";

/** What keeps a wish from being asked for; null: nothing. */
export function missingOf({ when, from, until }: ClosureWish): MissingOfClosure | null {
  if (when !== "between") return null;
  if (!from || !until) return "close.needTimes";
  return Date.parse(until) > Date.parse(from) ? null : "close.needOrder";
}

/**
 * The request of a complete wish.
 *
 * @param nowS - the fleet's clock, Unix seconds.
 */
export function requestOf(feature: MapFeature, wish: ClosureWish, by: string, nowS: number): NewClosure {
  const { id, kind } = feature;
  const what = kind === "lane" ? { lanes: [id] } : kind === "zone" ? { zones: [id] } : { passages: [id] };
  const times =
    wish.when === "for"
      ? { until_s: Math.round(nowS + wish.minutes * 60) }
      : wish.when === "between"
        ? { from_s: Date.parse(wish.from) / 1000, until_s: Date.parse(wish.until) / 1000 }
        : {};
  return {
    ...what,
    ...times,
    ...(wish.speedLimit === null ? {} : { speed_limit_mps: wish.speedLimit }),
    ...(wish.reason.trim() ? { reason: wish.reason.trim() } : {}),
    ...(by ? { by } : {}),
  };
}
