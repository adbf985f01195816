/** What can be told to all robots at once, other than to stop. */
import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { ReleaseDialog } from "../robots/ReleaseDialog";
import { useRobotCommands } from "../robots/useRobotCommands";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";

export function FleetMenu() {
  const { t } = useI18n();
  const { send } = useRobotCommands();
  const { may } = usePerson();
  const [releasing, setReleasing] = useState(false);
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <Button
            data-testid="fleet-menu"
            variant="default"
            className="fleet-menu"
            aria-label={t("fleet.controls")}
            leftSection={<Icon name="robot" />}
          >
            <span className="wide-only">{t("fleet.controls")}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            data-testid="pause-all"
            leftSection={<Icon name="pause" size={16} />}
            onClick={() => void send({ robot: null, action: "pause" })}
          >
            {t("fleet.pause")}
          </Menu.Item>
          <Menu.Item
            data-testid="resume-all"
            leftSection={<Icon name="play" size={16} />}
            onClick={() => void send({ robot: null, action: "resume" })}
          >
            {t("fleet.resume")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            data-testid="release-all"
            disabled={!may("robots:release")}
            leftSection={<Icon name="release" size={16} />}
            onClick={() => setReleasing(true)}
          >
            {t("fleet.release")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ReleaseDialog robot={null} opened={releasing} onClose={() => setReleasing(false)} />
    </>
  );
}
