/** Releasing an emergency stop: who does it and why is asked, because a robot may drive at once. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { useRobotCommands } from "./useRobotCommands";

interface FormProps {
  /** Null for all robots. */
  robot: string | null;
  onClose: () => void;
}

export function ReleaseDialog({ opened, ...form }: FormProps & { opened: boolean }) {
  const { t } = useI18n();
  const { robot, onClose } = form;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      centered
      title={robot === null ? t("release.titleAll") : t("release.title", { robot })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <ReleaseForm {...form} />
    </Modal>
  );
}

/** Made anew each time the dialog opens, so that it begins with the name known then. */
function ReleaseForm({ robot, onClose }: FormProps) {
  const { t } = useI18n();
  const person = usePerson();
  const { send, busy } = useRobotCommands();
  const [reason, setReason] = useState("");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const responsible = { by: person.name, reason: reason.trim() };
    if (await send({ robot, action: "release_stop", responsible })) onClose();
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Alert color="orange" p="xs">
          {t("release.text")}
        </Alert>
        <TextInput
          data-testid="release-reason"
          data-autofocus
          label={t("common.reason")}
          placeholder={t("release.reason.hint")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {t("account.as", { name: person.name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="release-submit" type="submit" color="orange.9" loading={busy}>
            {t("release.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
