/** Numbers, times and ages in the reader's language and local time. */

export interface Formats {
  /** 0 to 1 as per cent. */
  percent: (fraction: number) => string;
  /** A number with the given digits after the point. */
  number: (value: number, digits?: number) => string;
  /** Local date and time of Unix seconds. */
  time: (unixS: number) => string;
  /** Weekday and date of a day, YYYY-MM-DD. */
  dayName: (day: string) => string;
  /** How long ago, from seconds. */
  ago: (ageS: number) => string;
  /** A duration, from seconds, in its largest unit. */
  duration: (seconds: number) => string;
}

const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

function inLargestUnit(seconds: number): { value: number; unit: "day" | "hour" | "minute" | "second" } {
  for (const { unit, seconds: size } of UNITS) {
    if (Math.abs(seconds) >= size) return { value: Math.round(seconds / size), unit };
  }
  return { value: Math.round(seconds), unit: "second" };
}

export function formatsOf(locale: string): Formats {
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
  const now = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  const time = new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  // A day is the same everywhere: read and written in UTC.
  const day = new Intl.DateTimeFormat(locale, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  return {
    dayName: (text) => day.format(Date.parse(`${text}T00:00:00Z`)),
    percent: (fraction) => percent.format(fraction),
    number: (value, digits = 0) =>
      new Intl.NumberFormat(locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value),
    time: (unixS) => time.format(unixS * 1000),
    ago: (ageS) => {
      if (ageS < 1.5) return now;
      const { value, unit } = inLargestUnit(ageS);
      return relative.format(-value, unit);
    },
    duration: (seconds) => {
      const { value, unit } = inLargestUnit(seconds);
      const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
      return format.format(value);
    },
  };
}
