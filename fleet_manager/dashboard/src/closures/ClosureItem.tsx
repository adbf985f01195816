/** One closure: what, why, by whom, until when; with the button that ends it. */
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Closure } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { ExtendDialog } from "./ExtendDialog";
import { useClosures } from "./useClosures";

interface Props {
  closure: Closure;
  /** Names for the ids in it. */
  naming: (id: string) => string;
  /** Left out where the feature is known already. */
  showWhat?: boolean;
  onShow?: (id: string) => void;
}

const MOST_NAMED = 3;

export function ClosureItem({ closure, naming, showWhat = false, onShow }: Props) {
  const { t, time, number, word } = useI18n();
  const { may } = usePerson();
  const { open, busy } = useClosures();
  const [extending, setExtending] = useState(false);
  const { id, status, lanes, zones, passages, reason, by, speed_limit_mps: speed } = closure;
  const ids = [...zones, ...passages, ...lanes];
  const named = ids.slice(0, MOST_NAMED).map(naming).join(", ");
  const what = ids.length > MOST_NAMED ? t("close.andMore", { names: named, count: ids.length - MOST_NAMED }) : named;
  const state =
    status === "scheduled" ? t("close.scheduled") : speed === null ? t("close.closed") : t("close.slowTo", { speed: number(speed, 1) });
  const when =
    status === "scheduled"
      ? closure.changes_s !== null && t("close.begins", { time: time(closure.changes_s) })
      : closure.changes_s === null
        ? t("close.untilOpened")
        : t("close.ends", { time: time(closure.changes_s) });
  return (
    <div className="closure" data-testid={`closure-${id}`} data-status={status}>
      <div className="closure-text">
        <Group gap={6}>
          <Badge className="status" size="sm" variant="filled" autoContrast color={status === "scheduled" ? "gray" : speed === null ? "red.8" : "orange"}>
            {state}
          </Badge>
          {showWhat && (
            <button type="button" className="link" onClick={() => onShow?.(ids[0] ?? "")}>
              {what}
            </button>
          )}
        </Group>
        {reason && <Text size="sm">{reason}</Text>}
        <Text size="xs" c="dimmed">
          {[
            by ? t("close.by", { name: by, time: time(closure.created_s) }) : time(closure.created_s),
            when,
            closure.kinds ? t("close.kinds", { kinds: closure.kinds.map((kind) => word("kind", kind)).join(", ") }) : null,
            closure.rrule ? t("close.repeats") : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      </div>
      <Stack gap={4} hidden={!may("map:close")}>
        {!closure.rrule && (
          <Button size="compact-xs" variant="default" data-testid={`extend-${id}`} onClick={() => setExtending(true)}>
            {t("extend.open")}
          </Button>
        )}
        <Button size="compact-xs" variant="default" data-testid={`open-${id}`} loading={busy} onClick={() => void open(id)}>
          {t(status === "scheduled" ? "close.callOff" : "close.open")}
        </Button>
      </Stack>
      <ExtendDialog closure={closure} opened={extending} onClose={() => setExtending(false)} />
    </div>
  );
}
