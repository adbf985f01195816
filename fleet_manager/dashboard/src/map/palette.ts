/** Colours of the map, by day and by night. */

export type Scheme = "light" | "dark";

export interface Palette {
  around: string;
  land: string;
  landEdge: string;
  building: string;
  buildingEdge: string;
  water: string;
  trees: string;
  wall: string;
  road: string;
  roadEdge: string;
  path: string;
  lane: string;
  bridge: string;
  clean: string;
  dirty: string;
  unknown: string;
  watch: string;
  closed: string;
  keepClear: string;
  bay: string;
  dock: string;
  text: string;
  halo: string;
  waterText: string;
  route: string;
  chosen: string;
  robotEdge: string;
}

export const PALETTES: Record<Scheme, Palette> = {
  light: {
    around: "#e4e9e2",
    land: "#f1f3ea",
    landEdge: "#b9c4b2",
    building: "#d9d3c7",
    buildingEdge: "#b0a795",
    water: "#b4d6ea",
    trees: "#c9e0b8",
    wall: "#8d8778",
    road: "#ffffff",
    roadEdge: "#d3d6cf",
    path: "#f8f4e8",
    lane: "#9aa5b1",
    bridge: "#e9dcc3",
    clean: "#2f9e6e",
    dirty: "#c77d18",
    unknown: "#8492a0",
    watch: "#7048b8",
    closed: "#c92a2a",
    keepClear: "#d9480f",
    bay: "#748090",
    dock: "#2b8a3e",
    text: "#343a40",
    halo: "rgba(255,255,255,0.9)",
    waterText: "#31708f",
    route: "#1864ab",
    chosen: "#d6006c",
    robotEdge: "#ffffff",
  },
  dark: {
    around: "#12161a",
    land: "#1b2125",
    landEdge: "#3b464d",
    building: "#333a42",
    buildingEdge: "#566170",
    water: "#173a50",
    trees: "#20382a",
    wall: "#788390",
    road: "#2f373e",
    roadEdge: "#434d56",
    path: "#2a2f30",
    lane: "#66727e",
    bridge: "#4a4334",
    clean: "#38d996",
    dirty: "#f0a63a",
    unknown: "#909ba6",
    watch: "#a78bfa",
    closed: "#ff6b6b",
    keepClear: "#ff922b",
    bay: "#93a0ad",
    dock: "#51cf66",
    text: "#e9ecef",
    halo: "rgba(18,22,26,0.85)",
    waterText: "#8cc4e4",
    route: "#74c0fc",
    chosen: "#ff6bb0",
    robotEdge: "#0b0d0f",
  },
};

/** Colour of a robot's disc by its kind; the third colour is for kinds that come later. */
export const KIND_COLOURS: Record<string, string> = {
  security: "#1c6fd1",
  cleaning: "#087f6d",
  safety: "#d9480f",
};
export const OTHER_KIND_COLOUR = "#6741d9";

/** Colour of a robot's route: its kind's, lighter at night. */
export function routeColour(kind: string | undefined, scheme: Scheme): string {
  return scheme === "dark" ? mix(kindColour(kind), "#ffffff", 0.45) : kindColour(kind);
}

/** A colour between two, `share` (0 to 1) of the way; all as #rrggbb. */
export function mix(from: string, to: string, share: number): string {
  const part = (hex: string, at: number) => parseInt(hex.slice(at, at + 2), 16);
  const clamped = Math.min(1, Math.max(0, share));
  return `#${[1, 3, 5]
    .map((at) => Math.round(part(from, at) + clamped * (part(to, at) - part(from, at))))
    .map((value) => value.toString(16).padStart(2, "0"))
    .join("")}`;
}

export function kindColour(kind: string | undefined): string {
  return (kind && KIND_COLOURS[kind]) || OTHER_KIND_COLOUR;
}
