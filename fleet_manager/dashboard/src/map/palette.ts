/** Colours of the map, by day and by night. */

export type Scheme = "light" | "dark";

export interface Palette {
  around: string;
  land: string;
  landEdge: string;
  part: string;
  grass: string;
  plaza: string;
  carPark: string;
  publicRoad: string;
  field: string;
  building: string;
  buildingEdge: string;
  /** Of the tallest buildings; lower ones lie between `building` and this. */
  buildingHigh: string;
  shadow: string;
  /** The inside of a building whose rooms are drawn. */
  floor: string;
  inWall: string;
  /** Lies over the ground while another level is looked at. */
  veil: string;
  water: string;
  trees: string;
  wall: string;
  road: string;
  roadEdge: string;
  path: string;
  lane: string;
  bridge: string;
  bridgeEdge: string;
  ramp: string;
  indoor: string;
  clean: string;
  dirty: string;
  unknown: string;
  watch: string;
  closed: string;
  /** Slower than usual. */
  slow: string;
  /** Closed by the weather. */
  weather: string;
  keepClear: string;
  sector: string;
  camera: string;
  station: string;
  muster: string;
  passage: string;
  passageOpen: string;
  /** It opens, closes or, as a lift, moves. */
  passageMoving: string;
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
    part: "#7d8a76",
    grass: "#dfeacb",
    plaza: "#ece5d8",
    carPark: "#e0e1e4",
    publicRoad: "#c9ccd1",
    field: "#e6dcc0",
    building: "#d9d3c7",
    buildingEdge: "#a89e8a",
    buildingHigh: "#beb5a3",
    shadow: "rgba(60,60,50,0.16)",
    floor: "#f7f4ee",
    inWall: "#7a7263",
    veil: "rgba(236,240,233,0.72)",
    water: "#b4d6ea",
    trees: "#c9e0b8",
    wall: "#8d8778",
    road: "#ffffff",
    roadEdge: "#d3d6cf",
    path: "#f8f4e8",
    lane: "#9aa5b1",
    bridge: "#e9dcc3",
    bridgeEdge: "#a38f66",
    ramp: "#e3d7ee",
    indoor: "#e4eaf0",
    clean: "#2f9e6e",
    dirty: "#c77d18",
    unknown: "#8492a0",
    watch: "#7048b8",
    closed: "#c92a2a",
    slow: "#e67700",
    weather: "#5f3dc4",
    keepClear: "#d9480f",
    sector: "#5c7cfa",
    camera: "#495057",
    station: "#0b7285",
    muster: "#2b8a3e",
    passage: "#7a4a12",
    passageOpen: "#2b8a3e",
    passageMoving: "#b35c00",
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
    part: "#7f8b84",
    grass: "#1f2d22",
    plaza: "#2a2926",
    carPark: "#272b30",
    publicRoad: "#3a4047",
    field: "#2c2a20",
    building: "#333a42",
    buildingEdge: "#566170",
    buildingHigh: "#454f5b",
    shadow: "rgba(0,0,0,0.35)",
    floor: "#20262c",
    inWall: "#94a0ad",
    veil: "rgba(18,22,26,0.72)",
    water: "#173a50",
    trees: "#20382a",
    wall: "#788390",
    road: "#2f373e",
    roadEdge: "#434d56",
    path: "#2a2f30",
    lane: "#66727e",
    bridge: "#4a4334",
    bridgeEdge: "#8a7a52",
    ramp: "#3d3550",
    indoor: "#2c3640",
    clean: "#38d996",
    dirty: "#f0a63a",
    unknown: "#909ba6",
    watch: "#a78bfa",
    closed: "#ff6b6b",
    slow: "#ffa94d",
    weather: "#b197fc",
    keepClear: "#ff922b",
    sector: "#91a7ff",
    camera: "#ced4da",
    station: "#3bc9db",
    muster: "#51cf66",
    passage: "#e0a458",
    passageOpen: "#51cf66",
    passageMoving: "#ffc078",
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

/** Of incidents, by severity. */
export const SEVERITY_COLOURS = ["#1971c2", "#e8890c", "#e8590c", "#c92a2a"] as const;

/** Colour of a robot's route: its kind's, lighter at night. */
export function routeColour(kind: string | undefined, scheme: Scheme): string {
  return scheme === "dark" ? mix(kindColour(kind), "#ffffff", 0.45) : kindColour(kind);
}

/** A colour, as #rrggbb, let through by `alpha` (0 to 1). */
export function withAlpha(hex: string, alpha: number): string {
  return hex + Math.round(alpha * 255).toString(16).padStart(2, "0");
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
