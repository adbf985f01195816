/** Reporting something that stands on the lanes, and saying that it has gone. */
import { Button, Group, Modal, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { newIdempotencyKey, reportObstacle } from "../api/commands";
import type { Closure, NewObstacle } from "../api/types";
import { useClosures } from "../closures/useClosures";
import { useI18n } from "../i18n/I18nProvider";
import { useFleetNow } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";
import { EMPTY_OBSTACLE, LEAST_RADIUS_M, MOST_RADIUS_M, STAYS_MINUTES, obstacleOf, type Spot } from "./obstacles";

export function ReportObstacleDialog({ spot, onClose }: { spot: Spot | null; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Modal opened={spot !== null} onClose={onClose} centered title={t("obstacle.report")} closeButtonProps={{ "aria-label": t("common.close") }}>
      {spot && <ReportForm spot={spot} onClose={onClose} />}
    </Modal>
  );
}

/** Made anew each time the dialog opens. */
function ReportForm({ spot, onClose }: { spot: Spot; onClose: () => void }) {
  const { t, duration } = useI18n();
  const { name } = usePerson();
  const notices = useNotices();
  const queries = useQueryClient();
  const last = useRef<{ content: string; key: string } | null>(null);
  const [wish, setWish] = useState(EMPTY_OBSTACLE);
  const reporting = useMutation({
    mutationFn: (obstacle: NewObstacle) => {
      const content = JSON.stringify(obstacle);
      if (last.current?.content !== content) last.current = { content, key: newIdempotencyKey() };
      return reportObstacle(obstacle, last.current.key);
    },
    onSuccess: () => {
      notices.done(t("obstacle.done"));
      void queries.invalidateQueries({ queryKey: ["restrictions"] });
      onClose();
    },
    onError: notices.failed,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reporting.mutate(obstacleOf(spot, wish, name));
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("obstacle.text")}
        </Text>
        <TextInput
          data-testid="obstacle-what"
          data-autofocus
          label={t("obstacle.what")}
          placeholder={t("obstacle.what.hint")}
          maxLength={200}
          value={wish.what}
          onChange={(event) => setWish({ ...wish, what: event.currentTarget.value })}
        />
        <Group grow align="flex-start">
          <NumberInput
            data-testid="obstacle-radius"
            label={t("obstacle.radius")}
            min={LEAST_RADIUS_M}
            max={MOST_RADIUS_M}
            step={0.5}
            decimalScale={1}
            value={wish.radiusM}
            onChange={(value) => setWish({ ...wish, radiusM: Number(value) || LEAST_RADIUS_M })}
          />
          <NativeSelect
            data-testid="obstacle-stays"
            label={t("obstacle.stays")}
            data={STAYS_MINUTES.map((value) => ({ value: String(value), label: duration(value * 60) }))}
            value={String(wish.minutes)}
            onChange={(event) => setWish({ ...wish, minutes: Number(event.currentTarget.value) })}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {t("account.as", { name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="obstacle-submit" type="submit" color="red.8" loading={reporting.isPending}>
            {t("obstacle.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What is known of an obstacle, with the button by which it is gone. */
export function ObstacleDialog({ closure, onClose }: { closure: Closure | null; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Modal opened={closure !== null} onClose={onClose} centered title={t("obstacle.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      {closure && <ObstacleFacts closure={closure} onClose={onClose} />}
    </Modal>
  );
}

function ObstacleFacts({ closure, onClose }: { closure: Closure; onClose: () => void }) {
  const { t, ago, time, number } = useI18n();
  const { may } = usePerson();
  const nowS = useFleetNow();
  const { open, busy } = useClosures();
  const { obstacle, changes_s: untilS, by, created_s: createdS } = closure;
  if (!obstacle) return null;
  const age = ago(Math.max(0, nowS - (obstacle.seen_s ?? createdS)));
  return (
    <Stack gap="xs" data-testid="obstacle-facts">
      <Text fw={600}>{obstacle.what || t("obstacle.unnamed")}</Text>
      <Text size="sm">{t("obstacle.seen", { ago: age, radius: number(obstacle.radius_m, 1) })}</Text>
      {untilS !== null && <Text size="sm">{t("obstacle.until", { time: time(untilS) })}</Text>}
      {by && (
        <Text size="xs" c="dimmed">
          {t("close.by", { name: by, time: time(createdS) })}
        </Text>
      )}
      {may("map:close") && (
        <Group justify="flex-end">
          <Button data-testid="obstacle-gone" loading={busy} onClick={() => void open(closure.id).then((done) => done && onClose())}>
            {t("obstacle.gone")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
