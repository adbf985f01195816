/** Machine tokens: what each may, when it was used, and a new one's secret, once. */
import { Button, Checkbox, Group, Loader, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { ProblemAlert, useNotices } from "../ui/problems";
import { makeToken, permissionsQuery, revokeToken, tokensQuery } from "./admin";
import { Shown } from "./Shown";

function NewToken({ onMade }: { onMade: (name: string, secret: string) => void }) {
  const { t } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const permissions = useQuery(permissionsQuery);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["fleet:see"]);
  const make = useMutation({
    mutationFn: () => makeToken(name.trim(), scopes),
    onSuccess: (token) => {
      onMade(token.name, token.secret);
      setName("");
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
    onError: notices.failed,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && scopes.length > 0) make.mutate();
  };
  const offered = permissions.data?.filter(({ for_machines: machines }) => machines) ?? [];
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs" p="sm">
        <TextInput size="xs" maw={320} data-testid="token-name" label={t("admin.tokenName")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox.Group label={t("admin.scopes")} size="xs" value={scopes} onChange={setScopes}>
          <Group gap="xs" mt={4}>
            {offered.map(({ permission }) => (
              <Checkbox key={permission} size="xs" value={permission} label={permission} data-testid={`scope-${permission}`} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group>
          <Button size="xs" type="submit" data-testid="token-submit" loading={make.isPending} disabled={!name.trim() || scopes.length === 0}>
            {t("admin.tokenNew")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function Tokens() {
  const { t, ago, time } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [made, setMade] = useState<{ title: string; secret: string } | null>(null);
  const revoke = useMutation({
    mutationFn: revokeToken,
    onError: notices.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  if (tokens.isPending) return <Loader m="md" aria-label={t("app.loading")} />;
  if (tokens.isError) return <ProblemAlert error={tokens.error} onRetry={() => void tokens.refetch()} />;
  return (
    <>
      <NewToken onMade={(name, secret) => setMade({ title: t("admin.tokenMade", { name }), secret })} />
      {made && <Shown {...made} onClose={() => setMade(null)} />}
      {tokens.data.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {t("admin.noTokens")}
        </Text>
      )}
      <ul className="rows boxed">
        {tokens.data.map((token) => (
          <li key={token.id} className="row admin-row" data-testid={`token-${token.name}`}>
            <div className="admin-what">
              <Text size="sm" fw={600}>
                {token.name}
              </Text>
              <Text size="xs" c="dimmed">
                {[
                  token.scopes.join(", "),
                  `${token.created_by}, ${time(token.created_s)}`,
                  token.used_s === null ? t("admin.never") : t("admin.used", { age: ago(Math.max(0, Date.now() / 1000 - token.used_s)) }),
                ].join(" · ")}
              </Text>
            </div>
            <Button size="compact-xs" variant="default" data-testid={`revoke-${token.name}`} onClick={() => revoke.mutate(token.id)}>
              {t("admin.revoke")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
