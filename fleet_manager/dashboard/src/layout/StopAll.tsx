/** The emergency stop of all robots: one press opens, the next (or Enter) stops. */
import { Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { useRobotCommands } from "../robots/useRobotCommands";
import { Icon } from "../ui/icons";

/** A key that is held down since the first press is no second press. */
function ignoreHeldKey(event: KeyboardEvent): void {
  if (event.repeat) event.preventDefault();
}

export function StopAll() {
  const { t } = useI18n();
  const { send, busy } = useRobotCommands();
  const [asking, setAsking] = useState(false);
  const stop = async () => {
    if (await send({ robot: null, action: "emergency_stop" })) setAsking(false);
  };
  return (
    <Popover
      opened={asking}
      onChange={setAsking}
      transitionProps={{ duration: 0 }}
      width={300}
      position="bottom-end"
      shadow="xl"
      trapFocus
      withArrow
      withinPortal
    >
      <Popover.Target>
        <Button
          data-testid="stop-all"
          className="stop-all"
          color="red.8"
          leftSection={<Icon name="stop" />}
          aria-haspopup="dialog"
          onClick={() => setAsking(true)}
        >
          {t("fleet.stop")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("fleet.stop.ask")}>
        <Stack gap="xs">
          <Text fw={700}>{t("fleet.stop.ask")}</Text>
          <Text size="sm">{t("fleet.stop.text")}</Text>
          <Group gap="xs" grow>
            <Button
              data-testid="stop-all-confirm"
              data-autofocus
              autoFocus
              onKeyDown={ignoreHeldKey}
              color="red.8"
              loading={busy}
              onClick={() => void stop()}
            >
              {t("fleet.stop.confirm")}
            </Button>
          </Group>
          <Button variant="subtle" color="gray" size="xs" onClick={() => setAsking(false)}>
            {t("common.cancel")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
