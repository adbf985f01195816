/** The live map as a component, with its search, its levels, its layers and its small buttons. */
import { ActionIcon, Loader, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { restrictionsQuery } from "../api/queries";
import type { WaitedAt } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectClosures, selectOutOfOrder, selectWeather, useLive, useLiveStore } from "../live/LiveProvider";
import { useKinds } from "../robots/useKinds";
import { ObstaclesOfMap, ReportButton, WaitingHeat, useObstacles } from "../traffic/TrafficOfMap";
import { Icon } from "../ui/icons";
import { ProblemAlert } from "../ui/problems";
import { CampusMap, type FindingMark, type PickKind } from "./CampusMap";
import type { CampusModel, MapFeature } from "./campusModel";
import { LayerPanel } from "./LayerPanel";
import { firstLayers, toggled, type OptionalLayer } from "./layers";
import { LevelSwitcher } from "./LevelSwitcher";
import { SearchBox } from "./SearchBox";
import { useCampusModel } from "./useCampus";

/** Something to bring into the middle; a new object is a new wish. */
export type Focus = { robot: string } | { feature: string } | { point: readonly number[]; level?: string | null };

interface Props {
  selected: string | null;
  onSelect: (robot: string | null) => void;
  /** Id of the feature whose panel is open. */
  feature: string | null;
  onFeature: (id: string | null) => void;
  pickKind: PickKind | null;
  onPick: (kind: PickKind, id: string) => void;
  /** Places, zones and assets to ring, by id or name. */
  highlighted: readonly string[];
  focus: Focus | null;
  marks?: readonly FindingMark[];
  /** A small map beside something else: without search, layers and levels. */
  small?: boolean;
  /** A map to draw instead of the one in use. */
  draft?: CampusModel | null;
  /** Clicks mean places. */
  placing?: boolean;
  onPlace?: (xy: readonly number[], level: string, reachM: number) => void;
  onLevel?: (level: string) => void;
  /** What is drawn over the map. */
  over?: (map: CampusMap) => ReactNode;
}

const NO_MARKS: readonly FindingMark[] = [];
const NO_RESTRICTIONS = {};

/** What the weather, closures and what is out of order mean now, asked for again when one of them changes. */
function useRestrictions() {
  const weather = useLive(selectWeather);
  const closures = useLive(selectClosures);
  const broken = useLive(selectOutOfOrder);
  const { data, refetch } = useQuery(restrictionsQuery);
  useEffect(() => {
    if (weather) void refetch();
  }, [weather, closures, broken, refetch]);
  return data ?? NO_RESTRICTIONS;
}

const LiveMap = memo(function LiveMap(props: Props) {
  const { selected, onSelect, feature, onFeature, pickKind, onPick, highlighted, focus, marks = NO_MARKS, small = false } = props;
  const { draft = null, placing = false, onPlace, onLevel, over } = props;
  const { t, ago } = useI18n();
  const store = useLiveStore();
  const kinds = useKinds();
  const scheme = useComputedColorScheme("light");
  const { query: campus, model: inUse } = useCampusModel();
  const model = draft ?? inUse;
  const restrictions = useRestrictions();
  const target = useRef<HTMLDivElement>(null);
  const obstacles = useObstacles();
  /** Whether it is the map of the fleet, not one that is edited or stands beside something else. */
  const main = !small && !draft && !placing;
  const asksPlace = main && obstacles.placing;
  const placed = (xy: readonly number[], at: string, reachM: number) => {
    if (asksPlace) obstacles.place({ xy, level: at });
    else onPlace?.(xy, at, reachM);
  };
  const onObstacle = (closure: string) => {
    if (main) obstacles.show(closure);
  };
  const events = useRef({ onSelect, onFeature, onPick, placed, onObstacle });
  const [map, setMap] = useState<CampusMap | null>(null);
  const [layers, setLayers] = useState(firstLayers);
  const [chosenLevel, setLevel] = useState<string | null>(null);
  const level = model?.levels.find(({ id }) => id === chosenLevel)?.id ?? model?.ground ?? null;
  const timezone = campus.data?.campus?.timezone ?? "";

  useEffect(() => {
    events.current = { onSelect, onFeature, onPick, placed, onObstacle };
  });
  useEffect(() => {
    if (!target.current) return undefined;
    const made = new CampusMap(
      target.current,
      store,
      {
        onSelect: (robot) => events.current.onSelect(robot),
        onFeature: (id) => events.current.onFeature(id),
        onPick: (kind, id) => events.current.onPick(kind, id),
        onPlace: (xy, at, reachM) => events.current.placed(xy, at, reachM),
        onObstacle: (closure) => events.current.onObstacle(closure),
      },
      "light",
    );
    setMap(made);
    return () => made.dispose();
  }, [store]);

  useEffect(() => map?.setScheme(scheme), [map, scheme]);
  useEffect(() => map?.setLayers(layers), [map, layers]);
  useEffect(() => {
    if (model) map?.setCampus(model, timezone);
  }, [map, model, timezone]);
  useEffect(() => {
    if (level !== null) map?.setLevel(level);
  }, [map, level, model]);
  useEffect(() => map?.setKinds(kinds), [map, kinds]);
  useEffect(() => map?.setRestrictions(restrictions), [map, restrictions]);
  useEffect(() => map?.setSelected(selected), [map, selected]);
  useEffect(() => map?.setFeature(feature), [map, feature, model]);
  useEffect(() => map?.setPickKind(pickKind), [map, pickKind]);
  useEffect(() => map?.setPlacing(placing || asksPlace), [map, placing, asksPlace]);
  useEffect(() => map?.setAgo(ago), [map, ago]);
  useEffect(() => {
    if (level !== null) onLevel?.(level);
  }, [level, onLevel]);
  useEffect(() => map?.setHighlighted(highlighted), [map, highlighted, model]);
  useEffect(() => map?.setMarks(marks), [map, marks, model]);

  const showLevelOf = useCallback((found: MapFeature) => {
    setLevel((now) => (now !== null && found.levels.includes(now) ? now : (found.levels[0] ?? now)));
  }, []);
  // Choosing a robot shows its level.
  useEffect(() => {
    const robotLevel = selected ? store.get().view.robots.get(selected)?.level : null;
    if (robotLevel) setLevel(robotLevel);
  }, [selected, store]);
  useEffect(() => {
    if (!map || !focus || !model) return;
    if ("robot" in focus) {
      map.centreOnRobot(focus.robot);
    } else if ("feature" in focus) {
      const found = model.find(focus.feature);
      if (!found) return;
      showLevelOf(found);
      map.centreOnFeature(found);
    } else {
      if (focus.level) setLevel(focus.level);
      map.centreOn(focus.point);
    }
  }, [map, focus, model, showLevelOf]);

  const found = useCallback(
    (hit: MapFeature) => {
      showLevelOf(hit);
      map?.centreOnFeature(hit);
      events.current.onFeature(hit.id);
    },
    [map, showLevelOf],
  );
  const showWait = useCallback(
    ({ x_m: x, y_m: y, level: at }: WaitedAt) => {
      setLevel(at);
      map?.centreOn([x, y]);
    },
    [map],
  );
  const toggle = useCallback((layer: OptionalLayer) => setLayers((now) => toggled(now, layer)), []);

  return (
    <div className="map-frame">
      <div
        ref={target}
        className="map"
        data-testid="map"
        data-ready={model !== null}
        data-level={level ?? ""}
        data-version={model?.version ?? ""}
        tabIndex={0}
        role="application"
        aria-label={t("map.label")}
      />
      {map && over?.(map)}
      {model && !small && <SearchBox model={model} onFound={found} />}
      <div className="map-buttons">
        <MapButton icon="plus" label={t("map.in")} onClick={() => map?.zoomBy(1)} />
        <MapButton icon="minus" label={t("map.out")} onClick={() => map?.zoomBy(-1)} />
        <MapButton icon="fit" label={t("map.fit")} onClick={() => map?.fit()} />
        {main && <ReportButton obstacles={obstacles} />}
        {!small && <LayerPanel layers={layers} onToggle={toggle} scheme={scheme} />}
      </div>
      {model && level !== null && !small && <LevelSwitcher levels={model.levels} level={level} onChange={setLevel} />}
      {map && model && main && layers.has("waiting") && <WaitingHeat map={map} model={model} onShow={showWait} />}
      {map && main && level !== null && <ObstaclesOfMap obstacles={obstacles} map={map} level={level} />}
      {pickKind && <div className="map-hint">{t("dispatch.picking")}</div>}
      {campus.isPending && (
        <div className="map-message">
          <Loader aria-label={t("map.loading")} />
        </div>
      )}
      {campus.isError && !model && (
        <div className="map-message">
          <ProblemAlert error={campus.error} onRetry={() => void campus.refetch()} />
        </div>
      )}
    </div>
  );
});

export default LiveMap;

function MapButton({
  icon,
  label,
  onClick,
}: {
  icon: "plus" | "minus" | "fit";
  label: string;
  onClick: () => void;
}) {
  return (
    <ActionIcon variant="default" size="lg" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </ActionIcon>
  );
}
