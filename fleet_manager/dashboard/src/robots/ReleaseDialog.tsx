/** Releasing an emergency stop: who does it and why is asked, because a robot may drive at once. */
import { Alert, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
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
  const [by, setBy] = useState(person.name);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const name = by.trim();
    if (!name) return;
    person.setName(name);
    const responsible = { by: name, reason: reason.trim() };
    if (await send({ robot, action: "release_stop", responsible })) onClose();
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Alert color="orange" p="xs">
          {t("release.text")}
        </Alert>
        <TextInput
          data-testid="release-by"
          data-autofocus
          required
          autoComplete="name"
          label={t("common.name")}
          description={t("common.name.hint")}
          value={by}
          error={tried && !by.trim() ? t("common.needed") : null}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
        <TextInput
          data-testid="release-reason"
          label={t("common.reason")}
          placeholder={t("release.reason.hint")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
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
