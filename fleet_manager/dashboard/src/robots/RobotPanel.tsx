/** All about the selected robot, and its buttons. */
import { ActionIcon, Alert, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { robotQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";
import { FLAG, has } from "../live/fleetView";
import { selectRobots, selectTasks, useFleetNow, useLive } from "../live/LiveProvider";
import { conditionOf } from "../map/robotLook";
import { useNaming } from "../tasks/names";
import { Battery } from "../ui/Battery";
import { Icon } from "../ui/icons";
import { ConditionBadge } from "../ui/StatusBadge";
import { RobotButtons } from "./RobotButtons";
import { WhyHere } from "./WhyHere";

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function RobotPanel({ name, onClose }: { name: string; onClose: () => void }) {
  const { t, word, ago, number } = useI18n();
  const robot = useLive(selectRobots).get(name);
  const tasks = useLive(selectTasks);
  const naming = useNaming();
  const nowS = useFleetNow();
  const { data: details } = useQuery(robotQuery(name));
  if (!robot) return null;
  const task = robot.taskId ? tasks.get(robot.taskId) : undefined;
  const stop = details?.emergency_stop;

  return (
    <Paper
      component="section"
      aria-label={t("robot.panel", { name })}
      data-testid="robot-panel"
      className="robot-panel"
      shadow="md"
      p="sm"
      withBorder
    >
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="wrap">
            <Text fw={700}>{name}</Text>
            <ConditionBadge condition={conditionOf(robot)} />
          </Group>
          <ActionIcon variant="subtle" color="gray" aria-label={t("common.close")} onClick={onClose}>
            <Icon name="close" />
          </ActionIcon>
        </Group>
        <RobotButtons robot={robot} />
        {has(robot, FLAG.emergencyStop) && stop?.latched && (stop.by || stop.reason) && (
          <Alert color="red" p="xs">
            {t("robot.stoppedBy", {
              by: stop.by || t("common.none"),
              reason: stop.reason || t("common.none"),
            })}
          </Alert>
        )}
        {details?.errors.map((error) => (
          <Alert key={error.type + error.description} color="red" p="xs" title={error.description}>
            {error.remedy && t("problem.remedy", { remedy: error.remedy })}
          </Alert>
        ))}
        <dl className="facts">
          {details && <Fact label={t("robot.kind")}>{word("kind", details.kind)}</Fact>}
          <Fact label={t("robot.battery")}>
            <Battery name={name} fraction={robot.battery} charging={has(robot, FLAG.charging)} />
          </Fact>
          <Fact label={t("robot.task")}>
            {robot.taskId
              ? (task ? `${word("category", task.category)}: ${naming(task.title)}` : robot.taskId)
              : t("robot.noTask")}
          </Fact>
          <Fact label={t("robot.speed")}>{number(robot.speedMps, 1)} m/s</Fact>
          <Fact label={t("robot.lastSeen")}>
            {robot.lastSeenS === null ? t("robot.never") : ago(Math.max(0, nowS - robot.lastSeenS))}
          </Fact>
          {details && (
            <>
              <Fact label={t("robot.mode")}>
                {details.operating_mode
                  ? word("mode", details.operating_mode)
                  : t("common.none")}
              </Fact>
              <Fact label={t("robot.home")}>{details.home}</Fact>
              <Fact label={t("robot.distance")}>{number(details.distance_m / 1000, 2)} km</Fact>
            </>
          )}
        </dl>
        <WhyHere robot={name} />
      </Stack>
    </Paper>
  );
}
