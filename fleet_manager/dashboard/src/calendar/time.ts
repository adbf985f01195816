/** Wall-clock times of a time zone, also where clocks change. */

/** A local time: its day, and minutes since midnight by the clock on the wall. */
export interface Wall {
  /** YYYY-MM-DD */
  day: string;
  minutes: number;
}

const DAY_S = 86_400;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    });
    formats.set(timezone, format);
  }
  return format;
}

/** What the clock on the wall says at Unix seconds. */
export function wallOf(unixS: number, timezone: string): Wall {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(unixS * 1000)) parts[type] = value;
  return { day: `${parts.year}-${parts.month}-${parts.day}`, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

const asUtcS = ({ day, minutes }: Wall): number => Date.parse(`${day}T00:00:00Z`) / 1000 + minutes * 60;

/**
 * Unix seconds of a local time: the first of two where it comes twice; where clocks skip it, the
 * time as it would have been before the change, as the manager has it.
 */
export function unixOf(wall: Wall, timezone: string): number {
  const wanted = asUtcS(wall);
  const offsetAt = (unixS: number) => asUtcS(wallOf(unixS, timezone)) - unixS;
  const before = offsetAt(wanted - DAY_S);
  const early = wanted - before;
  if (offsetAt(early) === before) return early;
  const late = wanted - offsetAt(wanted + DAY_S);
  return asUtcS(wallOf(late, timezone)) === wanted ? late : early;
}

/** A day some days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_S * 1000).toISOString().slice(0, 10);
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

/** How long a day is, hours: 23 or 25 where clocks change. */
export function hoursOf(day: string, timezone: string): number {
  const begin = unixOf({ day, minutes: 0 }, timezone);
  return Math.round((unixOf({ day: addDays(day, 1), minutes: 0 }, timezone) - begin) / 360) / 10;
}

const two = (value: number) => String(value).padStart(2, "0");

/** As HH:MM. */
export const clock = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

/** As the manager and a datetime field write it. */
export const written = ({ day, minutes }: Wall): string => `${day}T${clock(minutes)}:00`;

/** What was written; null where it is no time. */
export function readWall(text: string): Wall | null {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})/.exec(text);
  return found ? { day: found[1] ?? "", minutes: Number(found[2]) * 60 + Number(found[3]) } : null;
}
