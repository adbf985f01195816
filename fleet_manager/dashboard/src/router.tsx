/** The router, made from the table of pages. */
import { Alert, Loader, Text } from "@mantine/core";
import { Link, createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { useI18n } from "./i18n/I18nProvider";
import { Shell } from "./layout/Shell";
import { pages } from "./pages/table";
import { CrashReport } from "./ui/ErrorBoundary";

/** What addresses carry beside their path. */
export interface PageSearch {
  /** The selected robot. */
  robot?: string;
  /** The incident that is open. */
  incident?: string;
}

const CARRIED = ["robot", "incident"] as const;

function MissingPage() {
  const { t } = useI18n();
  return (
    <Alert title={t("page.missing")} m="md">
      <Text size="sm">{t("page.missing.remedy")}</Text>
      <Link to="/">{t("page.missing.go")}</Link>
    </Alert>
  );
}

function Pending() {
  const { t } = useI18n();
  return <Loader m="md" aria-label={t("app.loading")} />;
}

const root = createRootRoute({
  component: Shell,
  notFoundComponent: MissingPage,
  errorComponent: ({ error }) => <CrashReport error={error} />,
  validateSearch: (search: Record<string, unknown>): PageSearch =>
    Object.fromEntries(CARRIED.flatMap((key) => (typeof search[key] === "string" ? [[key, search[key]]] : []))),
});

const routes = pages.map(({ path, component }) =>
  createRoute({ getParentRoute: () => root, path, component }),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: "/app",
  defaultPendingComponent: Pending,
  defaultErrorComponent: ({ error }) => <CrashReport error={error} />,
});
