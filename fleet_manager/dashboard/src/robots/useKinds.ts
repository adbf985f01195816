/** Kinds of robots by name; the live feed leaves them out because they never change. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { robotsQuery } from "../api/queries";

export function useKinds(): ReadonlyMap<string, string> {
  const { data } = useQuery(robotsQuery);
  return useMemo(() => new Map((data ?? []).map(({ name, kind }) => [name, kind])), [data]);
}
