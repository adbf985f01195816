/** Cancels a task after a question, because what was begun cannot be taken up again. */
import { Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelTask } from "../api/commands";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

export function CancelButton({ taskId }: { taskId: string }) {
  const { t } = useI18n();
  const { may } = usePerson();
  const [asking, setAsking] = useState(false);
  const notices = useNotices();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelTask(taskId),
    onSuccess: () => {
      setAsking(false);
      notices.done(t("task.cancel.done", { id: taskId }));
      void queries.invalidateQueries({ queryKey: ["tasks"] });
    },
    onError: notices.failed,
  });
  return (
    <Popover opened={asking} onChange={setAsking} width={280} position="bottom-end" shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Button
          data-testid={`cancel-${taskId}`}
          size="compact-xs"
          variant="default"
          disabled={!may("tasks:ask")}
          aria-label={t("task.cancelOf", { id: taskId })}
          onClick={() => setAsking((open) => !open)}
        >
          {t("task.cancel")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {t("task.cancel.ask")}
          </Text>
          <Text size="xs">{t("task.cancel.text")}</Text>
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" onClick={() => setAsking(false)}>
              {t("task.cancel.keep")}
            </Button>
            <Button
              data-testid={`cancel-confirm-${taskId}`}
              data-autofocus
              size="xs"
              color="red.8"
              loading={cancel.isPending}
              onClick={() => cancel.mutate()}
            >
              {t("task.cancel.confirm")}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
