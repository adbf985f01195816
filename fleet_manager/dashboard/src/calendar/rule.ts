/** Rules of recurrence as far as they can be moved to another time of day. */
import { readWall } from "./time";

/**
 * A rule whose occurrence at one time of day comes at another; null where the rule does not allow
 * to say that (several minutes, or several hours of which only one is to move to other minutes).
 *
 * @param at - local time of the occurrence by the rule, as written.
 * @param minutes - the other time of day, minutes since midnight.
 */
export function shiftedRule(rrule: string, at: string, minutes: number): string | null {
  const from = readWall(at);
  const parts = rrule.split(";").map((part) => part.split("=", 2) as [string, string]);
  const values = new Map(parts);
  const hours = values.get("BYHOUR")?.split(",").map(Number);
  const minute = values.get("BYMINUTE")?.split(",").map(Number);
  if (!from || !hours || minute?.length !== 1) return null;
  const [hour, wanted] = [Math.floor(from.minutes / 60), Math.floor(minutes / 60)];
  if (!hours.includes(hour) || minute[0] !== from.minutes % 60) return null;
  if (hours.length > 1 && minutes % 60 !== minute[0]) return null;
  values.set("BYHOUR", hours.map((each) => (each === hour ? wanted : each)).sort((one, other) => one - other).join(","));
  values.set("BYMINUTE", String(minutes % 60));
  return [...values].map(([key, value]) => `${key}=${value}`).join(";");
}
