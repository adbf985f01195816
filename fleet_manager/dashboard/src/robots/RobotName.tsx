/** A robot's name with the colour of its kind, and a sign when it reports errors. */
import { Text } from "@mantine/core";
import { useI18n } from "../i18n/I18nProvider";
import { FLAG, has, type LiveRobot } from "../live/fleetView";
import { kindColour } from "../map/palette";
import { Icon } from "../ui/icons";

export function RobotName({ robot, kind }: { robot: LiveRobot; kind: string | undefined }) {
  const { t, word } = useI18n();
  return (
    <Text size="sm" fw={600} truncate>
      <span className="dot" style={{ background: kindColour(kind) }} />
      {robot.name}
      {kind && (
        <Text span size="xs" c="dimmed" fw={400}>
          {" "}
          {word("kind", kind)}
        </Text>
      )}
      {has(robot, FLAG.errors) && (
        <Text span c="orange.8" ml={6} title={t("robot.errors")} className="error-sign">
          <Icon name="alarm" size={15} role="img" aria-hidden={false} aria-label={t("robot.errors")} />
        </Text>
      )}
    </Text>
  );
}
