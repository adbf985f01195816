/** Editing the map: the draft, what is chosen in it, and which tool clicks on the map are for. */
import { useCallback, useMemo, useState } from "react";
import type { CampusDocument, CampusFeature } from "../api/types";
import { modelOf } from "../map/useCampus";
import type { CampusModel } from "../map/campusModel";
import { added, after, begin, laneBetween, nearestWaypoint, pointAt, redone, undone, zoneOf, type Draft, type PointKind } from "./draft";

export type Tool = "choose" | PointKind | "lane" | "zone";

export interface Editor {
  draft: Draft;
  model: CampusModel;
  chosen: CampusFeature | null;
  tool: Tool;
  /** What has been clicked so far of a lane or a zone. */
  begun: readonly (readonly number[])[];
  choose: (id: string | null) => void;
  use: (tool: Tool) => void;
  /** A click on the map, metres; `reachM` is how near counts as on something. */
  place: (xy: readonly number[], level: string, reachM: number) => void;
  /** End the zone that is being drawn. */
  finish: (level: string) => void;
  change: (step: (document: CampusDocument) => CampusDocument) => void;
  undo: () => void;
  redo: () => void;
}

/** @returns the editor with `start` and `stop`; null while the map is not being edited. */
export function useEditor(): { editor: Editor | null; start: (document: CampusDocument) => void; stop: () => void } {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [chosenId, choose] = useState<string | null>(null);
  const [tool, setTool] = useState<Tool>("choose");
  const [begun, setBegun] = useState<readonly (readonly number[])[]>([]);

  const use = useCallback((next: Tool) => {
    setTool(next);
    setBegun([]);
    if (next !== "choose") choose(null);
  }, []);
  const start = useCallback((document: CampusDocument) => {
    setDraft(begin(document));
    setTool("choose");
    setBegun([]);
    choose(null);
  }, []);
  const stop = useCallback(() => setDraft(null), []);

  const editor = useMemo<Editor | null>(() => {
    if (!draft) return null;
    const { document } = draft;
    const add = (feature: CampusFeature) => {
      setDraft(after(draft, added(feature)));
      use("choose");
      choose(feature.id);
    };
    return {
      draft,
      model: modelOf(document),
      chosen: document.features.find(({ id }) => id === chosenId) ?? null,
      tool,
      begun,
      choose,
      use,
      place: (xy, level, reachM) => {
        if (tool === "choose") return;
        if (tool === "zone") {
          setBegun([...begun, xy]);
        } else if (tool === "lane") {
          const here = nearestWaypoint(document, level, xy, reachM);
          if (!here || here.geometry.type !== "Point") return;
          const first = begun[0] ? nearestWaypoint(document, level, begun[0], 0.01) : null;
          if (!first) setBegun([here.geometry.coordinates]);
          else if (first.id !== here.id) add(laneBetween(document, first, here));
        } else {
          add(pointAt(document, tool, level, xy));
        }
      },
      finish: (level) => {
        if (tool === "zone" && begun.length >= 3) add(zoneOf(document, level, begun));
      },
      change: (step) => setDraft(after(draft, step)),
      undo: () => setDraft(undone(draft)),
      redo: () => setDraft(redone(draft)),
    };
  }, [draft, chosenId, tool, begun, use]);
  return { editor, start, stop };
}
