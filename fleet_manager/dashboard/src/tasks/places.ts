/** What a task is about, read from its description. */

/** Places, zones and assets named in a task's description, in its order, each once. */
export function placesOf(detail: unknown): string[] {
  if (typeof detail !== "object" || detail === null) return [];
  const { places, zone, assets, place } = detail as Record<string, unknown>;
  const named = [places, assets].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  const all = [...named, zone, place].filter((name): name is string => typeof name === "string");
  return [...new Set(all)];
}
