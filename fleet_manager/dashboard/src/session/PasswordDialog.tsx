/** Changing the own password. */
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { ProblemAlert, useNotices } from "../ui/problems";
import { changePassword } from "./session";

const SHORTEST = 10;

export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const notices = useNotices();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(old, fresh),
    onSuccess: () => {
      notices.done(t("account.password.done"));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (old && fresh.length >= SHORTEST) change.mutate();
  };
  return (
    <Modal opened onClose={onClose} centered title={t("account.password")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          {change.isError && <ProblemAlert error={change.error} />}
          <TextInput
            data-testid="password-old"
            data-autofocus
            type="password"
            autoComplete="current-password"
            label={t("account.password.old")}
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
          <TextInput
            data-testid="password-new"
            type="password"
            autoComplete="new-password"
            label={t("account.password.new")}
            description={t("account.password.hint")}
            value={fresh}
            onChange={(event) => setFresh(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" data-testid="password-submit" loading={change.isPending} disabled={!old || fresh.length < SHORTEST}>
              {t("account.password")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
