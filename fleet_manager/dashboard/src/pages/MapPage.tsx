/** The map itself: what is on it, whether it is right, what is closed, which version is in use. */
import { Button, Loader, Tabs, Text } from "@mantine/core";
import { Suspense, lazy, useCallback, useMemo, useState } from "react";
import type { Finding } from "../api/types";
import { isPending } from "../closures/closures";
import { EditPanel } from "../editing/EditPanel";
import { Handles } from "../editing/Handles";
import { reshaped } from "../editing/draft";
import { useEditor } from "../editing/useEditor";
import { useDispatch } from "../dispatch/DispatchProvider";
import { FeaturePanel } from "../features/FeaturePanel";
import { useI18n } from "../i18n/I18nProvider";
import { selectClosures, useLive } from "../live/LiveProvider";
import type { CampusMap, FindingMark } from "../map/CampusMap";
import type { Focus } from "../map/LiveMap";
import { useCampusModel } from "../map/useCampus";
import { ClosureList } from "../mapping/ClosureList";
import { Facts } from "../mapping/Facts";
import { placeOf } from "../mapping/findings";
import { Report } from "../mapping/Report";
import { Versions } from "../mapping/Versions";
import { WeatherSwitches } from "../mapping/WeatherSwitches";
import { RobotPanel } from "../robots/RobotPanel";
import { usePerson } from "../ui/Person";
import { ProblemAlert } from "../ui/problems";
import { useChosen } from "./useChosen";

const LiveMap = lazy(() => import("../map/LiveMap"));
const NOTHING: readonly string[] = [];
const TABS = ["report", "closures", "weather", "versions", "facts"] as const;
type Tab = (typeof TABS)[number];

export default function MapPage() {
  const { t } = useI18n();
  const dispatch = useDispatch();
  const { query, model: inUse } = useCampusModel();
  const { may } = usePerson();
  const { editor, start, stop } = useEditor();
  const [level, setLevel] = useState("ground");
  const model = editor?.model ?? inUse;
  const [selected, select] = useChosen("robot");
  const [feature, setFeature] = useState<string | null>(null);
  const [focus, setFocus] = useState<Focus | null>(null);
  const [finding, setFinding] = useState<Finding | null>(null);
  const closures = useLive(selectClosures);
  const closed = useMemo(() => [...closures.values()].filter(isPending).length, [closures]);

  const show = useCallback((id: string) => {
    setFeature(id);
    setFocus({ feature: id });
  }, []);
  const choose = useCallback(
    (next: Finding) => {
      setFinding(next);
      const place = model && placeOf(next, model);
      if (!place) return;
      setFocus({ point: place.xy, level: place.level });
      setFeature(model.get(next.subject) ? next.subject : null);
    },
    [model],
  );
  const marks = useMemo<readonly FindingMark[]>(() => {
    const place = finding && model ? placeOf(finding, model) : null;
    return place && finding ? [{ ...place, severity: finding.severity }] : [];
  }, [finding, model]);

  const over = useCallback(
    (map: CampusMap) =>
      editor?.chosen && (
        <Handles map={map} geometry={editor.chosen.geometry} onChange={(geometry) => editor.chosen && editor.change(reshaped(editor.chosen.id, geometry))} />
      ),
    [editor],
  );
  const drawn = useMemo<readonly FindingMark[]>(
    () => (editor?.begun ?? []).map(([x = 0, y = 0]) => ({ xy: [x, y], level, severity: "warning" })),
    [editor?.begun, level],
  );

  return (
    <div className="live-page">
      <div className="live-map">
        <Suspense fallback={<Loader m="md" aria-label={t("map.loading")} />}>
          <LiveMap
            selected={selected}
            onSelect={select}
            feature={editor ? (editor.chosen?.id ?? null) : feature}
            onFeature={editor ? editor.choose : setFeature}
            draft={editor?.model ?? null}
            placing={editor !== null && editor.tool !== "choose"}
            {...(editor ? { onPlace: editor.place, over } : {})}
            onLevel={setLevel}
            pickKind={dispatch.pickKind}
            onPick={dispatch.pick}
            highlighted={dispatch.opened ? dispatch.chosen : NOTHING}
            focus={focus}
            marks={drawn.length > 0 ? drawn : marks}
          />
        </Suspense>
        {selected !== null && <RobotPanel name={selected} onClose={() => select(null)} />}
        {selected === null && feature !== null && !editor && (
          <FeaturePanel id={feature} onClose={() => setFeature(null)} onShow={show} />
        )}
      </div>
      <div className="live-lists map-lists">
        <div className="list-title">
          <Text component="h1" fw={700} size="sm" m={0}>
            {query.data?.campus?.name ?? t("nav.map")}
          </Text>
          {model && (
            <Text size="xs" c="dimmed" className="figures">
              {t("map.version", { version: model.version })}
            </Text>
          )}
        </div>
        {query.isError && !model && <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />}
        {editor && (
          <div className="edit-scroll">
            <EditPanel editor={editor} level={level} onFinding={choose} onStop={stop} />
          </div>
        )}
        {model && !editor && may("map:publish") && query.data && (
          <Button
            size="xs"
            m="xs"
            variant="default"
            data-testid="edit-open"
            onClick={() => {
              setFeature(null);
              start(query.data);
            }}
          >
            {t("editing.open")}
          </Button>
        )}
        {model && !editor && (
          <Tabs defaultValue={"report" satisfies Tab} keepMounted={false} className="map-tabs">
            <Tabs.List>
              {TABS.map((tab) => (
                <Tabs.Tab key={tab} value={tab} data-testid={`tab-${tab}`} px={7}>
                  {t(`mapping.${tab}`)}
                  {tab === "closures" && closed > 0 && ` (${closed})`}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="report">
              <Report model={model} chosen={finding} onChoose={choose} />
            </Tabs.Panel>
            <Tabs.Panel value="closures">
              <ClosureList model={model} onShow={show} />
            </Tabs.Panel>
            <Tabs.Panel value="weather">
              <WeatherSwitches />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <Versions inUse={model.version} />
            </Tabs.Panel>
            <Tabs.Panel value="facts">
              <Facts model={model} note={query.data?.campus?.note ?? ""} />
            </Tabs.Panel>
          </Tabs>
        )}
      </div>
    </div>
  );
}
