/** Names of places, zones and assets for the ids that tasks are asked for with. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { campusQuery } from "../api/queries";

/** A text with every id in it that the map knows replaced by its name. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/[\w-]+/g, (word) => names.get(word) ?? word);
}

/** Turns ids in a text into names, as far as the map is there. */
export function useNaming(): (text: string) => string {
  const { data } = useQuery(campusQuery);
  const names = useMemo(
    () =>
      new Map(
        (data?.features ?? []).flatMap(({ id, properties }) =>
          properties.name ? [[id, properties.name] as const] : [],
        ),
      ),
    [data],
  );
  return useCallback((text: string) => withNames(text, names), [names]);
}
