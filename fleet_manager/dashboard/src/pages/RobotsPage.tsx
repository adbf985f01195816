/** All robots with everything that can be told to them. */
import { Box, Card, Group, SimpleGrid, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { FLAG, has, type LiveRobot } from "../live/fleetView";
import { selectRobots, selectTasks, useFleetNow, useLive } from "../live/LiveProvider";
import { conditionOf } from "../map/robotLook";
import { RobotButtons } from "../robots/RobotButtons";
import { RobotName } from "../robots/RobotName";
import { useKinds } from "../robots/useKinds";
import { useNaming } from "../tasks/names";
import { Battery } from "../ui/Battery";
import { Icon } from "../ui/icons";
import { ConditionBadge } from "../ui/StatusBadge";

function RobotCard({ robot, kind, nowS }: { robot: LiveRobot; kind: string | undefined; nowS: number }) {
  const { t, ago, number } = useI18n();
  const tasks = useLive(selectTasks);
  const naming = useNaming();
  const task = robot.taskId
    ? naming(tasks.get(robot.taskId)?.title ?? robot.taskId)
    : t("robot.noTask");
  const lastSeen =
    robot.lastSeenS === null ? t("robot.never") : ago(Math.max(0, nowS - robot.lastSeenS));
  return (
    <Card
      withBorder
      padding="sm"
      data-testid={`robot-row-${robot.name}`}
      data-status={robot.status}
      data-condition={conditionOf(robot)}
      data-paused={has(robot, FLAG.paused)}
      data-stopped={has(robot, FLAG.emergencyStop)}
    >
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Box miw={0} flex={1}>
          <RobotName robot={robot} kind={kind} />
        </Box>
        <Group gap={6} wrap="nowrap" flex="none">
          <ConditionBadge condition={conditionOf(robot)} />
          <Link
            to="/"
            search={{ robot: robot.name } as never}
            className="icon-link"
            aria-label={`${t("robots.showOnMap")}: ${robot.name}`}
            title={t("robots.showOnMap")}
          >
            <Icon name="map" />
          </Link>
        </Group>
      </Group>
      <Text size="sm" truncate title={task}>
        {task}
      </Text>
      <Group gap="md" my={8}>
        <Battery name={robot.name} fraction={robot.battery} charging={has(robot, FLAG.charging)} />
        <Text size="xs" c="dimmed" className="figures">
          {number(robot.speedMps, 1)} m/s
        </Text>
        <Text size="xs" c="dimmed">
          {lastSeen}
        </Text>
      </Group>
      <RobotButtons robot={robot} />
    </Card>
  );
}

export default function RobotsPage() {
  const { t } = useI18n();
  const robots = useLive(selectRobots);
  const kinds = useKinds();
  const nowS = useFleetNow(2_000);
  const [wanted, setWanted] = useState("");
  const shown = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    return [...robots.values()]
      .filter(({ name }) => name.toLowerCase().includes(text))
      .sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  }, [robots, wanted]);
  return (
    <Box className="page">
      <Group justify="space-between" mb="md">
        <Text component="h1" size="xl" fw={700}>
          {t("robots.title")}
        </Text>
        <TextInput
          aria-label={t("robots.filter")}
          placeholder={t("robots.filter")}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      </Group>
      {robots.size === 0 && <Text c="dimmed">{t("robots.none")}</Text>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3, xl: 4 }} spacing="sm">
        {shown.map((robot) => (
          <RobotCard key={robot.name} robot={robot} kind={kinds.get(robot.name)} nowS={nowS} />
        ))}
      </SimpleGrid>
    </Box>
  );
}
