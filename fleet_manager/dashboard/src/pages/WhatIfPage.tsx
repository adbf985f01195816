/** What-if: two scenarios simulated in the background and compared. */
import { Badge, Button, Group, Loader, Progress, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { campusQuery, robotsQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { ProblemAlert, useNotices } from "../ui/problems";
import { Result } from "../whatif/Result";
import { WishForm } from "../whatif/WishForm";
import { askComparison, cancelComparison, comparisonQuery, comparisonsQuery, type Comparison } from "../whatif/whatIf";

const COLOURS = { queued: "gray", underway: "blue", completed: "teal", failed: "red", canceled: "gray" } as const;

function useCommands(onAsked: (id: string) => void) {
  const queries = useQueryClient();
  const notices = useNotices();
  const common = {
    onError: notices.failed,
    onSettled: () => void queries.invalidateQueries({ queryKey: comparisonsQuery.queryKey }),
  };
  const ask = useMutation({ mutationFn: askComparison, onSuccess: ({ id }) => onAsked(id), ...common });
  const cancel = useMutation({ mutationFn: cancelComparison, ...common });
  return { ask, cancel };
}

function Row({ comparison, opened, onOpen, onCancel }: { comparison: Comparison; opened: boolean; onOpen: () => void; onCancel: (() => void) | null }) {
  const { t, word, percent } = useI18n();
  const { id, status, progress, first, second, seeds } = comparison;
  const goesOn = status === "queued" || status === "underway";
  const whole = useQuery({ ...comparisonQuery(id), enabled: opened && !goesOn });
  return (
    <li className="row" data-testid={`comparison-${id}`} data-status={status}>
      <Group justify="space-between" gap="xs">
        <div className="admin-what">
          <Text size="sm" fw={600}>
            {t("whatIf.against", { first, second })}
          </Text>
          <Text size="xs" c="dimmed">
            {[id, t("whatIf.pairs", { seeds })].join(" · ")}
          </Text>
        </div>
        <Badge className="status" variant="light" color={COLOURS[status]}>
          {word("taskStatus", status)}
        </Badge>
        {goesOn && onCancel && (
          <Button size="compact-xs" variant="default" data-testid={`cancel-${id}`} onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        )}
        {!goesOn && status !== "canceled" && (
          <Button size="compact-xs" variant="default" aria-expanded={opened} data-testid={`show-${id}`} onClick={onOpen}>
            {t("common.details")}
          </Button>
        )}
      </Group>
      {goesOn && (
        <Group gap="xs" mt={6} wrap="nowrap">
          <Progress flex={1} value={progress * 100} aria-label={t("whatIf.progress", { percent: percent(progress) })} animated={status === "underway"} />
          <Text size="xs" className="figures">
            {percent(progress)}
          </Text>
        </Group>
      )}
      {opened && whole.isFetching && !whole.data && <Loader size="sm" aria-label={t("app.loading")} />}
      {opened && whole.isError && <ProblemAlert error={whole.error} onRetry={() => void whole.refetch()} />}
      {opened && !goesOn && whole.data && <Result comparison={whole.data} />}
    </li>
  );
}

export default function WhatIfPage() {
  const { t } = useI18n();
  const { may } = usePerson();
  const campus = useQuery(campusQuery);
  const robots = useQuery(robotsQuery);
  const comparisons = useQuery(comparisonsQuery);
  const [opened, setOpened] = useState<string | null>(null);
  const { ask, cancel } = useCommands(setOpened);
  const fleet = useMemo(() => {
    const counts: Record<string, number> = {};
    for (const { kind } of robots.data ?? []) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }, [robots.data]);
  const failed = [campus, robots, comparisons].find(({ isError, data }) => isError && !data);
  if (failed) return <ProblemAlert error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!campus.data || !robots.data || !comparisons.data) return <Loader m="md" aria-label={t("app.loading")} />;
  const mayAsk = may("what_if:run");
  return (
    <div className="page what-if">
      <h1 className="page-title">{t("nav.whatIf")}</h1>
      <Text size="sm" mb="md">
        {t("whatIf.text")}
      </Text>
      {mayAsk && <WishForm campus={campus.data} fleet={fleet} busy={ask.isPending} onAsk={(question) => ask.mutate(question)} />}
      <h2 className="part-title">{t("whatIf.comparisons")}</h2>
      {comparisons.data.length === 0 && (
        <Text c="dimmed" size="sm">
          {t("whatIf.none")}
        </Text>
      )}
      <ul className="rows boxed">
        {[...comparisons.data].reverse().map((each) => (
          <Row
            key={each.id}
            comparison={each}
            opened={opened === each.id}
            onOpen={() => setOpened(opened === each.id ? null : each.id)}
            onCancel={mayAsk ? () => cancel.mutate(each.id) : null}
          />
        ))}
      </ul>
    </div>
  );
}
