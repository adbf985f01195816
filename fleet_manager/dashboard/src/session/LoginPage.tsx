/** The way in: name and password. */
import { Alert, Button, Code, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { Preferences } from "../layout/Preferences";
import { ProblemAlert } from "../ui/problems";
import { logIn, sessionQuery, type SessionState } from "./session";

interface Props {
  session: SessionState;
  /** Somebody was logged in here a moment ago. */
  wasIn: boolean;
  /** Why a log-in link did not lead in. */
  failed: unknown;
}

export default function LoginPage({ session, wasIn, failed }: Props) {
  const { t } = useI18n();
  return (
    <main className="login" data-testid="login">
      <Paper withBorder radius="md" p="lg" className="login-card">
        <Stack gap="md">
          <div>
            <Text fw={700}>{t("app.name")}</Text>
            <Text size="sm" c="dimmed">
              {session.site}
            </Text>
          </div>
          {session.any_accounts ? <LoginForm wasIn={wasIn} failed={failed} /> : <Nobody />}
        </Stack>
      </Paper>
      <Group gap="xs" justify="center">
        <Preferences />
      </Group>
    </main>
  );
}

function Nobody() {
  const { t } = useI18n();
  const [text, command] = t("login.nobody.remedy").split(/(?<=[:：]\s*)(?=fleet )/);
  return (
    <Alert color="blue" title={t("login.nobody")}>
      {text} <Code>{command}</Code>
    </Alert>
  );
}

function LoginForm({ wasIn, failed }: Omit<Props, "session">) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => logIn(name.trim(), password),
    onSuccess: async (session) => {
      await queries.cancelQueries({ queryKey: sessionQuery.queryKey });
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
      queries.setQueryData(sessionQuery.queryKey, session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && password) login.mutate();
  };
  const error = login.error ?? failed;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {error ? <ProblemAlert error={error} /> : wasIn && <Text size="sm">{t("login.over")}</Text>}
        <TextInput
          data-testid="login-name"
          label={t("login.name")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          data-testid="login-password"
          type="password"
          label={t("login.password")}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" data-testid="login-submit" loading={login.isPending} disabled={!name.trim() || !password}>
          {t("login.submit")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("login.lost")}
        </Text>
      </Stack>
    </form>
  );
}
