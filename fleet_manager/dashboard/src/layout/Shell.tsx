/** The frame around every page: navigation, how live it is, what must always be at hand. */
import { ActionIcon, Anchor, Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useState } from "react";
import { DispatchProvider, useDispatch } from "../dispatch/DispatchProvider";
import { useI18n } from "../i18n/I18nProvider";
import { pages } from "../pages/table";
import { AccountMenu } from "../session/AccountMenu";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { StopBanner } from "../emergency/StopBanner";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { FleetMenu } from "./FleetMenu";
import { LiveBadge } from "./LiveBadge";
import { PHONE } from "./media";
import { StopAll } from "./StopAll";

const DispatchDrawer = lazy(() => import("../dispatch/DispatchDrawer"));

/** The dispatch form, fetched when it is first asked for. */
function Dispatching() {
  const { opened } = useDispatch();
  const [wanted, setWanted] = useState(false);
  if (opened && !wanted) setWanted(true);
  return <Suspense fallback={null}>{wanted && <DispatchDrawer />}</Suspense>;
}

function Navigation({ onGo }: { onGo?: () => void }) {
  const { t } = useI18n();
  const { may } = usePerson();
  return (
    <nav aria-label={t("app.navigation")} className="navigation">
      {pages.filter(({ permission }) => !permission || may(permission)).map(({ path, title, icon }) => (
        <Link
          key={path}
          to={path}
          className="nav-link"
          activeOptions={{ exact: path === "/", includeSearch: false }}
          {...(onGo ? { onClick: onGo } : {})}
        >
          <Icon name={icon} size={20} />
          <span>{t(title)}</span>
        </Link>
      ))}
    </nav>
  );
}

function PhoneMenu() {
  const { t } = useI18n();
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" withinPortal>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size="lg"
          data-testid="menu"
          aria-label={t("app.menu")}
          onClick={() => setOpened((open) => !open)}
        >
          <Icon name="menu" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Navigation onGo={() => setOpened(false)} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Header() {
  const { t } = useI18n();
  const dispatch = useDispatch();
  const phone = useMediaQuery(PHONE);
  const { may } = usePerson();
  return (
    <header className="header">
      <Group gap="sm" wrap="nowrap" miw={0}>
        {phone && <PhoneMenu />}
        <Text fw={700} className="brand wide-only">
          {t("app.name")}
        </Text>
        <LiveBadge />
      </Group>
      <Group gap="xs" wrap="nowrap">
        {may("tasks:ask") && (
          <Button
            data-testid="dispatch-open"
            className="dispatch-open"
            leftSection={<Icon name="plus" />}
            aria-label={t("dispatch.open")}
            onClick={dispatch.open}
          >
            <span className="wide-only">{t("dispatch.open")}</span>
          </Button>
        )}
        {may("robots:pause") && <FleetMenu />}
        {may("robots:stop") && <StopAll />}
        <AccountMenu />
      </Group>
    </header>
  );
}

/** The page's name stands in the browser's tab and history, and is what screen readers say first. */
function usePageTitle() {
  const { t } = useI18n();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const page = pages.find((each) => each.path === path.replace(/(.)\/$/, "$1"));
  const title = page ? `${t(page.title)} – ${t("app.name")}` : t("app.name");
  useEffect(() => {
    document.title = title;
  }, [title]);
}

export function Shell() {
  const { t } = useI18n();
  const phone = useMediaQuery(PHONE);
  usePageTitle();
  return (
    <DispatchProvider>
      <Anchor href="#content" className="skip">
        {t("app.skip")}
      </Anchor>
      <div className="shell">
        <Header />
        <StopBanner />
        <div className="body">
          {!phone && <Navigation />}
          <main id="content" className="content" tabIndex={-1}>
            <ErrorBoundary>
              <Outlet />
            </ErrorBoundary>
          </main>
        </div>
      </div>
      <Dispatching />
    </DispatchProvider>
  );
}
