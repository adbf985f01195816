/** What can be told to one robot: pause or resume, stop or release, charge. */
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { FLAG, has, type LiveRobot } from "../live/fleetView";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { ReleaseDialog } from "./ReleaseDialog";
import { useRobotCommands } from "./useRobotCommands";

export function RobotButtons({ robot }: { robot: LiveRobot }) {
  const { t } = useI18n();
  const { send, busy } = useRobotCommands();
  const { may } = usePerson();
  const [releasing, setReleasing] = useState(false);
  const { name } = robot;
  const paused = has(robot, FLAG.paused);
  const stopped = has(robot, FLAG.emergencyStop);
  const charging = has(robot, FLAG.charging) || robot.status === "charging";
  const labelled = (action: string) => ({ "aria-label": t("action.of", { action, robot: name }) });

  return (
    <Group gap={6} wrap="wrap">
      {paused ? (
        <Button
          data-testid={`resume-${name}`}
          size="xs"
          leftSection={<Icon name="play" size={14} />}
          disabled={busy || !may("robots:pause")}
          onClick={() => void send({ robot: name, action: "resume" })}
          {...labelled(t("action.resume"))}
        >
          {t("action.resume")}
        </Button>
      ) : (
        <Button
          data-testid={`pause-${name}`}
          size="xs"
          variant="default"
          leftSection={<Icon name="pause" size={14} />}
          disabled={busy || !may("robots:pause")}
          onClick={() => void send({ robot: name, action: "pause" })}
          {...labelled(t("action.pause"))}
        >
          {t("action.pause")}
        </Button>
      )}
      {stopped ? (
        <Button
          data-testid={`release-${name}`}
          size="xs"
          color="orange.9"
          disabled={!may("robots:release")}
          leftSection={<Icon name="release" size={14} />}
          onClick={() => setReleasing(true)}
          {...labelled(t("action.release"))}
        >
          {t("action.release")}
        </Button>
      ) : (
        <Button
          data-testid={`stop-${name}`}
          size="xs"
          variant="outline"
          color="red"
          disabled={!may("robots:stop")}
          leftSection={<Icon name="stop" size={14} />}
          onClick={() => void send({ robot: name, action: "emergency_stop" })}
          {...labelled(t("action.stop"))}
        >
          {t("action.stop")}
        </Button>
      )}
      <Button
        data-testid={`charge-${name}`}
        size="xs"
        variant="default"
        leftSection={<Icon name="charge" size={14} />}
        disabled={busy || charging || !may("robots:send")}
        onClick={() => void send({ robot: name, action: "charge" })}
        {...labelled(t("action.charge"))}
      >
        {t("action.charge")}
      </Button>
      <ReleaseDialog robot={name} opened={releasing} onClose={() => setReleasing(false)} />
    </Group>
  );
}
