/** The selected robot, kept in the page's address so that it can be linked to. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { PageSearch } from "../router";

export function useSelectedRobot(): [string | null, (robot: string | null) => void] {
  const search: PageSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const select = useCallback(
    (robot: string | null) => {
      void navigate({
        to: ".",
        search: (robot === null ? {} : { robot }) as never,
        replace: true,
      });
    },
    [navigate],
  );
  return [search.robot ?? null, select];
}
