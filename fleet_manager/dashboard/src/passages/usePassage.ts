/** A passage as the live feed tells it, and saying that it works again. */
import { useMutation } from "@tanstack/react-query";
import { restorePassage } from "../api/commands";
import type { Passage } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectPassages, useLive } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

/** Undefined for what is no passage, and until the feed has told of it. */
export function usePassage(id: string): Passage | undefined {
  return useLive(selectPassages).get(id);
}

export function useRestore(): { restore: (passage: Passage) => void; busy: boolean } {
  const { t } = useI18n();
  const { name: by } = usePerson();
  const notices = useNotices();
  const { mutate, isPending } = useMutation({
    mutationFn: ({ id }: Passage) => restorePassage(id, { by }),
    onSuccess: (_answer, { name, id }) => notices.done(t("passage.restored", { name: name || id })),
    onError: notices.failed,
  });
  return { restore: mutate, busy: isPending };
}
