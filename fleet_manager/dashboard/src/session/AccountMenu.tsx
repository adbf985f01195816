/** Who is logged in, with the way out. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";
import { logOut, sessionQuery } from "./session";

const PasswordDialog = lazy(() => import("./PasswordDialog"));

export function AccountMenu() {
  const { t } = useI18n();
  const { name, fullName, role } = usePerson();
  const queries = useQueryClient();
  const notices = useNotices();
  const [changing, setChanging] = useState(false);
  const out = useMutation({
    mutationFn: logOut,
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    onError: notices.failed,
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" data-testid="account-menu" aria-label={t("account.menu")} title={name}>
            <Icon name="person" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" fw={600} data-testid="account-name">
              {fullName || name}
            </Text>
            <Text size="xs">{[fullName && name, role && t(`role.${role}`)].filter(Boolean).join(" · ")}</Text>
          </Menu.Label>
          <Menu.Item data-testid="account-password" onClick={() => setChanging(true)}>
            {t("account.password")}
          </Menu.Item>
          <Menu.Item data-testid="logout" onClick={() => out.mutate()}>
            {t("account.logout")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing && (
        <Suspense fallback={null}>
          <PasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
