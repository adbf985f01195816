/** What is chosen on a page, kept in its address so that it can be linked to. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { PageSearch } from "../router";

/** The value under a key of the address, and what sets it; the other keys are dropped. */
export function useChosen(key: keyof PageSearch): [string | null, (value: string | null) => void] {
  const search: PageSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const choose = useCallback(
    (value: string | null) => {
      void navigate({
        to: ".",
        search: (value === null ? {} : { [key]: value }) as never,
        replace: true,
      });
    },
    [navigate, key],
  );
  return [search[key] ?? null, choose];
}
