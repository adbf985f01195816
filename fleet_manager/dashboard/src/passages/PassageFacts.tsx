/** How a door, lift or crossing is: its state, whom it serves, who waits, and why it is out of order. */
import { Alert, Badge, Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Passage, PassageStatus } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { useFleetNow } from "../live/LiveProvider";
import type { CampusModel } from "../map/campusModel";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { useRestore } from "./usePassage";

const COLOURS: Record<PassageStatus, string> = {
  unknown: "gray", closed: "gray", opening: "orange", open: "green", closing: "orange", moving: "orange", out_of_order: "red",
};

export function PassageBadge({ state }: { state: PassageStatus }) {
  const { word } = useI18n();
  return (
    <Badge
      className="status"
      data-testid="passage-state"
      data-status={state}
      color={COLOURS[state] ?? "gray"}
      variant={state === "out_of_order" ? "filled" : "light"}
    >
      {word("passageState", state)}
    </Badge>
  );
}

/** Rows of a list of facts. */
export function PassageFacts({ passage, model }: { passage: Passage; model: CampusModel }) {
  const { t, word, ago } = useI18n();
  const nowS = useFleetNow();
  const { state, level, robot, session, asked_level: asked, waiting, since_s: since } = passage;
  const nameOf = (id: string) => model.levels.find((each) => each.id === id)?.name ?? id;
  const isLift = passage.kind === "lift";
  return (
    <>
      <Row label={t("passage.state")}>
        <PassageBadge state={state} />
      </Row>
      {isLift && level !== null && <Row label={t("passage.level")}>{nameOf(level)}</Row>}
      <Row label={t("passage.robot")}>
        {robot === null ? t("passage.nobody") : session ? `${robot} · ${word("session", session)}` : robot}
      </Row>
      {isLift && asked !== null && <Row label={t("passage.asked")}>{nameOf(asked)}</Row>}
      {waiting.length > 0 && <Row label={t("passage.waiting")}>{waiting.join(", ")}</Row>}
      {since !== null && <Row label={t("passage.since")}>{ago(Math.max(0, nowS - since))}</Row>}
    </>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Why it is out of order. */
export function PassageTrouble({ passage }: { passage: Passage }) {
  const { t } = useI18n();
  const { may } = usePerson();
  if (passage.state !== "out_of_order" || !may("passages:restore")) return null;
  return (
    <Alert color="red" p="xs" title={passage.reason || t("passage.broken")}>
      {t("passage.broken.text")}
    </Alert>
  );
}

/** A person says that it works; only while it is out of order. */
export function RestoreButton({ passage }: { passage: Passage }) {
  const { t } = useI18n();
  const { restore, busy } = useRestore();
  const { may } = usePerson();
  if (passage.state !== "out_of_order" || !may("passages:restore")) return null;
  return (
    <Button
      size="xs"
      data-testid="passage-restore"
      leftSection={<Icon name="check" size={14} />}
      loading={busy}
      onClick={() => restore(passage)}
    >
      {t("passage.restore")}
    </Button>
  );
}
