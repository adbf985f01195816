/** The shape that is edited, over the map: corners are dragged, or moved with the arrow keys. */
import { useEffect, useReducer, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import type { CampusMap } from "../map/CampusMap";
import { handlesOf, withCorners, type Geometry } from "./draft";

interface Props {
  map: CampusMap;
  geometry: Geometry;
  onChange: (geometry: Geometry) => void;
}

const STEP_M = 0.1;
const ARROWS: Partial<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, STEP_M], ArrowDown: [0, -STEP_M], ArrowLeft: [-STEP_M, 0], ArrowRight: [STEP_M, 0],
};

export function Handles({ map, geometry, onChange }: Props) {
  const { t } = useI18n();
  const [, moved] = useReducer((count: number) => count + 1, 0);
  const [dragged, setDragged] = useState<Geometry | null>(null);
  useEffect(() => map.onRender(moved), [map]);
  const shown = dragged ?? geometry;
  const rings = handlesOf(shown);
  const least = shown.type === "Polygon" ? 3 : shown.type === "LineString" ? 2 : 1;
  const closed = shown.type === "Polygon";

  const cornersWith = (ring: number, index: number, xy: number[], insert = false): Geometry => {
    const corners = [...(rings[ring] ?? [])];
    corners.splice(index, insert ? 0 : 1, xy);
    return withCorners(shown, ring, corners);
  };
  const grab = (event: PointerEvent<SVGElement>, ring: number, index: number, insert: boolean) => {
    event.preventDefault();
    event.stopPropagation();
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    if (!box) return;
    let latest: Geometry | null = null;
    const base = insert ? null : shown;
    const move = ({ clientX, clientY }: globalThis.PointerEvent) => {
      const xy = map.xyAt(clientX - box.left, clientY - box.top);
      if (!xy) return;
      latest = base ? cornersWith(ring, index, xy) : cornersWith(ring, index, xy, true);
      setDragged(latest);
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      setDragged(null);
      if (latest) onChange(latest);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
  };
  const nudge = (event: KeyboardEvent, ring: number, index: number) => {
    const corners = rings[ring] ?? [];
    const [x = 0, y = 0] = corners[index] ?? [];
    const step = ARROWS[event.key];
    if (step) {
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      onChange(cornersWith(ring, index, [x + step[0] * far, y + step[1] * far]));
    }
    if (event.key === "Delete" && corners.length > least) {
      event.preventDefault();
      event.stopPropagation();
      onChange(withCorners(shown, ring, corners.filter((_, each) => each !== index)));
    }
  };

  const pixels = rings.map((ring) => ring.map((xy) => map.pixelOf(xy)));
  const path = pixels
    .map((ring) => ring.map((pixel, index) => `${index === 0 ? "M" : "L"}${pixel?.[0] ?? 0} ${pixel?.[1] ?? 0}`).join(" ") + (closed ? " Z" : ""))
    .join(" ");
  return (
    <svg className="edit-shape" data-testid="edit-handles">
      <path d={path} />
      {pixels.map((ring, ringIndex) =>
        ring.map((pixel, index) => {
          const next = ring[index + 1] ?? (closed ? ring[0] : undefined);
          if (!pixel) return null;
          return (
            <g key={`${ringIndex} ${index}`}>
              {next && shown.type !== "Point" && (
                <circle
                  className="edit-between"
                  cx={((pixel[0] ?? 0) + (next[0] ?? 0)) / 2}
                  cy={((pixel[1] ?? 0) + (next[1] ?? 0)) / 2}
                  r={5}
                  onPointerDown={(event) => grab(event, ringIndex, index + 1, true)}
                />
              )}
              <circle
                className="edit-corner"
                data-testid={`corner-${ringIndex}-${index}`}
                tabIndex={0}
                role="button"
                aria-label={t("editing.corner", { number: index + 1 })}
                cx={pixel[0]}
                cy={pixel[1]}
                r={8}
                onPointerDown={(event) => grab(event, ringIndex, index, false)}
                onKeyDown={(event) => nudge(event, ringIndex, index)}
              />
            </g>
          );
        }),
      )}
    </svg>
  );
}
