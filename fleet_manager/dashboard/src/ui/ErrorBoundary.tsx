/** Catches what a page throws, so that the rest of the frame stays usable. */
import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useI18n } from "../i18n/I18nProvider";

/** What is shown in place of a page that has failed. */
export function CrashReport({ error }: { error: unknown }) {
  const { t } = useI18n();
  return (
    <Alert color="red" title={t("crash.title")} m="md" role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t("crash.remedy")}</Text>
        <Code block>{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</Code>
        <Button variant="default" onClick={() => window.location.reload()}>
          {t("crash.reload")}
        </Button>
      </Stack>
    </Alert>
  );
}

interface State {
  error: unknown;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <CrashReport error={this.state.error} />;
  }
}
