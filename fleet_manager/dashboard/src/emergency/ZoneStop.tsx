/** Stopping and releasing a zone, each with a second press. */
import { Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../api/client";
import { useI18n } from "../i18n/I18nProvider";
import { selectZoneStops, useLive } from "../live/LiveProvider";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

export function ZoneStop({ zone, name }: { zone: string; name: string }) {
  const { t } = useI18n();
  const { may } = usePerson();
  const notices = useNotices();
  const [asking, setAsking] = useState(false);
  const stopped = useLive(selectZoneStops).includes(zone);
  const action = stopped ? "release_stop" : "emergency_stop";
  const tell = useMutation({
    mutationFn: () => request(`/zones/${encodeURIComponent(zone)}/${action}`, { method: "POST", body: {} }),
    onSuccess: () => setAsking(false),
    onError: notices.failed,
  });
  if (!may(stopped ? "robots:release" : "robots:stop")) return null;
  const colour = stopped ? "orange.9" : "red.8";
  return (
    <Popover opened={asking} onChange={setAsking} width={280} shadow="xl" trapFocus withinPortal>
      <Popover.Target>
        <Button
          size="xs"
          variant="outline"
          color={colour}
          data-testid="zone-stop"
          data-stopped={stopped}
          leftSection={<Icon name={stopped ? "release" : "stop"} size={14} />}
          onClick={() => setAsking(true)}
        >
          {t(stopped ? "stop.zone.release" : "stop.zone")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text fw={700}>{t(stopped ? "stop.zone.releaseAsk" : "stop.zone.ask", { name })}</Text>
          <Text size="sm">{t(stopped ? "release.text" : "stop.zone.text")}</Text>
          <Group grow gap="xs">
            <Button data-testid="zone-stop-confirm" data-autofocus color={colour} loading={tell.isPending} onClick={() => tell.mutate()}>
              {t(stopped ? "release.submit" : "fleet.stop.confirm")}
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
