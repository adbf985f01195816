/** Having a closure end at another time than it would. */
import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState, type FormEvent } from "react";
import type { Closure } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { useFleetNow } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { LASTS_MINUTES, newEndOf } from "./closures";
import { useClosures } from "./useClosures";

interface Props {
  closure: Closure;
  onClose: () => void;
}

const UNTIL_OPENED = "";

export function ExtendDialog({ opened, ...form }: Props & { opened: boolean }) {
  const { t } = useI18n();
  return (
    <Modal opened={opened} onClose={form.onClose} centered title={t("extend.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <ExtendForm {...form} />
    </Modal>
  );
}

/** Made anew each time the dialog opens. */
function ExtendForm({ closure, onClose }: Props) {
  const { t, time, duration } = useI18n();
  const nowS = useFleetNow(10_000);
  const person = usePerson();
  const { extend, busy } = useClosures();
  const [minutes, setMinutes] = useState("60");
  const endS = newEndOf(closure, minutes === UNTIL_OPENED ? null : Number(minutes), nowS);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await extend(closure.id, { until_s: endS, by: person.name })) onClose();
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        <NativeSelect
          data-testid="extend-minutes"
          label={t(closure.status === "scheduled" ? "extend.fromBegin" : "extend.fromNow")}
          description={endS === null ? t("close.untilOpened") : t("close.ends", { time: time(endS) })}
          data={[
            ...LASTS_MINUTES.map((value) => ({ value: String(value), label: duration(value * 60) })),
            { value: UNTIL_OPENED, label: t("close.untilOpened") },
          ]}
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {t("account.as", { name: person.name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="extend-submit" type="submit" loading={busy}>
            {t("extend.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
