/** Everything the pages stand on, from the outside in. */
import { MantineProvider, createTheme } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { type ReactNode } from "react";
import { I18nProvider } from "./i18n/I18nProvider";
import { LiveProvider } from "./live/LiveProvider";
import type { LiveStore } from "./live/store";
import { SessionProvider } from "./session/SessionProvider";
import type { Me } from "./session/session";
import { ErrorBoundary } from "./ui/ErrorBoundary";

const theme = createTheme({
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", ' +
    '"Noto Sans SC", "Malgun Gothic", "Apple SD Gothic Neo", "Noto Sans KR", sans-serif',
  primaryColor: "blue",
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
});

interface Props {
  queries: QueryClient;
  /** A store that is filled by the caller instead of the live feed. */
  store?: LiveStore;
  /** Who is logged in, given by the caller instead of the manager. */
  me?: Me;
  /** `test`: without transitions. */
  environment?: "default" | "test";
  children: ReactNode;
}

export function App({ queries, store, me, environment = "default", children }: Props) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" env={environment}>
      <I18nProvider>
        <ErrorBoundary>
          <QueryClientProvider client={queries}>
            <SessionProvider {...(me ? { me } : {})}>
              <LiveProvider {...(store ? { store } : {})}>
                <Notifications position="bottom-left" limit={4} />
                {children}
              </LiveProvider>
            </SessionProvider>
          </QueryClientProvider>
        </ErrorBoundary>
      </I18nProvider>
    </MantineProvider>
  );
}
