/** What of the traffic belongs to the live map: its heat map of waiting, and obstacles. */
import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useState } from "react";
import { waitingQuery } from "../api/queries";
import type { WaitedAt } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectClosures, useLive } from "../live/LiveProvider";
import type { CampusMap } from "../map/CampusMap";
import type { CampusModel } from "../map/campusModel";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import type { Spot } from "./obstacles";

// Fetched when they are opened: the map is there sooner without them.
const ReportObstacleDialog = lazy(() => import("./ObstacleDialogs").then((part) => ({ default: part.ReportObstacleDialog })));
const ObstacleDialog = lazy(() => import("./ObstacleDialogs").then((part) => ({ default: part.ObstacleDialog })));
const WaitingPanel = lazy(() => import("./WaitingPanel").then((part) => ({ default: part.WaitingPanel })));

const NO_WAITS: readonly WaitedAt[] = [];

/** The heat map while its layer is shown. */
export function WaitingHeat({ map, model, onShow }: { map: CampusMap; model: CampusModel; onShow: (place: WaitedAt) => void }) {
  const [hours, setHours] = useState(24);
  const { data: waits = NO_WAITS } = useQuery(waitingQuery(hours));
  useEffect(() => map.setWaits(waits), [map, waits]);
  useEffect(() => () => map.setWaits(NO_WAITS), [map]);
  return (
    <Suspense fallback={null}>
      <WaitingPanel waits={waits} hours={hours} onHours={setHours} model={model} onShow={onShow} />
    </Suspense>
  );
}

export interface Obstacles {
  /** Whether a place is asked for. */
  placing: boolean;
  spot: Spot | null;
  /** The closure of the one that is looked at. */
  shown: string | null;
  begin: () => void;
  stop: () => void;
  place: (spot: Spot) => void;
  show: (closure: string | null) => void;
}

/** An obstacle that is being reported or looked at; Escape ends the choice of its place. */
export function useObstacles(): Obstacles {
  const [placing, setPlacing] = useState(false);
  const [spot, setSpot] = useState<Spot | null>(null);
  const [shown, show] = useState<string | null>(null);
  useEffect(() => {
    if (!placing) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") setPlacing(false);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [placing]);
  return {
    placing,
    spot,
    shown,
    begin: () => setPlacing(true),
    stop: () => {
      setPlacing(false);
      setSpot(null);
    },
    place: (found) => {
      setPlacing(false);
      setSpot(found);
    },
    show,
  };
}

export function ReportButton({ obstacles }: { obstacles: Obstacles }) {
  const { t } = useI18n();
  const { may } = usePerson();
  if (!may("map:close")) return null;
  const { placing, begin, stop } = obstacles;
  return (
    <ActionIcon
      variant={placing ? "filled" : "default"}
      size="lg"
      aria-label={t("obstacle.report")}
      title={t("obstacle.report")}
      aria-pressed={placing}
      data-testid="obstacle-report"
      onClick={placing ? stop : begin}
    >
      <Icon name="obstacle" />
    </ActionIcon>
  );
}

/** The hint while a place is asked for, and the dialogs. */
export function ObstaclesOfMap({ obstacles, map, level }: { obstacles: Obstacles; map: CampusMap; level: string }) {
  const { t } = useI18n();
  const closures = useLive(selectClosures);
  const { placing, spot, shown, stop, place, show } = obstacles;
  const closure = shown === null ? undefined : closures.get(shown);
  return (
    <>
      {placing && (
        <div className="map-hint map-hint-placing" role="status">
          {t("obstacle.placing")}
          <Button size="compact-xs" variant="white" color="dark" data-testid="obstacle-middle" onClick={() => place({ xy: map.middle(), level })}>
            {t("obstacle.middle")}
          </Button>
          <Button size="compact-xs" variant="white" color="dark" onClick={stop}>
            {t("common.cancel")}
          </Button>
        </div>
      )}
      <Suspense fallback={null}>
        {spot && <ReportObstacleDialog spot={spot} onClose={stop} />}
        {closure?.status === "active" && <ObstacleDialog closure={closure} onClose={() => show(null)} />}
      </Suspense>
    </>
  );
}
