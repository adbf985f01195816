/** Shows the pages to who is logged in, and the way in to everybody else. */
import { Box, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useMemo, useState, type ReactNode } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { PersonContext, type Person } from "../ui/Person";
import { ProblemAlert } from "../ui/problems";
import { linkOf, logInByLink, sessionQuery, type Me, type SessionState } from "./session";

const LoginPage = lazy(() => import("./LoginPage"));

interface Props {
  /** Somebody who is logged in already (tests). */
  me?: Me;
  children: ReactNode;
}

export function SessionProvider({ me, children }: Props) {
  return me ? <Known me={me}>{children}</Known> : <Asking>{children}</Asking>;
}

/** Uses up the link of the address, once, and takes it out of the history. */
function useLink(): { busy: boolean; error: unknown } {
  const queries = useQueryClient();
  const [link] = useState(() => linkOf(window.location.hash));
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: link !== null, error: null });
  useEffect(() => {
    if (link === null || linkOf(window.location.hash) === null) return;
    window.history.replaceState(null, "", "/app/");
    logInByLink(link).then(
      (session) => {
        queries.setQueryData(sessionQuery.queryKey, session);
        setState({ busy: false, error: null });
      },
      (error: unknown) => setState({ busy: false, error }),
    );
  }, [link, queries]);
  return state;
}

function Asking({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const link = useLink();
  // Asked while the link is on its way, the answer "nobody" could come after the link's.
  const session = useQuery({ ...sessionQuery, enabled: !link.busy });
  const [wasIn, setWasIn] = useState(false);
  const me = session.data?.me ?? null;
  if (me && !wasIn) setWasIn(true);
  if (link.busy) return <Waiting label={t("login.link")} />;
  if (me) return <Known me={me}>{children}</Known>;
  if (session.isError && !session.data) {
    return (
      <Box maw={480} mx="auto" p="md" mt="10vh">
        <ProblemAlert error={session.error} onRetry={() => void session.refetch()} />
      </Box>
    );
  }
  if (!session.data) return <Waiting label={t("app.loading")} />;
  return (
    <Suspense fallback={<Waiting label={t("app.loading")} />}>
      <LoginPage session={session.data} wasIn={wasIn} failed={link.error} />
    </Suspense>
  );
}

function Waiting({ label }: { label: string }) {
  return (
    <div className="login">
      <Loader aria-label={label} />
    </div>
  );
}

function Known({ me, children }: { me: Me; children: ReactNode }) {
  const person = useMemo<Person>(() => {
    const allowed = new Set(me.permissions);
    return { name: me.name, fullName: me.full_name, role: me.role, may: (permission) => allowed.has(permission) };
  }, [me]);
  return <PersonContext value={person}>{children}</PersonContext>;
}

/** Hears that the session may be over, and asks. */
export function useSessionCheck(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

export type { SessionState };
