/** The live map as a component, with its own small buttons. */
import { ActionIcon, Checkbox, Loader, Popover, Stack, Text, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { campusQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";
import { useLiveStore } from "../live/LiveProvider";
import { useKinds } from "../robots/useKinds";
import { Icon } from "../ui/icons";
import { ProblemAlert } from "../ui/problems";
import { CampusMap, type PickKind } from "./CampusMap";
import { OPTIONAL_LAYERS, type OptionalLayer } from "./campusLayers";
import { Legend } from "./Legend";

/** Something to bring into the middle; a new object is a new wish. */
export type Focus = { robot: string } | { point: number[] };

interface Props {
  selected: string | null;
  onSelect: (robot: string | null) => void;
  pickKind: PickKind | null;
  onPick: (kind: PickKind, id: string) => void;
  /** Places, zones and assets to ring, by id or name. */
  highlighted: readonly string[];
  focus: Focus | null;
}

export default function LiveMap(props: Props) {
  const { selected, onSelect, pickKind, onPick, highlighted, focus } = props;
  const { t } = useI18n();
  const store = useLiveStore();
  const kinds = useKinds();
  const scheme = useComputedColorScheme("light");
  const campus = useQuery(campusQuery);
  const target = useRef<HTMLDivElement>(null);
  const events = useRef({ onSelect, onPick });
  const [map, setMap] = useState<CampusMap | null>(null);
  const [visible, setVisible] = useState<ReadonlySet<OptionalLayer>>(new Set(OPTIONAL_LAYERS));

  useEffect(() => {
    events.current = { onSelect, onPick };
  });
  useEffect(() => {
    if (!target.current) return undefined;
    const made = new CampusMap(
      target.current,
      store,
      {
        onSelect: (robot) => events.current.onSelect(robot),
        onPick: (kind, id) => events.current.onPick(kind, id),
      },
      "light",
    );
    setMap(made);
    return () => made.dispose();
  }, [store]);

  useEffect(() => map?.setScheme(scheme), [map, scheme]);
  useEffect(() => {
    if (campus.data) map?.setCampus(campus.data);
  }, [map, campus.data]);
  useEffect(() => map?.setKinds(kinds), [map, kinds]);
  useEffect(() => map?.setSelected(selected), [map, selected]);
  useEffect(() => map?.setPickKind(pickKind), [map, pickKind]);
  useEffect(() => map?.setHighlighted(highlighted), [map, highlighted, campus.data]);
  useEffect(() => map?.setVisible(visible), [map, visible]);
  useEffect(() => {
    if (!map || !focus || !campus.data) return;
    if ("robot" in focus) map.centreOnRobot(focus.robot);
    else map.centreOn(focus.point);
  }, [map, focus, campus.data]);

  return (
    <div className="map-frame">
      <div
        ref={target}
        className="map"
        data-testid="map"
        data-ready={campus.isSuccess}
        tabIndex={0}
        role="application"
        aria-label={t("map.label")}
      />
      <div className="map-buttons">
        <MapButton icon="plus" label={t("map.in")} onClick={() => map?.zoomBy(1)} />
        <MapButton icon="minus" label={t("map.out")} onClick={() => map?.zoomBy(-1)} />
        <MapButton icon="fit" label={t("map.fit")} onClick={() => map?.fit()} />
        <Popover position="left-start" shadow="md" withinPortal>
          <Popover.Target>
            <ActionIcon variant="default" size="lg" aria-label={t("map.legend")} title={t("map.legend")}>
              <Icon name="layers" />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Stack gap={6}>
              <Text size="sm" fw={700}>
                {t("map.layers")}
              </Text>
              {OPTIONAL_LAYERS.map((layer) => (
                <Checkbox
                  key={layer}
                  size="xs"
                  label={t(`layer.${layer}`)}
                  checked={visible.has(layer)}
                  onChange={() => {
                    const next = new Set(visible);
                    if (!next.delete(layer)) next.add(layer);
                    setVisible(next);
                  }}
                />
              ))}
              <Legend scheme={scheme} />
            </Stack>
          </Popover.Dropdown>
        </Popover>
      </div>
      {pickKind && <div className="map-hint">{t("dispatch.picking")}</div>}
      {campus.isPending && (
        <div className="map-message">
          <Loader aria-label={t("map.loading")} />
        </div>
      )}
      {campus.isError && (
        <div className="map-message">
          <ProblemAlert error={campus.error} onRetry={() => void campus.refetch()} />
        </div>
      )}
    </div>
  );
}

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
