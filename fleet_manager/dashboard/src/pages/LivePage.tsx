/** Now: the live map beside what needs a person, the robots and the tasks. */
import { Loader, Tabs, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useEffect, useMemo, useState } from "react";
import { taskStateQuery } from "../api/queries";
import type { Incident } from "../api/types";
import { useDispatch } from "../dispatch/DispatchProvider";
import { useI18n } from "../i18n/I18nProvider";
import { FeaturePanel } from "../features/FeaturePanel";
import { IncidentStrip } from "../incidents/IncidentStrip";
import { PHONE } from "../layout/media";
import { selectRobots, selectTasks, useLive, useLiveAtRest } from "../live/LiveProvider";
import type { Focus } from "../map/LiveMap";
import { RobotList } from "../robots/RobotList";
import { RobotPanel } from "../robots/RobotPanel";
import { isActive } from "../tasks/order";
import { placesOf } from "../tasks/places";
import { TaskList } from "../tasks/TaskList";
import { useChosen } from "./useChosen";

const LiveMap = lazy(() => import("../map/LiveMap"));
const NOTHING: readonly string[] = [];

/** What the selected robot's task is about: places, a zone or assets. */
function useTaskPlaces(robot: string | null): readonly string[] {
  const taskId = useLive((state) => (robot ? (state.view.robots.get(robot)?.taskId ?? null) : null));
  const { data } = useQuery({ ...taskStateQuery(taskId ?? ""), enabled: taskId !== null });
  return useMemo(() => (taskId && data ? placesOf(data.detail) : NOTHING), [taskId, data]);
}

export default function LivePage() {
  const { t } = useI18n();
  const phone = useMediaQuery(PHONE);
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const [selected, select] = useChosen("robot");
  const [feature, setFeature] = useState<string | null>(null);
  const [focus, setFocus] = useState<Focus | null>(selected ? { robot: selected } : null);
  const taskPlaces = useTaskPlaces(selected);
  const robots = useLiveAtRest(selectRobots);
  const tasks = useLiveAtRest(selectTasks);

  // On a phone the panel stands above the lists: bring it into sight.
  useEffect(() => {
    if (phone && (selected || feature)) document.getElementById("content")?.scrollTo({ top: 0 });
  }, [phone, selected, feature]);

  const show = useCallback(
    (robot: string) => {
      select(robot);
      setFocus({ robot });
    },
    [select],
  );
  const showIncident = useCallback((incident: Incident) => {
    if (incident.x_m !== null && incident.y_m !== null) {
      setFocus({ point: [incident.x_m, incident.y_m], level: incident.level });
    }
  }, []);

  const openIncident = useCallback(
    ({ id }: Incident) => void navigate({ to: "/incidents", search: { incident: id } as never }),
    [navigate],
  );

  const working = useMemo(
    () => [...robots.values()].filter(({ status }) => status === "working").length,
    [robots],
  );
  const active = useMemo(
    () => [...tasks.values()].filter(({ status }) => isActive(status)).length,
    [tasks],
  );
  const showFeature = useCallback((id: string) => {
    setFeature(id);
    setFocus({ feature: id });
  }, []);
  const panel =
    selected !== null ? (
      <RobotPanel name={selected} onClose={() => select(null)} />
    ) : (
      feature !== null && <FeaturePanel id={feature} onClose={() => setFeature(null)} onShow={showFeature} />
    );
  const robotCount = t("robots.count", { working, total: robots.size });

  return (
    <div className="live-page">
      <div className="live-map">
        <Suspense fallback={<Loader m="md" aria-label={t("map.loading")} />}>
          <LiveMap
            selected={selected}
            onSelect={select}
            feature={selected === null ? feature : null}
            onFeature={setFeature}
            pickKind={dispatch.pickKind}
            onPick={dispatch.pick}
            highlighted={dispatch.opened ? dispatch.chosen : taskPlaces}
            focus={focus}
          />
        </Suspense>
        {!phone && panel}
      </div>
      <div className="live-lists">
        <IncidentStrip onShow={showIncident} onOpen={openIncident} />
        {phone ? (
          <>
            {panel}
            <Tabs defaultValue="robots" keepMounted={false}>
              <Tabs.List grow>
                <Tabs.Tab value="robots">
                  {t("robots.title")} ({robots.size})
                </Tabs.Tab>
                <Tabs.Tab value="tasks">
                  {t("tasks.title")} ({active})
                </Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="robots">
                <RobotList selected={selected} onSelect={show} />
              </Tabs.Panel>
              <Tabs.Panel value="tasks">
                <TaskList onRobot={show} />
              </Tabs.Panel>
            </Tabs>
          </>
        ) : (
          <>
            <section className="list" aria-label={t("tasks.title")}>
              <ListTitle title={t("tasks.title")} note={t("tasks.active", { count: active })} />
              <TaskList onRobot={show} />
            </section>
            <section className="list" aria-label={t("robots.title")}>
              <ListTitle title={t("robots.title")} note={robotCount} />
              <RobotList selected={selected} onSelect={show} />
            </section>
          </>
        )}
      </div>
    </div>
  );
}

function ListTitle({ title, note }: { title: string; note: string }) {
  return (
    <div className="list-title">
      <Text component="h2" fw={700} size="sm">
        {title}
      </Text>
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </div>
  );
}
