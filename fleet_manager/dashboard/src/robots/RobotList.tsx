/** The robots as rows: name, kind, condition, battery, task. */
import { Box, Group, Text, UnstyledButton } from "@mantine/core";
import { memo, useMemo } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { FLAG, has, type LiveRobot } from "../live/fleetView";
import { selectRobots, selectTasks, useFleetNow, useLiveAtRest } from "../live/LiveProvider";
import { conditionOf } from "../map/robotLook";
import { useNaming } from "../tasks/names";
import { Battery } from "../ui/Battery";
import { ConditionBadge } from "../ui/StatusBadge";
import { RobotName } from "./RobotName";
import { useKinds } from "./useKinds";

interface RowProps {
  robot: LiveRobot;
  kind: string | undefined;
  taskTitle: string | null;
  selected: boolean;
  /** Age of the last contact, seconds; given only while the robot is silent. */
  silentS: number | null;
  onSelect: (name: string) => void;
}

const percentOf = (battery: number | null): number | null => (battery === null ? null : Math.round(battery * 100));

/** Whether a row says the same: robots that drive send a pose twice a second, which no row shows. */
function saysTheSame(one: RowProps, other: RowProps): boolean {
  const { robot: a, ...rest } = one;
  const { robot: b, ...others } = other;
  const keys = Object.keys(rest) as (keyof typeof rest)[];
  return (
    keys.every((key) => rest[key] === others[key]) &&
    a.name === b.name &&
    a.status === b.status &&
    a.flags === b.flags &&
    percentOf(a.battery) === percentOf(b.battery)
  );
}

const RobotRow = memo(function RobotRow(props: RowProps) {
  const { robot, kind, taskTitle, selected, silentS, onSelect } = props;
  const { t, ago } = useI18n();
  const naming = useNaming();
  const task = taskTitle === null ? t("robot.noTask") : naming(taskTitle);
  return (
    <UnstyledButton
      component="button"
      className="row"
      data-testid={`robot-row-${robot.name}`}
      data-status={robot.status}
      data-condition={conditionOf(robot)}
      data-paused={has(robot, FLAG.paused)}
      data-stopped={has(robot, FLAG.emergencyStop)}
      aria-pressed={selected}
      onClick={() => onSelect(robot.name)}
    >
      <Group gap={8} wrap="nowrap" justify="space-between">
        <Box miw={0} flex={1}>
          <RobotName robot={robot} kind={kind} />
          <Text size="xs" c="dimmed" truncate pl={20}>
            {silentS === null ? task : `${t("robot.lastSeen")}: ${ago(silentS)}`}
          </Text>
        </Box>
        <Group gap={8} wrap="nowrap" flex="none">
          <ConditionBadge condition={conditionOf(robot)} />
          <Battery
            name={robot.name}
            fraction={robot.battery}
            charging={has(robot, FLAG.charging)}
          />
        </Group>
      </Group>
    </UnstyledButton>
  );
}, saysTheSame);

const byName = (one: LiveRobot, other: LiveRobot) =>
  one.name.localeCompare(other.name, "en", { numeric: true });

export function RobotList({
  selected,
  onSelect,
}: {
  selected: string | null;
  onSelect: (name: string) => void;
}) {
  const { t } = useI18n();
  const robots = useLiveAtRest(selectRobots);
  const tasks = useLiveAtRest(selectTasks);
  const kinds = useKinds();
  const nowS = useFleetNow(2_000);
  const sorted = useMemo(() => [...robots.values()].sort(byName), [robots]);
  if (sorted.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        {t("robots.none")}
      </Text>
    );
  }
  return (
    <ul className="rows">
      {sorted.map((robot) => (
        <li key={robot.name}>
          <RobotRow
            robot={robot}
            kind={kinds.get(robot.name)}
            taskTitle={robot.taskId ? (tasks.get(robot.taskId)?.title ?? robot.taskId) : null}
            selected={robot.name === selected}
            silentS={
              robot.status === "offline" && robot.lastSeenS !== null
                ? Math.max(0, nowS - robot.lastSeenS)
                : null
            }
            onSelect={onSelect}
          />
        </li>
      ))}
    </ul>
  );
}
