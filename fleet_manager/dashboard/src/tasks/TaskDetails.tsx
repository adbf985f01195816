/** Why a task is as it is: who could do it, who had it, what has happened. */
import { Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { taskExplanationQuery, taskLogQuery } from "../api/queries";
import type { TaskState } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { ProblemAlert } from "../ui/problems";
import { isActive } from "./order";

export function TaskDetails({ task }: { task: TaskState }) {
  const { t, time, duration } = useI18n();
  const id = task.booking.id;
  const log = useQuery(taskLogQuery(id));
  const explanation = useQuery({ ...taskExplanationQuery(id), enabled: isActive(task.status) });
  return (
    <Stack gap="xs" className="task-details">
      {explanation.data && (
        <section>
          <Text size="xs" fw={700}>
            {t("task.explain")}
          </Text>
          <ul className="plain">
            {explanation.data.robots.map(({ robot, eligible, reason, cost_s }) => (
              <li key={robot}>
                <b>{robot}</b>{" "}
                {[
                  eligible ? t("task.eligible") : null,
                  reason,
                  cost_s === null ? null : t("task.cost", { duration: duration(cost_s) }),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <Text size="xs" fw={700}>
          {t("task.log")}
        </Text>
        {log.isPending && <Loader size="xs" aria-label={t("app.loading")} />}
        {log.isError && <ProblemAlert error={log.error} onRetry={() => void log.refetch()} />}
        <ul className="plain">
          {log.data?.log.map(({ seq, unix_millis_time, text, tier }) => (
            <li key={seq} data-tier={tier}>
              <span className="figures">{time(unix_millis_time / 1000)}</span> {text}
            </li>
          ))}
        </ul>
      </section>
    </Stack>
  );
}
