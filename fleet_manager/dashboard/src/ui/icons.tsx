/** The few signs that the pages use, drawn as strokes in the colour of their text. */
import type { SVGProps } from "react";

const PATHS = {
  map: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2z M9 4v14 M15 6v14",
  tasks: "M4 6l1.5 1.5L8 5 M11 6h9 M4 12l1.5 1.5L8 11 M11 12h9 M4 18l1.5 1.5L8 17 M11 18h9",
  robot: "M5 9h14v10H5z M12 9V5 M12 5h.01 M9 13.5h.01 M15 13.5h.01 M9.5 16.5h5 M2.5 12v4 M21.5 12v4",
  plus: "M12 5v14 M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
  layers: "M12 3l9 5-9 5-9-5z M3 12.5l9 5 9-5 M3 17l9 5 9-5",
  close: "M6 6l12 12 M18 6L6 18",
  pause: "M8 5v14 M16 5v14",
  play: "M7 5l12 7-12 7z",
  stop: "M8 3h8l5 5v8l-5 5H8l-5-5V8z M9 9h6v6H9z",
  release: "M7 11V8a5 5 0 019.6-2 M5 11h14v9H5z",
  charge: "M13 3L6 13h5l-1 8 7-10h-5z",
  search: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13z M15.5 15.5L20 20",
  plan: "M4 4h16v16H4z M4 10h7v10 M11 14h9 M15 4v6h5",
  closed: "M12 3a9 9 0 100 18 9 9 0 000-18z M7 12h10",
  check: "M5 12.5l4.5 4.5L19 7",
  upload: "M12 16V4 M7 9l5-5 5 5 M4 16v4h16v-4",
  weather: "M7 15a4 4 0 010-8 5 5 0 019.6 1.4A3.4 3.4 0 0117 15z M8 18v2 M12 18v2 M16 18v2",
  person: "M12 4a4 4 0 100 8 4 4 0 000-8z M4.5 20a7.5 7.5 0 0115 0",
  menu: "M4 6h16 M4 12h16 M4 18h16",
  alarm: "M12 3l10 18H2z M12 10v5 M12 18h.01",
  calendar: "M4 6h16v14H4z M4 10h16 M8 3v4 M16 3v4",
  chart: "M4 20h16 M7 20v-7 M12 20V6 M17 20v-10",
  replay: "M4 12a8 8 0 108-8 8 8 0 00-6 2.7 M4 4v4h4 M12 8v5l3 2",
  camera: "M4 7h3l2-2h6l2 2h3v12H4z M12 10a3 3 0 100 6 3 3 0 000-6z",
  obstacle: "M12 3l3.5 15h-7z M5 21h14 M10.3 10h3.4 M9.4 14h5.2",
  fork: "M6 4v6a4 4 0 004 4h8 M6 20v-6 M15 11l3 3-3 3",
  more: "M5 12h.01 M12 12h.01 M19 12h.01",
} as const;

export type IconName = keyof typeof PATHS;

/** A sign of the height of the text around it; it says nothing to screen readers. */
export function Icon({ name, size = 18, ...rest }: { name: IconName; size?: number } & SVGProps<SVGSVGElement>) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...rest}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
