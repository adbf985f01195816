/** The audit trail: who asked for what, when, from where, and why it was refused. */
import { Badge, Button, Code, Group, Loader, Switch, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { ProblemAlert } from "../ui/problems";
import { auditQuery, type AuditRow } from "./admin";

const TYPED_MS = 300;

function Row({ row }: { row: AuditRow }) {
  const { t, time } = useI18n();
  const refused = row.code !== "";
  return (
    <li className="row admin-row" data-testid={`audit-${row.seq}`} data-refused={refused}>
      <div className="admin-what">
        <Text size="sm">
          <strong>{row.actor || t("audit.nobody")}</strong> <Code>{`${row.method} ${row.path}`}</Code>
        </Text>
        {refused && (
          <Text size="sm" c="red">
            {row.detail}
          </Text>
        )}
        {row.body && row.body !== "{}" && (
          <Text size="xs" c="dimmed" lineClamp={2}>
            {row.body}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {[time(row.time_s), row.address, row.permission].filter(Boolean).join(" · ")}
        </Text>
      </div>
      <Badge className="status" color={refused ? "red" : "teal"} variant="light">
        {t(refused ? "audit.refused" : "audit.done")} {row.status}
      </Badge>
    </li>
  );
}

export function Audit() {
  const { t } = useI18n();
  const [actor, setActor] = useState("");
  const [typed] = useDebouncedValue(actor.trim(), TYPED_MS);
  const [refusedOnly, setRefusedOnly] = useState(false);
  const trail = useInfiniteQuery(auditQuery(typed, refusedOnly));
  const rows = trail.data?.pages.flat() ?? [];
  return (
    <>
      <Group gap="md" align="flex-end" p="sm">
        <TextInput
          size="xs"
          data-testid="audit-actor"
          label={t("audit.actor")}
          placeholder={t("audit.anybody")}
          value={actor}
          onChange={(event) => setActor(event.currentTarget.value)}
        />
        <Switch
          size="sm"
          data-testid="audit-refused"
          label={t("audit.refusedOnly")}
          checked={refusedOnly}
          onChange={(event) => setRefusedOnly(event.currentTarget.checked)}
        />
      </Group>
      {trail.isPending && <Loader m="md" aria-label={t("app.loading")} />}
      {trail.isError && <ProblemAlert error={trail.error} onRetry={() => void trail.refetch()} />}
      {trail.isSuccess && rows.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {t("audit.none")}
        </Text>
      )}
      <ul className="rows boxed">
        {rows.map((row) => (
          <Row key={row.seq} row={row} />
        ))}
      </ul>
      {trail.hasNextPage && (
        <Button size="xs" variant="default" m="sm" loading={trail.isFetchingNextPage} onClick={() => void trail.fetchNextPage()}>
          {t("audit.more")}
        </Button>
      )}
    </>
  );
}
