/** Who is logged in, in which language and colours they read, and the way out. */
import { ActionIcon, Button, Popover, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { Preferences } from "../layout/Preferences";
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
  const [opened, setOpened] = useState(false);
  const [changing, setChanging] = useState(false);
  const out = useMutation({
    mutationFn: logOut,
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    onError: notices.failed,
  });
  return (
    <>
      <Popover position="bottom-end" shadow="md" withinPortal trapFocus opened={opened} onChange={setOpened}>
        <Popover.Target>
          <ActionIcon
            variant="default"
            size="lg"
            data-testid="account-menu"
            aria-label={t("account.menu")}
            title={name}
            onClick={() => setOpened((now) => !now)}
          >
            <Icon name="person" />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs">
            <div>
              <Text size="sm" fw={600} data-testid="account-name">
                {fullName || name}
              </Text>
              <Text size="xs" c="dimmed">
                {[fullName && name, role && t(`role.${role}`)].filter(Boolean).join(" · ")}
              </Text>
            </div>
            <Preferences />
            <Button
              size="xs"
              variant="default"
              data-testid="account-password"
              onClick={() => {
                setOpened(false);
                setChanging(true);
              }}
            >
              {t("account.password")}
            </Button>
            <Button size="xs" variant="default" data-testid="logout" onClick={() => out.mutate()}>
              {t("account.logout")}
            </Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {changing && (
        <Suspense fallback={null}>
          <PasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
