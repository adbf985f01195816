/** All about the chosen feature of the map, and what can be done with it. */
import { ActionIcon, Button, Code, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode, useState } from "react";
import { assetsQuery } from "../api/queries";
import { ClosureItem } from "../closures/ClosureItem";
import { closuresOf, isClosable } from "../closures/closures";
import { useDispatch } from "../dispatch/DispatchProvider";
import { EMPTY_WISH, type Wish } from "../dispatch/wish";
import { ZoneStop } from "../emergency/ZoneStop";
import { useI18n } from "../i18n/I18nProvider";
import { selectClosures, selectZones, useFleetNow, useLive } from "../live/LiveProvider";
import type { CampusModel, MapFeature } from "../map/campusModel";
import { labelOf } from "../map/search";
import { useCampusModel } from "../map/useCampus";
import { PassageFacts, PassageTrouble, RestoreButton } from "../passages/PassageFacts";
import { usePassage } from "../passages/usePassage";
import { Icon } from "../ui/icons";
import { factsOf } from "./facts";
import { usePerson } from "../ui/Person";

/** Fetched when it is first asked for: its number field is not needed to look at the map. */
const CloseDialog = lazy(() => import("../closures/CloseDialog").then(({ CloseDialog: made }) => ({ default: made })));

interface Props {
  id: string;
  onClose: () => void;
  /** Another feature was chosen in the panel. */
  onShow: (id: string) => void;
}

/** The task that a feature suggests; null: none. */
export function wishFor({ id, kind, properties }: MapFeature): Wish | null {
  if (kind === "waypoint" && properties.role === "bay") return { ...EMPTY_WISH, category: "patrol", places: [id] };
  if (kind === "zone" && properties.purpose === "clean") return { ...EMPTY_WISH, category: "clean", zone: id };
  return kind === "asset" ? { ...EMPTY_WISH, category: "inspect", assets: [id] } : null;
}

const WISH_LABELS = { patrol: "feature.sendHere", clean: "feature.clean", inspect: "feature.inspect" } as const;

export function FeaturePanel({ id, onClose, onShow }: Props) {
  const { model } = useCampusModel();
  const feature = model?.get(id);
  return model && feature ? <Panel key={id} model={model} feature={feature} onClose={onClose} onShow={onShow} /> : null;
}

function Panel({ model, feature, onClose, onShow }: { model: CampusModel; feature: MapFeature } & Omit<Props, "id">) {
  const i18n = useI18n();
  const { may } = usePerson();
  const { t, word } = i18n;
  const dispatch = useDispatch();
  const [closing, setClosing] = useState(false);
  const closures = closuresOf(feature, useLive(selectClosures).values());
  const passage = usePassage(feature.id);
  const wish = wishFor(feature);
  const name = labelOf(feature);
  return (
    <Paper
      component="section"
      aria-label={t("feature.panel", { name })}
      data-testid="feature-panel"
      data-feature={feature.id}
      className="robot-panel"
      shadow="md"
      p="sm"
      withBorder
    >
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Text fw={700}>{name}</Text>
            <Text size="xs" c="dimmed">
              {word("feature", feature.kind)} · <Code fz="xs">{feature.id}</Code>
            </Text>
          </div>
          <ActionIcon variant="subtle" color="gray" aria-label={t("common.close")} onClick={onClose}>
            <Icon name="close" />
          </ActionIcon>
        </Group>
        {closures.map((closure) => (
          <ClosureItem key={closure.id} closure={closure} naming={(other) => nameIn(model, other)} />
        ))}
        {passage && <PassageTrouble passage={passage} />}
        <dl className="facts">
          {passage && <PassageFacts passage={passage} model={model} />}
          {factsOf(feature, model, i18n).map(({ label, value, feature: other }) => (
            <Row key={label} label={t(label)}>
              {other ? (
                <button type="button" className="link" onClick={() => onShow(other)}>
                  {value}
                </button>
              ) : (
                value
              )}
            </Row>
          ))}
          {feature.kind === "zone" && <Cleanness zone={feature.id} />}
          {feature.kind === "asset" && <Inspected asset={feature.id} />}
        </dl>
        <Group gap="xs">
          {wish && (
            <Button size="xs" data-testid="feature-dispatch" onClick={() => dispatch.openWith(wish)}>
              {t(WISH_LABELS[wish.category])}
            </Button>
          )}
          {passage && <RestoreButton passage={passage} />}
          {feature.kind === "zone" && <ZoneStop zone={feature.id} name={labelOf(feature)} />}
          {isClosable(feature) && may("map:close") && (
            <Button
              size="xs"
              variant="default"
              data-testid="feature-close"
              leftSection={<Icon name="closed" size={14} />}
              onClick={() => setClosing(true)}
            >
              {t("feature.close")}
            </Button>
          )}
        </Group>
      </Stack>
      {closing && (
        <Suspense fallback={null}>
          <CloseDialog feature={feature} opened onClose={() => setClosing(false)} />
        </Suspense>
      )}
    </Paper>
  );
}

const nameIn = (model: CampusModel, id: string): string => {
  const feature = model.get(id);
  return feature ? labelOf(feature) : id;
};

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Cleanness({ zone }: { zone: string }) {
  const { t, percent } = useI18n();
  const fraction = useLive(selectZones).get(zone);
  if (typeof fraction !== "number") return null;
  return <Row label={t("fact.clean")}>{percent(fraction)}</Row>;
}

function Inspected({ asset }: { asset: string }) {
  const { t, ago, time } = useI18n();
  const nowS = useFleetNow(30_000);
  const { data } = useQuery(assetsQuery);
  const found = data?.find(({ id }) => id === asset);
  if (!found) return null;
  return (
    <>
      <Row label={t("fact.inspected")}>
        {found.last_inspected_s === null ? t("robot.never") : ago(Math.max(0, nowS - found.last_inspected_s))}
      </Row>
      {found.due_s !== null && <Row label={t("fact.due")}>{time(found.due_s)}</Row>}
    </>
  );
}
