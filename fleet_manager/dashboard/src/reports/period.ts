/** A period that is looked at, in the campus' time zone. */
import { addDays, mondayOf, readWall, unixOf, wallOf } from "../calendar/time";

export interface Period {
  fromS: number;
  toS: number;
}

export const PRESETS = ["hour", "today", "yesterday", "day", "week", "month"] as const;
export type Preset = (typeof PRESETS)[number];

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

/** @param nowS - fleet time, Unix seconds. */
export function presetPeriod(preset: Preset, nowS: number, timezone: string): Period {
  const today = wallOf(nowS, timezone).day;
  const midnight = (day: string) => unixOf({ day, minutes: 0 }, timezone);
  const now = Math.ceil(nowS);
  switch (preset) {
    case "hour":
      return { fromS: now - HOUR_S, toS: now };
    case "today":
      return { fromS: midnight(today), toS: now };
    case "yesterday":
      return { fromS: midnight(addDays(today, -1)), toS: midnight(today) };
    case "day":
      return { fromS: now - DAY_S, toS: now };
    case "week":
      return { fromS: midnight(mondayOf(addDays(today, -7))), toS: midnight(mondayOf(today)) };
    case "month":
      return { fromS: midnight(addDays(today, -30)), toS: now };
  }
}

/** The period of two datetime fields; null where they are none, or not in their order. */
export function typedPeriod(from: string, until: string, timezone: string): Period | null {
  const [begin, end] = [readWall(from), readWall(until)];
  if (!begin || !end) return null;
  const period = { fromS: unixOf(begin, timezone), toS: unixOf(end, timezone) };
  return period.toS > period.fromS ? period : null;
}
