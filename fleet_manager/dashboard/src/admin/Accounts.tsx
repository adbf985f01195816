/** Everybody who can log in: role, limits, sessions, and the link that leads somebody in. */
import { Badge, Button, Group, Loader, NativeSelect, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import type { Role } from "../session/session";
import { ProblemAlert, useNotices } from "../ui/problems";
import { ROLES, accountsQuery, addAccount, changeAccount, logOutEverywhere, makeLink, type Account } from "./admin";
import { Shown } from "./Shown";

interface Made {
  title: string;
  secret: string;
}

/** Commands on accounts, after which the list is read anew. */
function useAccountCommands(show: (made: Made) => void) {
  const { t, time } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const link = async (name: string) => {
    const { path, ends_s: endS } = await makeLink(name);
    show({ title: t("admin.linkMade", { name, time: time(endS) }), secret: window.location.origin + path });
  };
  const mutation = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onError: notices.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: accountsQuery.queryKey }),
  });
  return { link, busy: mutation.isPending, run: (work: () => Promise<unknown>) => mutation.mutateAsync(work).then(() => true, () => false) };
}

type Commands = ReturnType<typeof useAccountCommands>;

function Row({ account, commands }: { account: Account; commands: Commands }) {
  const { t, word } = useI18n();
  const { name, role, disabled } = account;
  const roles = ROLES.map((value) => ({ value, label: t(`role.${value}`) }));
  return (
    <li className="row admin-row" data-testid={`account-${name}`} data-disabled={disabled}>
      <div className="admin-what">
        <Text size="sm" fw={600}>
          {account.full_name || name} {disabled && <Badge size="sm" color="gray">{t("admin.disabled")}</Badge>}
        </Text>
        <Text size="xs" c="dimmed">
          {[
            account.full_name && name,
            account.kinds ? account.kinds.map((kind) => word("kind", kind)).join(", ") : t("admin.allKinds"),
            t("admin.sessions", { count: account.sessions }),
            !account.has_password && !account.by_provider && t("admin.noPassword"),
          ]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      </div>
      <NativeSelect
        size="xs"
        data-testid={`role-${name}`}
        aria-label={`${t("admin.role")}: ${name}`}
        data={roles}
        value={role}
        disabled={commands.busy}
        onChange={(event) => {
          const next = event.currentTarget.value as Role;
          void commands.run(() => changeAccount(name, { role: next }));
        }}
      />
      <Group gap={6}>
        <Button size="compact-xs" variant="default" data-testid={`link-${name}`} disabled={disabled} onClick={() => void commands.run(() => commands.link(name))}>
          {t("admin.link")}
        </Button>
        <Button size="compact-xs" variant="default" disabled={account.sessions === 0} onClick={() => void commands.run(() => logOutEverywhere(name))}>
          {t("admin.logout")}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          data-testid={`disable-${name}`}
          onClick={() => void commands.run(() => changeAccount(name, { disabled: !disabled }))}
        >
          {t(disabled ? "admin.enable" : "admin.disable")}
        </Button>
      </Group>
    </li>
  );
}

function AddForm({ commands }: { commands: Commands }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [fullName, setFullName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = { name: name.trim(), full_name: fullName.trim(), role };
    if (!wanted.name) return;
    const added = await commands.run(async () => {
      const account = await addAccount(wanted);
      await commands.link(account.name);
    });
    if (added) {
      setName("");
      setFullName("");
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Group gap="xs" align="flex-end" p="sm">
        <TextInput size="xs" data-testid="add-name" label={t("login.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput size="xs" label={t("admin.fullName")} value={fullName} onChange={(event) => setFullName(event.currentTarget.value)} />
        <NativeSelect
          size="xs"
          data-testid="add-role"
          label={t("admin.role")}
          data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        />
        <Button size="xs" type="submit" data-testid="add-submit" disabled={!name.trim()} loading={commands.busy}>
          {t("admin.add")}
        </Button>
      </Group>
    </form>
  );
}

export function Accounts() {
  const { t } = useI18n();
  const accounts = useQuery(accountsQuery);
  const [made, setMade] = useState<Made | null>(null);
  const commands = useAccountCommands(setMade);
  if (accounts.isPending) return <Loader m="md" aria-label={t("app.loading")} />;
  if (accounts.isError) return <ProblemAlert error={accounts.error} onRetry={() => void accounts.refetch()} />;
  return (
    <>
      <AddForm commands={commands} />
      {made && <Shown {...made} onClose={() => setMade(null)} />}
      <ul className="rows boxed">
        {accounts.data.map((account) => (
          <Row key={account.name} account={account} commands={commands} />
        ))}
      </ul>
    </>
  );
}
