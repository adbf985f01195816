/** Closing and opening with what follows from it: notices, and one try a wish. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { addClosure, changeClosure, newIdempotencyKey, removeClosure } from "../api/commands";
import type { ClosureChange, NewClosure } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

export function useClosures(): {
  /** Resolves to true when the manager took it; failures are shown, never thrown. */
  close: (wish: NewClosure, name: string) => Promise<boolean>;
  open: (id: string) => Promise<boolean>;
  extend: (id: string, change: ClosureChange) => Promise<boolean>;
  busy: boolean;
} {
  const { t } = useI18n();
  const { name } = usePerson();
  const notices = useNotices();
  const queries = useQueryClient();
  const last = useRef<{ content: string; key: string } | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: ["restrictions"] });
  const adding = useMutation({
    mutationFn: ({ wish }: { wish: NewClosure; name: string }) => {
      const content = JSON.stringify(wish);
      if (last.current?.content !== content) last.current = { content, key: newIdempotencyKey() };
      return addClosure(wish, last.current.key);
    },
    onSuccess: (_closure, { name: what }) => {
      last.current = null;
      notices.done(t("close.done", { name: what }));
      refresh();
    },
    onError: notices.failed,
  });
  const removing = useMutation({
    mutationFn: (id: string) => removeClosure(id, name),
    onSuccess: () => {
      notices.done(t("close.opened"));
      refresh();
    },
    onError: notices.failed,
  });
  const changing = useMutation({
    mutationFn: ({ id, change }: { id: string; change: ClosureChange }) => changeClosure(id, change),
    onSuccess: () => {
      notices.done(t("extend.done"));
      refresh();
    },
    onError: notices.failed,
  });
  const settled = (work: Promise<unknown>) => work.then(() => true, () => false);
  return {
    busy: adding.isPending || removing.isPending || changing.isPending,
    close: (wish, what) => settled(adding.mutateAsync({ wish, name: what })),
    open: (id) => settled(removing.mutateAsync(id)),
    extend: (id, change) => settled(changing.mutateAsync({ id, change })),
  };
}
