/** Closing or slowing a lane, a zone or a passage: for how long, why, and who does it. */
import { Button, Group, Modal, NativeSelect, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { fleetNowS } from "../live/fleetView";
import { useLiveStore } from "../live/LiveProvider";
import type { MapFeature } from "../map/campusModel";
import { labelOf } from "../map/search";
import { usePerson } from "../ui/Person";
import { EMPTY_CLOSURE, LASTS_MINUTES, missingOf, requestOf, type When } from "./closures";
import { useClosures } from "./useClosures";

const WHENS: readonly When[] = ["now", "for", "between"];

interface Props {
  feature: MapFeature;
  onClose: () => void;
}

export function CloseDialog({ opened, ...form }: Props & { opened: boolean }) {
  const { t } = useI18n();
  return (
    <Modal
      opened={opened}
      onClose={form.onClose}
      centered
      title={t("close.title", { name: labelOf(form.feature) })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <CloseForm {...form} />
    </Modal>
  );
}

/** Made anew each time the dialog opens. */
function CloseForm({ feature, onClose }: Props) {
  const { t, duration } = useI18n();
  const store = useLiveStore();
  const person = usePerson();
  const { close, busy } = useClosures();
  const [wish, setWish] = useState(EMPTY_CLOSURE);
  const [tried, setTried] = useState(false);
  const missing = missingOf(wish);
  const isZone = feature.kind === "zone";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing) return;
    const nowS = fleetNowS(store.get().view, performance.now());
    if (await close(requestOf(feature, wish, person.name, nowS), labelOf(feature))) onClose();
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t(isZone ? "close.text.zone" : "close.text")}
        </Text>
        <SegmentedControl
          aria-label={t("close.what")}
          data={[
            { value: "closed", label: t("close.closed") },
            { value: "slow", label: t("close.slow") },
          ]}
          value={wish.speedLimit === null ? "closed" : "slow"}
          onChange={(value) => setWish({ ...wish, speedLimit: value === "slow" ? 0.5 : null })}
        />
        {wish.speedLimit !== null && (
          <NumberInput
            data-testid="close-speed"
            label={t("close.speed")}
            value={wish.speedLimit}
            min={0.1}
            max={5}
            step={0.1}
            decimalScale={1}
            onChange={(value) => setWish({ ...wish, speedLimit: Math.max(0.1, Number(value) || 0.1) })}
          />
        )}
        <NativeSelect
          data-testid="close-when"
          label={t("close.when")}
          data={WHENS.map((value) => ({ value, label: t(`close.when.${value}`) }))}
          value={wish.when}
          onChange={(event) => setWish({ ...wish, when: event.currentTarget.value as When })}
        />
        {wish.when === "for" && (
          <NativeSelect
            data-testid="close-minutes"
            label={t("close.for")}
            data={LASTS_MINUTES.map((value) => ({ value: String(value), label: duration(value * 60) }))}
            value={String(wish.minutes)}
            onChange={(event) => setWish({ ...wish, minutes: Number(event.currentTarget.value) })}
          />
        )}
        {wish.when === "between" && (
          <Group grow align="flex-start">
            <TextInput
              type="datetime-local"
              data-testid="close-from"
              label={t("close.from")}
              value={wish.from}
              error={tried && missing ? t(missing) : null}
              onChange={(event) => setWish({ ...wish, from: event.currentTarget.value })}
            />
            <TextInput
              type="datetime-local"
              data-testid="close-until"
              label={t("close.until")}
              value={wish.until}
              onChange={(event) => setWish({ ...wish, until: event.currentTarget.value })}
            />
          </Group>
        )}
        <TextInput
          data-testid="close-reason"
          data-autofocus
          label={t("common.reason")}
          placeholder={t("close.reason.hint")}
          value={wish.reason}
          onChange={(event) => setWish({ ...wish, reason: event.currentTarget.value })}
        />
        <Text size="xs" c="dimmed">
          {t("account.as", { name: person.name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="close-submit" type="submit" color="red.8" loading={busy}>
            {t(wish.speedLimit === null ? "close.submit" : "close.submitSlow")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
