/** Problems as people read them: what is wrong, more about it, what to do. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { UNREACHABLE, UNREADABLE, problemOf } from "../api/client";
import type { Problem } from "../api/types";
import { useI18n, type I18n } from "../i18n/I18nProvider";

export interface ProblemWords {
  title: string;
  detail: string | null;
  remedy: string | null;
}

/** The words for a problem: this side's own from the catalogue, the manager's as it sent them. */
export function problemWords(problem: Problem, t: I18n["t"]): ProblemWords {
  if (problem.code === UNREACHABLE) {
    return {
      title: t("problem.unreachable"),
      detail: null,
      remedy: t("problem.unreachable.remedy"),
    };
  }
  if (problem.code === UNREADABLE) {
    return { title: t("problem.unreadable"), detail: null, remedy: t("problem.unreadable.remedy") };
  }
  return {
    title: problem.title,
    detail: problem.detail ?? null,
    remedy: problem.remedy ?? null,
  };
}

function ProblemBody({ words }: { words: ProblemWords }) {
  const { t } = useI18n();
  return (
    <>
      {words.detail && <Text size="sm">{words.detail}</Text>}
      {words.remedy && (
        <Text size="sm" fw={600}>
          {t("problem.remedy", { remedy: words.remedy })}
        </Text>
      )}
    </>
  );
}

/** A problem where something should have been shown, with a way to try again. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useI18n();
  const words = problemWords(problemOf(error), t);
  return (
    <Alert color="red" title={words.title} role="alert">
      <ProblemBody words={words} />
      {onRetry && (
        <Group mt="xs">
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("problem.retry")}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

/** Shows problems and successes of commands as notifications. */
export function useNotices(): { failed: (error: unknown) => void; done: (text: string) => void } {
  const { t } = useI18n();
  return {
    failed: (error) => {
      const words = problemWords(problemOf(error), t);
      notifications.show({
        color: "red",
        title: words.title,
        message: <ProblemBody words={words} />,
        autoClose: 15_000,
        role: "alert",
      });
    },
    done: (text) => {
      notifications.show({ color: "teal", message: text, autoClose: 5_000 });
    },
  };
}
